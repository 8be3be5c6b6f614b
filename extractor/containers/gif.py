"""GIF87a and GIF89a: a walk over the blocks. Facts: the GIF89a specification; XMP part 3, section 1.1.2."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger

EXTENSION, FRAME, TRAILER = b"!,;"
GRAPHIC_CONTROL: Final = 0xF9
COMMENT: Final = 0xFE
APPLICATION: Final = 0xFF
XMP_ID: Final = b"XMP DataXMP"
C2PA_ID: Final = b"C2PA_GIF\x01\x00\x00"

_SCREEN: Final = Struct("<6xHHBxx")
_IMAGE: Final = Struct("<xHHHHB")
_COLOR_TABLE: Final = 0x80
_ID_LENGTH: Final = 11
_XMP_MAGIC_TRAILER: Final = b"\x01\xff\xfe\xfd\xfc"
XMP_TRAILER_LENGTH: Final = 258
"""Bytes behind an XMP packet that lead any sub-block reader to the end."""
_FIRST_WINDOW: Final = 1 << 9
_WINDOW: Final = 1 << 16


class Screen(NamedTuple):
    """The logical screen descriptor."""

    width: int
    height: int
    end: int
    """Where the first block begins, behind the global colour table."""


class Block(NamedTuple):
    """One extension, frame or trailer."""

    introducer: int
    label: int
    """Of an extension; 0 for anything else."""
    offset: int
    end: int
    """Where the next block begins."""
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Left, top, width and height of a frame."""

    @property
    def data(self) -> int:
        """Offset of the first sub-block of an extension."""
        return self.offset + 2


def read_screen(source: ByteSource) -> Screen:
    """The head of the file. Raises `CorruptImageError` when it is cut off."""
    header = source.read_at(0, _SCREEN.size)
    if len(header) < _SCREEN.size:
        raise CorruptImageError("gif: ends within its logical screen descriptor")
    width, height, flags = _SCREEN.unpack(header)
    return Screen(width, height, _SCREEN.size + _table_size(flags))


def _table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & _COLOR_TABLE else 0


def walk(source: ByteSource, position: int, log: Ledger) -> Iterator[Block]:
    """The blocks from `position` to the trailer. What cannot be gone on from ends the walk with a warning."""
    chains = _Chains(source, log)
    for _ in range(log.limits.chunks):
        head = source.read_at(position, _IMAGE.size)
        if not head:
            log.add("truncated", "gif: ends without its trailer")
            return
        introducer = head[0]
        if introducer == TRAILER:
            yield Block(TRAILER, 0, position, position + 1)
            return
        if introducer == EXTENSION:
            end, complete = chains.skip(position + 2)
            yield Block(EXTENSION, head[1] if len(head) > 1 else 0, position, end)
        elif introducer == FRAME:
            if len(head) < _IMAGE.size:
                log.add("truncated", "gif: ends within an image descriptor")
                return
            *box, flags = _IMAGE.unpack(head)
            end, complete = chains.skip(position + _IMAGE.size + _table_size(flags) + 1)
            yield Block(FRAME, 0, position, end, (box[0], box[1], box[2], box[3]))
        else:
            end, complete = _padding(source, position, log)
        if not complete:
            return
        position = end
    log.limit("chunks", "gif: blocks left unread")


def _padding(source: ByteSource, start: int, log: Ledger) -> tuple[int, bool]:
    """The offset after zeros (a doubled block terminator), True; False, with a warning, at anything else."""
    budget = log.limits.junk_bytes
    position, end = start, min(source.size, start + budget)
    while position < end:
        window = source.read_at(position, min(_WINDOW, end - position))
        rest = window.lstrip(b"\0")
        position += len(window) - len(rest)
        if rest or not window:
            break
    if position == start:
        log.add("container-invalid", "gif: an unknown kind of block; what follows is not read")
        return position, False
    if position - start == budget:
        log.limit("junk_bytes", "gif: padding between blocks; what follows is not read")
        return position, False
    return position, True


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


def application(source: ByteSource, block: Block) -> tuple[bytes, int]:
    """(identifier and authentication code, offset of the sub-blocks that follow) of an application extension."""
    start = block.data + 1
    name = source.read_at(start, _ID_LENGTH)
    return name, start + len(name)


def join(chain: bytes) -> bytes:
    """The data of a chain of sub-blocks, without their length bytes."""
    parts = []
    position = 0
    while position < len(chain) and chain[position]:
        following = position + 1 + chain[position]
        parts.append(chain[position + 1 : following])
        position = following
    return b"".join(parts)


def xmp_packet(raw: bytes) -> bytes:
    """The packet in an XMP extension: as it stands, before the trailer; or, by mistake, in sub-blocks."""
    if not raw.startswith((b"<", b"\xef\xbb\xbf")):
        raw = join(raw)
    cut = raw.rfind(_XMP_MAGIC_TRAILER)
    return raw[:cut] if cut >= 0 else raw
