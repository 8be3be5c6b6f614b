"""A `PIL.Image.Image` whose file is gone: what Pillow kept of its texts, and its pixels if they are in memory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from extractor.embedded import Carrier, Embedded, Text
from extractor.extraction.options import Options
from extractor.extraction.reading import Reading
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import read_block
from extractor.text.jsontext import clean_text

if TYPE_CHECKING:
    import PIL.Image

_TURNED: Final = ("png", "jpeg")
"""Containers whose EXIF orientation a browser applies."""
_WITH_ALPHA: Final = ("RGBA", "LA", "PA")
_BLOCK: Final = 1 << 20
"""Pixels whose bytes are copied at a time for the digest."""


def read_image(image: PIL.Image.Image, options: Options, log: Ledger) -> Reading:
    """What Pillow kept of a picture's texts and, as the options say, what its pixels hold."""
    log.add("pil-decoded", "read from a decoded picture; texts that Pillow does not keep are missing")
    name = image.format if isinstance(image.format, str) else ""
    embedded = Embedded(name.lower() or "pil", _mime(name))
    embedded.width, embedded.height = image.size
    embedded.has_alpha = image.mode in _WITH_ALPHA
    _read_info(image, embedded, log)
    digest = _pixel_digest(image, log)
    if digest is None:
        return Reading(embedded, [], None, _text_digest(embedded))
    if not options.decodes:
        return Reading(embedded, [], None, digest)
    from extractor.pixels.read import StealthMode, hash_image, read_hidden

    blur_hash = None
    if options.scaling is not None:
        blur_hash = hash_image(image, embedded.orientation, options.scaling, log)
    mode = StealthMode.asked(options.channels, has_alpha=embedded.has_alpha)
    hidden = [
        Text(embedded.container, f"stealth-{found.channel}", "", found.text, Carrier.STEALTH)
        for found in (read_hidden(image, mode, log, options.limits) if mode is not StealthMode.OFF else ())
    ]
    return Reading(embedded, hidden, blur_hash, digest)


def _read_info(image: PIL.Image.Image, embedded: Embedded, log: Ledger) -> None:
    for key, value in image.info.items() if isinstance(image.info, dict) else ():
        if key == "exif" and isinstance(value, bytes):
            orientation = read_block("exif", value, embedded, log)
            embedded.orientation = orientation if embedded.container in _TURNED else 1
        elif key in ("xmp", "XML:com.adobe.xmp") and isinstance(value, (bytes, str)):
            read_block("xmp", value if isinstance(value, bytes) else clean_text(value).encode(), embedded, log)
        elif key == "comment" and isinstance(value, bytes):
            embedded.add("comment", "", value.decode("utf-8", "replace"), Carrier.COMMENT)
        elif isinstance(key, str) and isinstance(value, str):
            embedded.add("info", clean_text(key), clean_text(value), Carrier.CHUNK)


def _pixel_digest(image: PIL.Image.Image, log: Ledger) -> str | None:
    """SHA-256 of the pixels; None, with a warning, where they are not in memory and cannot be read any more."""
    from extractor.pixels.decoder import PixelsError, check_size, pillow_errors, undecodable

    try:
        if getattr(image, "tile", None):  # nothing has been decoded yet
            if getattr(image, "fp", None) is None:
                undecodable(log, "its file is closed and nothing of it has been decoded")
            check_size(image.size, log, log.limits)
        with pillow_errors(log):
            image.load()
            digest = hashlib.sha256()
            width, height = image.size
            rows = max(1, _BLOCK // max(1, width))
            for top in range(0, height, rows):
                digest.update(image.crop((0, top, width, min(top + rows, height))).tobytes())
            return digest.hexdigest()
    except PixelsError:
        return None


def _text_digest(embedded: Embedded) -> str:
    """What tells a picture from others of which nothing but the texts and the size is left."""
    digest = hashlib.sha256(f"{embedded.container} {embedded.width} {embedded.height}".encode())
    for text in embedded.texts:
        digest.update(f"\0{text.source}\0{text.value}".encode())
    return digest.hexdigest()


def _mime(name: str) -> str:
    from PIL import Image

    return Image.MIME.get(name, "application/octet-stream")
