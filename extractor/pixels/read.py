"""Everything that is read from a picture's pixels: its BlurHash and the texts hidden in them, decoded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels import bilinear, blurhash, mipmap
from extractor.pixels.bands import PillowRows
from extractor.pixels.canvas import Size, canvas_size
from extractor.pixels.decoder import Decoded, Hidden, PixelsError, check_shape, decode, pillow_errors, premultiplying_of
from extractor.pixels.png import PngRows, decode_rows
from extractor.pixels.scaling import DEFAULT_SCALING, Scaling, Thumbnail
from extractor.pixels.stealth import PillowBits, StealthMode, StealthText, read_stealth
from extractor.pixels.thumbnail import fill

__all__ = ["Pixels", "StealthMode", "StealthText", "hash_image", "read_hidden", "read_pixels"]


@dataclass(frozen=True, slots=True)
class Pixels:
    """What the pixels gave."""

    hash: str | None
    """BlurHash of 4 x 4 components, 36 characters. None: none could be made, a warning says why."""
    stealth: tuple[StealthText, ...]
    """Texts hidden in the least significant bits."""


def read_pixels(
    stream: BinaryIO,
    container: str,
    *,
    width: int,
    height: int,
    orientation: int,
    scaling: Scaling | None = DEFAULT_SCALING,
    stealth: StealthMode,
    log: Ledger,
    limits: Limits,
    thumbnail: Thumbnail | None = None,
) -> Pixels:
    """Decode the first frame of a picture, hash it, and read the texts hidden in it. Never raises for bad pixels.

    `stream` is seekable and holds what the readers have walked and bounded, without EXIF. `container` is "png",
    "jpeg", "webp", "gif", "bmp", "avif", "heic" or "jxl"; others have no hash. `width` and `height` are the stored
    size (0: unknown), `orientation` is EXIF's (1 to 8) and counts for PNG and JPEG. `scaling` None: no hash. A
    `thumbnail` is filled from the same pixels.

    Warnings: ``hash-unsupported``, ``hash-needs-extra``, ``hash-no-canvas``, ``pixels-undecodable``,
    ``stealth-invalid``, ``limit:pixels``, ``limit:narrow_side``, ``limit:rle_pixels``, ``limit:decoder_bytes``,
    ``limit:jpeg_scans``, ``limit:text_bytes``.
    """
    if container == "png" and scaling == "bilinear" and stealth is not StealthMode.ALL and thumbnail is None:
        rows = _png_rows(stream, (width, height), stealth, limits)
        if rows is not None:
            texts = read_stealth(rows, stealth, log, limits)
            return Pixels(blurhash.encode(bilinear.draw(rows, (width, height), orientation)), texts)
    if container == "jpeg":
        stealth = StealthMode.OFF
    try:
        decoded = decode(stream, container, (width, height), orientation, scaling, log, limits, hidden=stealth.hidden)
        texts = read_stealth(PillowBits(decoded.image, log), stealth, log, limits)
    except PixelsError:
        return Pixels(None, ())
    if thumbnail is not None:
        fill(thumbnail, decoded)
    return Pixels(_hash(decoded, scaling, log), texts)


def _png_rows(stream: BinaryIO, size: Size, stealth: StealthMode, limits: Limits) -> PngRows | None:
    """The rows of a PNG that count, where this is sure to give what Pillow would."""
    canvas = canvas_size(*size)
    if not all(canvas) or size[0] * size[1] > limits.pixels:
        return None
    wanted = bilinear.wanted_rows(size[1], canvas[1])
    return decode_rows(stream, size, wanted, with_bits=stealth is StealthMode.ALPHA)


def hash_image(image: Image.Image, orientation: int, scaling: Scaling, log: Ledger) -> str | None:
    """BlurHash of a picture the caller has opened or decoded; `orientation` is EXIF's, 1 to 8.

    None with a warning, as in `read_pixels`. With the scaling ``mipmap``, a JPEG may get another hash than its file:
    browsers let the JPEG decoder itself reduce some pictures, which cannot be done once it is decoded.
    """
    if not _load(image, log, is_hashed=True):
        return None
    premultiplying = premultiplying_of(str(image.format).lower())
    return _hash(Decoded(image, image.size, orientation, premultiplying), scaling, log)


def read_hidden(image: Image.Image, mode: StealthMode, log: Ledger, limits: Limits) -> tuple[StealthText, ...]:
    """The texts hidden in a picture the caller has opened or decoded."""
    if not _load(image, log, hidden=mode.hidden):
        return ()
    try:
        return read_stealth(PillowBits(image, log), mode, log, limits)
    except PixelsError:
        return ()


def _load(image: Image.Image, log: Ledger, *, is_hashed: bool = False, hidden: Hidden = Hidden.NOT_WANTED) -> bool:
    try:
        check_shape(image.size, log, log.limits, is_hashed=is_hashed, hidden=hidden)
        with pillow_errors(log):
            image.load()
    except PixelsError:
        return False
    return True


def _hash(decoded: Decoded, scaling: Scaling | None, log: Ledger) -> str | None:
    if scaling is None:
        return None
    if not all(canvas_size(*decoded.size)):
        return None
    draw = mipmap.draw if scaling == "mipmap" else bilinear.draw
    try:
        rows = PillowRows(decoded, log)
        return blurhash.encode(draw(rows, decoded.size, decoded.orientation))
    except PixelsError:
        return None
