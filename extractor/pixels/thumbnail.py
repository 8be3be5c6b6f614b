"""A small WebP of a picture, to be looked at: upright, at most so long on its longer side."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import BinaryIO, Final

import numpy as np
from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import KIB, Limits
from extractor.pixels.bands import PillowRows
from extractor.pixels.canvas import Size, turn_of
from extractor.pixels.decoder import Decoded, PixelsError, decode, pillow_errors
from extractor.pixels.scaling import Thumbnail

_QUALITY: Final = 75
_METHOD: Final = 0
"""4.5 ms at 384 pixels; method 4 takes 25 ms for a tenth less."""
_SIXTEEN_BITS: Final = ("I;16", "I;16L", "I;16B")
_LARGEST_PROFILE: Final = 4 * KIB
"""Bytes of a colour profile that goes along."""
_COLOURS: Final = ("RGB", "RGBA", "RGBX")


def thumbnail(
    stream: BinaryIO, container: str, size: Size, orientation: int, edge: int, log: Ledger, limits: Limits
) -> bytes | None:
    """Decode a picture and make it small. None with a warning where its pixels cannot be had.

    The arguments are those of `extractor.pixels.read.read_pixels`; `edge` is in pixels.
    """
    try:
        return small(decode(stream, container, size, orientation, None, log, limits, least=(edge, edge)), edge, log)
    except PixelsError:
        return None


def fill(thumbnail: Thumbnail, decoded: Decoded) -> None:
    """Make a thumbnail of what was decoded for something else; it costs nothing else when that fails."""
    with suppress(PixelsError):
        thumbnail.data = small(decoded, thumbnail.edge, Ledger())


def small(decoded: Decoded, edge: int, log: Ledger) -> bytes:
    """The thumbnail of a decoded picture. Raises `PixelsError`."""
    image = decoded.image
    with pillow_errors(log):
        plain = _plain(decoded, log)
        factor = max(1, min(plain.size) // edge, max(plain.size) // (2 * edge))
        if factor > 1:
            plain = plain.reduce(factor)
        plain.thumbnail((edge, edge), Image.Resampling.BILINEAR, reducing_gap=None)
        upright = Image.fromarray(np.ascontiguousarray(turn_of(decoded.orientation).applied(np.asarray(plain))))
        profile = image.info.get("icc_profile")
        keeps = image.mode in _COLOURS and isinstance(profile, bytes) and len(profile) <= _LARGEST_PROFILE
        target = io.BytesIO()
        upright.save(target, "WEBP", quality=_QUALITY, method=_METHOD, icc_profile=profile if keeps else b"")
    return target.getvalue()


def _plain(decoded: Decoded, log: Ledger) -> Image.Image:
    """The picture as RGB, or RGBA where it is transparent."""
    image = decoded.image
    if image.mode in _SIXTEEN_BITS:
        rows = PillowRows(decoded, log)
        pixels = rows.straight(0, rows.height).reshape(rows.height, rows.width, 4)
        return Image.fromarray(pixels if rows.has_alpha else np.ascontiguousarray(pixels[:, :, :3]))
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
