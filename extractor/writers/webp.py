"""WebP, still and animated: EXIF behind the picture and before XMP, announced in VP8X; frames byte for byte."""

from __future__ import annotations

from struct import Struct
from typing import Final

from extractor.containers import riff
from extractor.containers.tiff import after_exif_prefix
from extractor.errors import CorruptImageError, DoesNotFitError
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.files.window import windowed
from extractor.ledger import Ledger
from extractor.writers.holdings import Changes, Holding, HoldingKind, apply, check_whole, gaps, read_whole

_MOST: Final = (1 << 32) - 10
_HEADER: Final = Struct("<4sI")
_EXIF_FLAG: Final = 0x08
_XMP_FLAG: Final = 0x04
_KINDS: Final[dict[bytes, HoldingKind]] = {riff.EXIF: "exif", riff.XMP: "xmp", b"XMP\0": "xmp", riff.C2PA: "c2pa"}
_CANVAS: Final = b"VP8X"
_BODY: Final = riff.PICTURES | {b"ALPH", b"ANIM", riff.ICC, _CANVAS}


class WebpEditor:
    """One WebP."""

    container = "webp"
    most_exif = _MOST

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        """Raises `CorruptImageError` without a picture, `WriteRefusedError` for more than limits allow."""
        self._source = source
        self._log = log
        self._canvas: riff.Chunk | None = None
        self._picture: riff.Chunk | None = None
        self.holdings: list[Holding] = []
        walk = riff.RiffWalk(windowed(source), log)
        self._end = min(walk.declared, source.size)
        """Where the RIFF ends, as its header says: decoders look no further."""
        self._body_end = riff.FIRST_CHUNK
        self._is_cut = False
        for chunk in walk.chunks():
            self._is_cut = chunk.offset < self._end and chunk.end > source.size + 1
            if chunk.kind in _KINDS:
                self.holdings.append(self._holding(chunk))
            elif chunk.offset < self._end and chunk.kind in _BODY:
                self._body_end = chunk.end
                if chunk.kind == _CANVAS and self._canvas is None:
                    self._canvas = chunk
                elif chunk.kind in riff.PICTURES and self._picture is None:
                    self._picture = chunk
        check_whole(log, "webp")
        if self._picture is None:
            raise CorruptImageError("webp: no picture to write to")
        self._gaps = gaps(self.holdings, self._end, source.size) if self._body_end <= self._end else []
        self.has_trailing = bool(self._gaps)

    def _holding(self, chunk: riff.Chunk) -> Holding:
        kind = _KINDS[chunk.kind]
        ranges = ((chunk.offset, min(chunk.end, self._source.size)),)
        data = b""
        if kind != "c2pa":
            data = read_whole(self._source, chunk.data, max(0, chunk.length), "webp: a block", self._log)
        return Holding(kind, f"webp:{kind}", ranges, after_exif_prefix(data) if kind == "exif" else data)

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """See `Editor`."""
        splice = Splice(self._source)
        apply(splice, self.holdings, changes)
        # Blocks that are replaced move to the place that decoders expect, wherever they stood.
        blocks: dict[HoldingKind, bytes | None] = {"exif": changes.exif, "xmp": changes.xmp}
        for index, data in changes.replace.items():
            holding = self.holdings[index]
            splice.delete(*holding.ranges[0])
            blocks[holding.kind] = data
        if changes.is_empty:
            return splice
        for start, end in self._gaps if changes.cut_trailing else ():
            splice.delete(start, end)
        at = min(self._body_end, self._end)
        is_cut = self._is_cut or self._body_end > self._end + 1
        if is_cut and any(block is not None for block in blocks.values()):
            raise CorruptImageError("webp: a chunk is cut off, so that nothing can stand behind the picture")
        padding = b"\0" * (at % 2)
        new = padding
        if blocks["exif"] is not None:
            new += _chunk(riff.EXIF, blocks["exif"])
        if blocks["xmp"] is not None:
            new += _chunk(riff.XMP, blocks["xmp"])
        if len(new) > len(padding):
            splice.insert(at, new)
        self._announce(splice, changes, blocks)
        growth = splice.growth(self._end)
        size = self._end + growth - 8
        if size > _MOST:
            raise DoesNotFitError(f"webp: {size} bytes do not fit a RIFF file")
        splice.replace(4, 8, size.to_bytes(4, "little"))
        return splice

    def _announce(self, splice: Splice, changes: Changes, blocks: dict[HoldingKind, bytes | None]) -> None:
        """Set and clear the flags of VP8X; a simple file gets one if there is something to announce."""
        gone = changes.drop | changes.replace.keys()
        stays = {holding.kind for index, holding in enumerate(self.holdings) if index not in gone}
        flags = 0
        for kind, flag in (("exif", _EXIF_FLAG), ("xmp", _XMP_FLAG)):
            if blocks[kind] is not None or kind in stays:  # type: ignore[index]
                flags |= flag
        if self._canvas is not None:
            old = self._source.read_at(self._canvas.data, 1)
            if old:
                new = old[0] & ~(_EXIF_FLAG | _XMP_FLAG) | flags
                splice.replace(self._canvas.data, self._canvas.data + 1, bytes((new,)))
        elif flags and self._picture is not None:
            head = self._source.read_at(self._picture.data, riff.PICTURE_HEAD)
            picture = riff.parse_picture(self._picture.kind, head)
            if picture is None or not (picture.width and picture.height):
                raise CorruptImageError("webp: the picture's header tells no size")
            canvas = bytes((flags | (riff.VP8X_ALPHA if picture.has_alpha else 0), 0, 0, 0))
            canvas += (picture.width - 1).to_bytes(3, "little") + (picture.height - 1).to_bytes(3, "little")
            splice.insert(riff.FIRST_CHUNK, _chunk(_CANVAS, canvas))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return _HEADER.pack(kind, len(data)) + data + b"\0" * (len(data) % 2)
