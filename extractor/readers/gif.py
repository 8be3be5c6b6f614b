"""GIF: size, comments, XMP and C2PA, before and after its frames."""

from __future__ import annotations

from extractor.containers import gif
from extractor.containers.kinds import KINDS
from extractor.embedded import Carrier, Embedded
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import read_block
from extractor.text.loose import decode_loose


def read_gif(source: ByteSource, log: Ledger) -> Embedded:
    """What a GIF says of itself: comments and XMP, before and after its frames.

    Raises `CorruptImageError` when the logical screen descriptor is cut off.
    """
    screen = gif.read_screen(source)
    reader = _Reader(source, log, screen)
    for block in gif.walk(source, screen.end, log):
        reader.read(block)
    return reader.embedded


class _Reader:
    """Turns the blocks of one file into texts."""

    __slots__ = ("_control", "_log", "_screen", "_source", "embedded")

    def __init__(self, source: ByteSource, log: Ledger, screen: gif.Screen) -> None:
        self._source = source
        self._log = log
        self._screen = screen
        self._control: gif.Block | None = None
        """The last graphic control extension, which belongs to the frame that follows it."""
        self.embedded = Embedded("gif", KINDS["gif"].mime, screen.width, screen.height)

    def read(self, block: gif.Block) -> None:
        """The next block."""
        if block.introducer == gif.FRAME:
            if self.embedded.pixel_ranges is None:
                self._read_first_frame(block)
        elif block.label == gif.GRAPHIC_CONTROL:
            self._control = block
        elif block.label == gif.COMMENT:
            data = self._joined(block.data, block.end, "gif:comment")
            if data:
                self.embedded.add("comment", "", decode_loose(data), Carrier.COMMENT)
        elif block.label == gif.APPLICATION:
            self._read_application(block)

    def _read_application(self, block: gif.Block) -> None:
        name, body = gif.application(self._source, block)
        if name == gif.XMP_ID:
            self._read_xmp(body, block.end)
        elif name == gif.C2PA_ID:
            read_block("c2pa", self._joined(body, block.end, "gif:C2PA_GIF"), self.embedded, self._log)

    def _read_xmp(self, start: int, end: int) -> None:
        most = self._log.limits.xmp_bytes + gif.XMP_TRAILER_LENGTH
        if end - start > most:
            self._log.limit("xmp_bytes", f"gif: XMP of {end - start} bytes cut")
        raw = self._source.read_at(start, min(end - start, most))
        read_block("xmp", gif.xmp_packet(raw), self.embedded, self._log)

    def _joined(self, start: int, end: int, what: str) -> bytes:
        return gif.join(self._source.read_at(start, self._log.allow_text(end - start, what)))

    def _read_first_frame(self, frame: gif.Block) -> None:
        """The first frame settles the picture's size and what a decoder needs."""
        left, top, width, height = frame.box
        # As browsers and Pillow do: the screen grows to hold its first frame.
        self.embedded.width = max(self.embedded.width, left + width)
        self.embedded.height = max(self.embedded.height, top + height)
        pieces = [frame] if self._control is None else [self._control, frame]
        ranges = [(piece.offset, piece.end - piece.offset) for piece in pieces]
        self.embedded.pixel_ranges = ((0, self._screen.end), *ranges)
