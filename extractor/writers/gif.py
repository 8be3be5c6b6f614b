"""GIF: a comment extension before the first frame; frames and all other blocks byte for byte."""

from __future__ import annotations

from typing import Final

from extractor.containers import gif
from extractor.errors import WriteRefusedError
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.ledger import Ledger
from extractor.text.loose import decode_loose
from extractor.writers.holdings import Changes, Holding, apply, check_whole, read_whole

_SUB_BLOCK: Final = 255
_VERSION: Final = 3, 6
"""Where in the header the version stands; extensions came with 89a."""
_XMP_TRAILER: Final = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


class GifEditor:
    """One GIF."""

    container = "gif"
    most_exif = 0

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        """Raises `CorruptImageError` without a header, `WriteRefusedError` for more than limits allow."""
        self._source = source
        self._log = log
        self.holdings: list[Holding] = []
        screen = gif.read_screen(source)
        self._place = end = screen.end
        leading, has_trailer = True, False
        for block in gif.walk(source, screen.end, log):
            is_application = block.introducer == gif.EXTENSION and block.label == gif.APPLICATION
            if leading and is_application:
                self._place = block.end
            leading = leading and is_application
            has_trailer = block.introducer == gif.TRAILER
            end = block.end
            holding = self._holding(block) if block.introducer == gif.EXTENSION else None
            if holding is not None:
                self.holdings.append(holding)
        check_whole(log, "gif")
        self._end = end
        self.has_trailing = has_trailer and end < source.size

    def _holding(self, block: gif.Block) -> Holding | None:
        ranges = ((block.offset, block.end),)
        if block.label == gif.COMMENT:
            data = gif.join(self._read(block.data, block.end))
            return Holding("text", "gif:comment", ranges, data, value=decode_loose(data))
        if block.label != gif.APPLICATION:
            return None
        name, body = gif.application(self._source, block)
        if name == gif.C2PA_ID:
            return Holding("c2pa", "gif:c2pa", ranges)
        if name == gif.XMP_ID:
            return Holding("xmp", "gif:xmp", ranges, gif.xmp_packet(self._read(body, block.end)))
        return None

    def _read(self, start: int, end: int) -> bytes:
        return read_whole(self._source, start, max(0, end - start), "gif: a text", self._log)

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """See `Editor`."""
        if changes.exif is not None:
            raise WriteRefusedError("gif: there is no place for EXIF")
        splice = Splice(self._source)
        apply(splice, self.holdings, changes)
        new = [_comment(text) for _, text in changes.texts]
        for index, data in changes.replace.items():
            splice.replace(*self.holdings[index].ranges[0], _xmp(data))
        if changes.xmp is not None:
            new.append(_xmp(changes.xmp))
        for block in new:
            splice.insert(self._place, block)
        if new:
            splice.replace(*_VERSION, b"89a")
        if changes.cut_trailing:
            splice.delete(self._end, self._source.size)
        return splice


def _comment(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    pieces = [data[at : at + _SUB_BLOCK] for at in range(0, len(data), _SUB_BLOCK)]
    chain = b"".join(bytes((len(piece),)) + piece for piece in pieces)
    return bytes((gif.EXTENSION, gif.COMMENT)) + chain + b"\0"


def _xmp(packet: bytes) -> bytes:
    head = bytes((gif.EXTENSION, gif.APPLICATION, len(gif.XMP_ID)))
    return head + gif.XMP_ID + packet + _XMP_TRAILER
