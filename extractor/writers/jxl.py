"""JPEG XL: EXIF and XMP in boxes before the codestream; a bare codestream is put into a box of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extractor.containers.bmff import Box, BoxWalker, make_box
from extractor.containers.jxlheader import MAGIC
from extractor.containers.tiff import after_exif_prefix, find_tiff
from extractor.errors import CorruptImageError, WriteRefusedError
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.ledger import Ledger
from extractor.readers.inflate import inflate_brotli
from extractor.writers.holdings import Changes, Holding, HoldingKind, apply, check_whole, read_whole

_SIGNATURE: Final = b"\0\0\0\x0cJXL \r\n\x87\n"
_FILE_TYPE: Final = make_box(b"ftyp", b"jxl \0\0\0\0jxl ")
_KINDS: Final[dict[bytes, HoldingKind]] = {b"Exif": "exif", b"xml ": "xmp", b"jumb": "c2pa"}
_CODESTREAM: Final = (b"jxlc", b"jxlp")
_RECONSTRUCTION: Final = b"jbrd"
_STORE: Final = b"jumdc2pa"
_MOST: Final = (1 << 32) - 16


class JxlEditor:
    """One JPEG XL."""

    container = "jxl"
    most_exif = _MOST
    has_trailing = False

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        """Raises `CorruptImageError` without a codestream, `WriteRefusedError` for more than limits allow."""
        self._source = source
        self._log = log
        self.holdings: list[Holding] = []
        self._is_bare = source.read_at(0, len(MAGIC)) == MAGIC
        self._place = 0 if self._is_bare else -1
        self._has_reconstruction = False
        if not self._is_bare:
            self._walk()
        check_whole(log, "jxl")
        if self._place < 0:
            raise CorruptImageError("jxl: no codestream to write to")

    def _walk(self) -> None:
        for offset, box in _with_offsets(self._source, self._log):
            if box.kind in _CODESTREAM and self._place < 0:
                self._place = offset
            self._has_reconstruction = self._has_reconstruction or box.kind == _RECONSTRUCTION
            holding = self._holding(offset, box)
            if holding is not None:
                self.holdings.append(holding)

    def _holding(self, offset: int, box: Box) -> Holding | None:
        kind, start = box.kind, box.start
        is_compressed = kind == b"brob"
        if is_compressed:
            kind, start = self._source.read_at(start, 4), start + 4
        if kind not in _KINDS:
            return None
        data = read_whole(self._source, start, max(0, box.end - start), "jxl: a box", self._log)
        if is_compressed:
            data = inflate_brotli(data, "jxl: a box", self._log)
        if kind == b"jumb" and not data.startswith(_STORE, 4):
            return None
        if kind == b"Exif":
            at, _ = find_tiff(data)
            data = b"" if at is None else after_exif_prefix(data[at:])
        return Holding(_KINDS[kind], f"jxl:{_KINDS[kind]}", ((offset, box.end),), data)

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """See `Editor`. Raises `WriteRefusedError` for a file out of which a JPEG with other EXIF can be made again."""
        touched = changes.drop | changes.replace.keys()
        if self._has_reconstruction and any(self.holdings[index].kind in ("exif", "xmp") for index in touched):
            raise WriteRefusedError("jxl: the JPEG that can be made of this file needs its EXIF and XMP as they are")
        splice = Splice(self._source)
        apply(splice, self.holdings, changes)
        for index, data in changes.replace.items():
            splice.replace(*self.holdings[index].ranges[0], _box(self.holdings[index].kind, data))
        new = [
            _box(kind, data)
            for kind, data in (("exif", changes.exif), ("xmp", changes.xmp))
            if data is not None
        ]  # fmt: skip
        if self._is_bare and new:
            # A size of 0 says that the last box goes on to the end, however long that is.
            new = [_SIGNATURE, _FILE_TYPE, *new, b"\0\0\0\0jxlc"]
        for box in new:
            splice.insert(self._place, box)
        return splice


def _with_offsets(source: ByteSource, log: Ledger) -> Iterator[tuple[int, Box]]:
    """Each box with the offset of its header: where the one before it ends."""
    offset = 0
    for box in BoxWalker(source, log, "jxl").walk(0, source.size):
        yield offset, box
        offset = box.end


def _box(kind: str, data: bytes) -> bytes:
    return make_box(b"Exif", bytes(4) + data) if kind == "exif" else make_box(b"xml ", data)
