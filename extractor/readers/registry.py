"""Any file to what it holds, with the reader of its kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final

from extractor.containers.kinds import HEAD, sniff
from extractor.embedded import Embedded
from extractor.errors import CorruptImageError, LimitExceededError, UnsupportedFormatError
from extractor.files.bytesource import ByteSource
from extractor.files.window import Window
from extractor.ledger import LIMIT_PREFIX, Ledger

_READERS: Final = {
    "png": ("png", "read_png"),
    "jpeg": ("jpeg", "read_jpeg"),
    "webp": ("webp", "read_webp"),
    "gif": ("gif", "read_gif"),
    "bmp": ("bmp", "read_bmp"),
    "tiff": ("tiff", "read_tiff"),
    "avif": ("heif", "read_avif"),
    "heic": ("heif", "read_heic"),
    "jxl": ("jxl", "read_jxl"),
    "mp4": ("mp4", "read_mp4"),
    "webm": ("webm", "read_webm"),
}
"""Container -> (module of this package, its function). Loaded on first use."""


@cache
def _reader(container: str) -> Callable[[ByteSource, Ledger], Embedded]:
    module, function = _READERS[container]
    reader: Callable[[ByteSource, Ledger], Embedded] = getattr(import_module(f"extractor.readers.{module}"), function)
    return reader


def read_embedded(source: ByteSource, log: Ledger) -> Embedded:
    """Read everything but pixels with the reader the first bytes ask for.

    Raises `UnsupportedFormatError` when they are of no known container, `CorruptImageError` when the container
    holds nothing that can be read, and `LimitExceededError` when that is because a limit was reached.
    """
    if source.size == 0:
        raise UnsupportedFormatError("the file is empty")
    window = Window(source)
    container = sniff(window.read_at(0, HEAD))
    if container is None:
        raise UnsupportedFormatError("not an image or video of a known kind")
    embedded = _reader(container)(window, log)
    if not (embedded.width or embedded.height or embedded.texts or embedded.pixel_ranges or embedded.c2pa):
        reached = next((warning for warning in log.items if warning.code.startswith(LIMIT_PREFIX)), None)
        if reached is not None:
            raise LimitExceededError(reached.message)
        raise CorruptImageError(f"{container}: nothing in the file can be read")
    return embedded
