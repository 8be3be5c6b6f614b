"""A `PIL.Image.Image` whose file is gone: what Pillow kept of its texts, and its pixels."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from extractor.embedded import Carrier, Embedded, Text
from extractor.ledger import Ledger
from extractor.readers.blocks.exif import read_exif

if TYPE_CHECKING:
    import PIL.Image

    from extractor.extraction.options import Options


_TURNED: Final = ("png", "jpeg")
"""Containers whose EXIF orientation a browser applies."""


def read_decoded(image: PIL.Image.Image, options: Options, log: Ledger) -> tuple[Embedded, str, str | None, list[Text]]:
    """(what Pillow kept, a digest of the pixels for the url, BlurHash, texts hidden in the pixels)."""
    log.add("pil-decoded", "read from a decoded picture; texts that Pillow does not keep are missing")
    container = (image.format or "pil").lower()
    embedded = Embedded(container, _mime(image))
    embedded.width, embedded.height = image.size
    embedded.has_alpha = "A" in image.getbands()
    _read_info(image, embedded, log)
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    blur_hash: str | None = None
    texts: list[Text] = []
    if options.decodes:
        from extractor.pixels.read import StealthMode, hash_image, read_hidden

        if options.scaling is not None:
            blur_hash = hash_image(image, embedded.orientation, options.scaling, log)
        mode = StealthMode.ALL if options.stealth else StealthMode.ALPHA
        if options.stealth is not False and (embedded.has_alpha or options.stealth):
            texts = [
                Text(container, f"stealth-{found.channel}", "", found.text, Carrier.STEALTH)
                for found in read_hidden(image, mode, log, options.limits)
            ]
    return embedded, digest, blur_hash, texts


def _read_info(image: PIL.Image.Image, embedded: Embedded, log: Ledger) -> None:
    from extractor.readers.blocks.xmp import read_xmp

    for key, value in image.info.items():
        if key == "exif" and isinstance(value, bytes):
            facts = read_exif(value, embedded, log)
            embedded.orientation = facts.orientation if embedded.container in _TURNED else 1
        elif key in ("xmp", "XML:com.adobe.xmp") and isinstance(value, (bytes, str)):
            read_xmp(value if isinstance(value, bytes) else value.encode(), embedded, log)
        elif key == "comment" and isinstance(value, bytes):
            embedded.add("comment", "", value.decode("utf-8", "replace"), Carrier.COMMENT)
        elif isinstance(key, str) and isinstance(value, str):
            embedded.add("info", key, str(value), Carrier.CHUNK)


def _mime(image: PIL.Image.Image) -> str:
    from PIL import Image

    return Image.MIME.get(image.format or "", "application/octet-stream")
