"""The bytes and pixels of one source: what its reader, its digest and its decoded picture give."""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO, Final, NamedTuple

from extractor.embedded import Carrier, Embedded, Text
from extractor.extraction.options import Options
from extractor.files.bytesource import ByteSource, BytesSource, FileSource
from extractor.files.pieces import RangesStream
from extractor.ledger import Ledger
from extractor.readers.registry import read_embedded

_IN_MEMORY: Final = 4 * 1024 * 1024
"""A file up to this size is read once for its SHA-256 and its pixels; a larger one in blocks."""
_BLOCK: Final = 1024 * 1024


class Reading(NamedTuple):
    """What the bytes or the pixels of a source gave."""

    embedded: Embedded
    hidden: list[Text]
    """Texts in the lowest bits of the pixels."""
    hash: str | None
    digest: str
    """SHA-256 of the file, or of the pixels where no file is left; empty when it was not asked for."""

    @property
    def texts(self) -> list[Text]:
        """All texts of the source."""
        return self.embedded.texts + self.hidden


def read_file(source: ByteSource, options: Options, log: Ledger, *, digests: bool) -> Reading:
    """Read a file's texts, and as the options say its SHA-256 and pixels.

    Raises `UnsupportedFormatError`, `CorruptImageError`, `LimitExceededError` or `FileAccessError`.
    """
    if options.decodes and source.size <= _IN_MEMORY:
        source = BytesSource(source.read_at(0, source.size))
    embedded = read_embedded(source, log)
    digest = sha256_of(source) if digests else ""
    if not options.looks_into(has_alpha=embedded.has_alpha, has_texts=bool(embedded.texts)):
        return Reading(embedded, [], None, digest)
    if source.size <= _IN_MEMORY and not isinstance(source, (BytesSource, FileSource)):
        source = BytesSource(source.read_at(0, source.size))  # a decoder reads in small pieces, each of them a request
    blur_hash, hidden = _read_pixels(source, embedded, options, log)
    return Reading(embedded, hidden, blur_hash, digest)


def sha256_of(source: ByteSource) -> str:
    """The digest of all bytes, in hex. Raises `FileAccessError`."""
    if isinstance(source, BytesSource):
        return hashlib.sha256(source.data).hexdigest()
    digest = hashlib.sha256()
    for offset in range(0, source.size, _BLOCK):
        block = source.read_at(offset, _BLOCK)
        if not block:
            break
        digest.update(block)
    return digest.hexdigest()


def _read_pixels(
    source: ByteSource, embedded: Embedded, options: Options, log: Ledger
) -> tuple[str | None, list[Text]]:
    """The BlurHash and the texts hidden in the pixels."""
    try:
        from extractor.pixels.read import StealthMode, read_pixels
    except ImportError as error:  # where memory is short, libraries do not load
        log.add("pixels-undecodable", f"no hash: what decodes pixels cannot be loaded ({type(error).__name__})")
        return None, []
    pixels = read_pixels(
        _pixel_stream(source, embedded, log),
        embedded.container,
        width=embedded.width,
        height=embedded.height,
        orientation=embedded.orientation,
        scaling=options.scaling,
        stealth=StealthMode.asked(options.channels, has_alpha=embedded.has_alpha),
        log=log,
        limits=options.limits,
        thumbnail=options.thumbnail,
    )
    texts = [
        Text(embedded.container, f"stealth-{found.channel}", "", found.text, Carrier.STEALTH)
        for found in pixels.stealth
    ]
    return pixels.hash, texts


def read_thumbnail(source: ByteSource, edge: int, log: Ledger) -> bytes | None:
    """A WebP of the picture, at most `edge` pixels long; None with a warning where its pixels cannot be decoded.

    Raises as `read_file`.
    """
    from extractor.pixels.thumbnail import thumbnail

    embedded = read_embedded(source, log)
    stream, size = _pixel_stream(source, embedded, log), (embedded.width, embedded.height)
    return thumbnail(stream, embedded.container, size, embedded.orientation, edge, log, log.limits)


def _pixel_stream(source: ByteSource, embedded: Embedded, log: Ledger) -> BinaryIO:
    ranges = embedded.pixel_ranges or ()
    compressed = sum(length for _, length in ranges)
    if compressed > log.limits.decode_bytes:
        log.limit("decode_bytes", f"{compressed} bytes of pixel data are not decoded")
        ranges = ()
    if isinstance(source, BytesSource) and ranges == ((0, source.size),):
        return io.BytesIO(source.data)
    return RangesStream(source, ranges)  # type: ignore[return-value]
