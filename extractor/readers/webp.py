"""WebP: size, alpha, EXIF, XMP and C2PA, in whichever chunks they stand."""

from __future__ import annotations

from typing import Final

from extractor.containers import riff
from extractor.containers.kinds import KINDS
from extractor.embedded import Embedded
from extractor.files.bytesource import ByteSource
from extractor.files.window import windowed
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block

_BLOCKS: Final[dict[bytes, BlockKind]] = {riff.EXIF: "exif", riff.XMP: "xmp", b"XMP\0": "xmp", riff.C2PA: "c2pa"}
"""Chunk that is read whole -> what it holds."""
_HEADERS: Final = riff.BITSTREAMS | {b"VP8X"}


def read_webp(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a WebP holds but its pixels. A cut or damaged file gives what is readable, with warnings."""
    window = windowed(source)
    walk = riff.RiffWalk(window, log)
    embedded = Embedded("webp", KINDS["webp"].mime)
    has_picture = has_canvas = False
    for chunk in walk.chunks():
        kind = chunk.kind
        has_picture = has_picture or kind in riff.PICTURES
        if kind in _BLOCKS:
            length = log.allow_text(chunk.length, f"webp: {kind.decode()}")
            read_block(_BLOCKS[kind], window.read_at(chunk.data, length), embedded, log)
        elif kind == b"ALPH":
            embedded.has_alpha = True
        elif kind in _HEADERS:
            picture = riff.parse_picture(kind, window.read_at(chunk.data, min(chunk.length, riff.PICTURE_HEAD)))
            is_canvas = kind == b"VP8X"
            if picture is None or (is_canvas and has_canvas):
                continue
            has_canvas = has_canvas or is_canvas
            embedded.has_alpha |= picture.has_alpha
            if is_canvas or not embedded.width:  # without a canvas, the first picture gives the size
                embedded.width, embedded.height = picture.width, picture.height
    if has_picture and walk.is_whole:
        embedded.pixel_ranges = ((0, max(min(window.size, walk.declared), riff.FIRST_CHUNK)),)
    return embedded
