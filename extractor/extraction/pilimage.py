"""A `PIL.Image.Image` whose file is gone: what Pillow kept of its texts, and its pixels."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from extractor.embedded import Carrier, Embedded, Text
from extractor.extraction.options import Options
from extractor.extraction.reading import Reading
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import read_block

if TYPE_CHECKING:
    import PIL.Image

_TURNED: Final = ("png", "jpeg")
"""Containers whose EXIF orientation a browser applies."""


def read_image(image: PIL.Image.Image, options: Options, log: Ledger) -> Reading:
    """What Pillow kept of a picture's texts and, as the options say, what its pixels hold."""
    log.add("pil-decoded", "read from a decoded picture; texts that Pillow does not keep are missing")
    embedded = Embedded((image.format or "pil").lower(), _mime(image))
    embedded.width, embedded.height = image.size
    embedded.has_alpha = "A" in image.getbands()
    _read_info(image, embedded, log)
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    if not options.decodes:
        return Reading(embedded, [], None, digest)
    from extractor.pixels.read import StealthMode, hash_image, read_hidden

    blur_hash = hash_image(image, embedded.orientation, log)
    mode = StealthMode.asked(options.stealth, has_alpha=embedded.has_alpha)
    hidden = [
        Text(embedded.container, f"stealth-{found.channel}", "", found.text, Carrier.STEALTH)
        for found in (read_hidden(image, mode, log, options.limits) if mode is not StealthMode.OFF else ())
    ]
    return Reading(embedded, hidden, blur_hash, digest)


def _read_info(image: PIL.Image.Image, embedded: Embedded, log: Ledger) -> None:
    for key, value in image.info.items():
        if key == "exif" and isinstance(value, bytes):
            orientation = read_block("exif", value, embedded, log)
            embedded.orientation = orientation if embedded.container in _TURNED else 1
        elif key in ("xmp", "XML:com.adobe.xmp") and isinstance(value, (bytes, str)):
            read_block("xmp", value if isinstance(value, bytes) else value.encode(), embedded, log)
        elif key == "comment" and isinstance(value, bytes):
            embedded.add("comment", "", value.decode("utf-8", "replace"), Carrier.COMMENT)
        elif isinstance(key, str) and isinstance(value, str):
            embedded.add("info", key, str(value), Carrier.CHUNK)


def _mime(image: PIL.Image.Image) -> str:
    from PIL import Image

    return Image.MIME.get(image.format or "", "application/octet-stream")
