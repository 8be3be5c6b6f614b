"""GIF87a and GIF89a: size, comments, XMP. Facts: the GIF89a specification; XMP part 3, section 1.1.2."""

from __future__ import annotations

from struct import Struct
from typing import Final

from extractor.embedded import Carrier, Embedded
from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.budget import TextBudget
from extractor.text.loose import decode_loose

_SCREEN: Final = Struct("<6xHHBxx")
_IMAGE: Final = Struct("<xHHHHB")
_COLOR_TABLE: Final = 0x80
_EXTENSION, _FRAME, _TRAILER = b"!,;"
_GRAPHIC_CONTROL: Final = 0xF9
_COMMENT: Final = 0xFE
_APPLICATION: Final = 0xFF
_XMP_ID: Final = b"XMP DataXMP"
_C2PA_ID: Final = b"C2PA_GIF\x01\x00\x00"
_XMP_MAGIC_TRAILER: Final = b"\x01\xff\xfe\xfd\xfc"
_FIRST_WINDOW: Final = 1 << 9
_WINDOW: Final = 1 << 16


def read_gif(source: ByteSource, log: Ledger) -> Embedded:
    """What a GIF says of itself: comments and XMP, before and after its frames.

    Raises `CorruptImageError` when the logical screen descriptor is cut off.
    """
    header = source.read_at(0, _SCREEN.size)
    if len(header) < _SCREEN.size:
        raise CorruptImageError("gif: ends within its logical screen descriptor")
    width, height, flags = _SCREEN.unpack(header)
    return _GifWalk(source, log, Embedded("gif", "image/gif", width, height)).walk(_SCREEN.size + _table_size(flags))


def _table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & _COLOR_TABLE else 0


class _GifWalk:
    """One pass over the blocks of one file."""

    def __init__(self, source: ByteSource, log: Ledger, embedded: Embedded) -> None:
        self.source = source
        self.log = log
        self.embedded = embedded
        self.chains = _Chains(source, log)
        self.texts = TextBudget(log)
        self.control: tuple[int, int] | None = None
        """Range of the last graphic control extension, which belongs to the frame that follows it."""

    def walk(self, position: int) -> Embedded:
        """Read every block from `position` to the trailer."""
        first = position
        for _ in range(self.log.limits.chunks):
            head = self.source.read_at(position, _IMAGE.size)
            if not head:
                self.log.add("truncated", "gif: ends without its trailer")
                return self.embedded
            if head[0] == _TRAILER:
                return self.embedded
            if head[0] == _EXTENSION:
                after = self._extension(position, head)
            elif head[0] == _FRAME:
                after = self._frame(position, head, first)
            else:
                after = self._padding(position)
            if after is None:
                return self.embedded
            position = after
        self.log.limit("chunks", "gif: blocks left unread")
        return self.embedded

    def _extension(self, position: int, head: bytes) -> int | None:
        """Read one extension; the offset after it, or None when there is nothing to go on with."""
        start = position + 2
        label = head[1] if len(head) > 1 else 0
        end, complete = self.chains.skip(start)
        if label == _GRAPHIC_CONTROL:
            self.control = (position, end - position)
        elif label == _COMMENT:
            self._comment(start, end)
        elif label == _APPLICATION:
            self._application(start, end)
        return end if complete else None

    def _comment(self, start: int, end: int) -> None:
        data = self._chain_data(start, end, "gif:comment")
        if data:
            self.embedded.add("comment", "", decode_loose(data), Carrier.COMMENT)

    def _application(self, start: int, end: int) -> None:
        name = self.source.read_at(start + 1, 11)
        body = start + 1 + len(name)
        if name == _XMP_ID:
            self._xmp(body, end)
        elif name == _C2PA_ID:
            from extractor.readers.blocks.c2pa import add_c2pa

            add_c2pa(self._chain_data(body, end, "gif:C2PA_GIF"), self.embedded, self.log)

    def _xmp(self, start: int, end: int) -> None:
        """The packet stands as it is, followed by 258 bytes that lead any sub-block reader to the end."""
        from extractor.readers.blocks.xmp import read_xmp

        limit = self.log.limits.xmp_bytes
        if end - start > limit + 258:
            self.log.limit("xmp_bytes", f"gif: XMP of {end - start} bytes cut")
        raw = self.source.read_at(start, min(end - start, limit + 258))
        if not raw.startswith((b"<", b"\xef\xbb\xbf")):
            raw = _joined(raw)
        cut = raw.rfind(_XMP_MAGIC_TRAILER)
        read_xmp(raw[:cut] if cut >= 0 else raw, self.embedded, self.log)

    def _chain_data(self, start: int, end: int, what: str) -> bytes:
        return _joined(self.source.read_at(start, self.texts.allow(end - start, what)))

    def _frame(self, position: int, head: bytes, tables_end: int) -> int | None:
        """Step over one frame; the first one settles the picture's size and what a decoder needs."""
        if len(head) < _IMAGE.size:
            self.log.add("truncated", "gif: ends within an image descriptor")
            return None
        left, top, width, height, flags = _IMAGE.unpack(head)
        end, complete = self.chains.skip(position + _IMAGE.size + _table_size(flags) + 1)
        if self.embedded.pixel_ranges is None:
            # As browsers and Pillow do: the screen grows to hold its first frame.
            self.embedded.width = max(self.embedded.width, left + width)
            self.embedded.height = max(self.embedded.height, top + height)
            frame = (position, end - position)
            pieces = [(0, tables_end), frame] if self.control is None else [(0, tables_end), self.control, frame]
            self.embedded.pixel_ranges = tuple(pieces)
        return end if complete else None

    def _padding(self, position: int) -> int | None:
        """Pass over zeros (a doubled block terminator); None at anything else."""
        budget = self.log.limits.junk_bytes
        end = min(self.source.size, position + budget)
        start = position
        while position < end:
            window = self.source.read_at(position, min(_WINDOW, end - position))
            rest = window.lstrip(b"\0")
            position += len(window) - len(rest)
            if rest or not window:
                break
        if position == start:
            self.log.add("container-invalid", "gif: an unknown kind of block; what follows is not read")
            return None
        if position - start == budget:
            self.log.limit("junk_bytes", "gif: padding between blocks; what follows is not read")
            return None
        return position


