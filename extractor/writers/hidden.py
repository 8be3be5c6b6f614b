"""Data hidden in the lowest bits of the pixels: found, reported, and on demand cleared, which re-encodes them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from extractor.containers import png
from extractor.embedded import Embedded
from extractor.errors import ExtractorError
from extractor.files.bytesource import ByteSource, BytesSource
from extractor.files.pieces import RangesStream
from extractor.files.splice import Splice
from extractor.files.window import Window
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.registry import read_embedded
from extractor.writers.report import WriteReport

if TYPE_CHECKING:
    from PIL import Image

_COLOUR_TYPES: Final = {"L": 0, "RGB": 2, "LA": 4, "RGBA": 6}
"""Pillow mode -> colour type of the PNG it is saved as."""
_OPAQUE: Final = 128


def clear_hidden(
    source: ByteSource, splice: Splice, report: WriteReport, limits: Limits, *, colours: bool, reencode: bool
) -> None:
    """Report data hidden in alpha, and with `colours` in the colours; with `reencode`, clear it in the result."""
    log = Ledger(limits)
    try:
        embedded = read_embedded(source, log)
    except ExtractorError:
        return
    if not colours and not embedded.has_alpha:
        return
    image, channels = _hidden(source, embedded, log, colours=colours)
    is_cleared = reencode and image is not None and _is_plain(source, image, limits)
    for channel in channels:
        place = f"{embedded.container}:stealth-{channel}"
        if is_cleared:
            report.removed.append(place)
        else:
            report.kept.append(f"{place} (in the pixels; only re-encoding takes it out, of plain 8-bit PNG files)")
    if is_cleared and image is not None and channels:
        _reencode(source, splice, image, channels, limits)


def _hidden(
    source: ByteSource, embedded: Embedded, log: Ledger, *, colours: bool
) -> tuple[Image.Image | None, list[str]]:
    """(decoded picture, channels in which a text is hidden)."""
    from extractor.pixels.decoder import PixelsError, decode
    from extractor.pixels.read import StealthMode, read_hidden

    ranges = embedded.pixel_ranges or ()
    if embedded.container == "jpeg" or sum(length for _, length in ranges) > log.limits.decode_bytes:
        return None, []
    size = embedded.width, embedded.height
    try:
        stream = RangesStream(source, ranges)
        decoded = decode(stream, embedded.container, size, embedded.orientation, None, log, log.limits)  # type: ignore[arg-type]
    except PixelsError:
        return None, []
    mode = StealthMode.ALL if colours else StealthMode.ALPHA
    return decoded.image, [found.channel for found in read_hidden(decoded.image, mode, log, log.limits)]


def _is_plain(source: ByteSource, image: Image.Image, limits: Limits) -> bool:
    """Whether the file is a still PNG that Pillow saves as it was: 8 bits, the same colour type."""
    if source.read_at(0, 8) != png.SIGNATURE:
        return False
    window = Window(source)
    for chunk in png.walk(window, Ledger(limits)):
        if chunk.kind == b"acTL":
            return False
        if chunk.kind == b"IHDR":
            header = png.parse_header(window.peek(chunk.data, png.IHDR_LENGTH))
            if header is None or (header.depth, header.colour_type) != (8, _COLOUR_TYPES.get(image.mode)):
                return False
    return True


def _reencode(source: ByteSource, splice: Splice, image: Image.Image, channels: list[str], limits: Limits) -> None:
    """Put the picture with cleared bits in the place of the file's pixel data; all other chunks stay."""
    import numpy as np
    from PIL import Image as pillow  # noqa: N813

    samples = np.array(image)
    if "alpha" in channels:
        alpha = samples[..., -1]
        samples[..., -1] = np.where(alpha >= _OPAQUE, alpha | 1, alpha & 0xFE)
    if "rgb" in channels:
        samples[..., :3] &= 0xFE
    stream = io.BytesIO()
    pillow.fromarray(samples, image.mode).save(stream, "PNG")
    encoded = stream.getvalue()
    new: dict[bytes, bytes] = {}
    for chunk in png.walk(Window(BytesSource(encoded)), Ledger(limits)):
        new[chunk.kind] = new.get(chunk.kind, b"") + encoded[chunk.offset : chunk.end]
    for chunk in png.walk(Window(source), Ledger(limits)):
        if chunk.kind in (b"IHDR", png.PIXELS):
            splice.replace(chunk.offset, min(chunk.end, source.size), new.pop(chunk.kind, b""))