class _Chains:
    """Steps over chains of sub-blocks, each a length byte and that many bytes, ended by an empty one."""

    __slots__ = ("_bytes_left", "_log", "_source", "_steps_left")

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        self._source = source
        self._log = log
        self._bytes_left = log.limits.skip_bytes
        self._steps_left = log.limits.sub_blocks

    def skip(self, position: int) -> tuple[int, bool]:
        """The offset after the chain, True; or where the file or a budget ended (with a warning), False."""
        wanted = _FIRST_WINDOW
        while window := self._source.read_at(position, wanted):
            wanted = _WINDOW
            at, ended = self._step(window)
            position += at
            if ended:
                return position, True
            self._bytes_left -= len(window)
            if self._bytes_left < 0:
                self._log.limit("skip_bytes", "gif: frame data; what follows is not read")
                return position, False
            if self._steps_left < 0:
                self._log.limit("sub_blocks", "gif: frame data; what follows is not read")
                return position, False
        self._log.add("truncated", "gif: ends within a block")
        return self._source.size, False

    def _step(self, window: bytes) -> tuple[int, bool]:
        """How far the chain goes in (or out of) this window, and whether its end was met."""
        at = 0
        while at < len(window):
            length = window[at]
            if length == 0:
                return at + 1, True
            if length == 255:
                run = window[at::256]
                at += 256 * (len(run) - len(run.lstrip(b"\xff")))
            else:
                at += 1 + length
            self._steps_left -= 1
        return at, False


def _joined(raw: bytes) -> bytes:
    """The data of a chain of sub-blocks, without their length bytes."""
    parts = []
    position = 0
    while position < len(raw) and raw[position]:
        following = position + 1 + raw[position]
        parts.append(raw[position + 1 : following])
        position = following
    return b"".join(parts)
