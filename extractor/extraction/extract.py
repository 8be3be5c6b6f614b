"""`extract`: one source to one record. Everything that handles many files is built on this path."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from extractor.embedded import C2pa, Carrier, Embedded, Text
from extractor.extraction.given import Opened, Source, opened
from extractor.extraction.identity import content_url, file_url, joined_url, record_id
from extractor.extraction.options import Completer, Options, make_stamp, present
from extractor.files.bytesource import ByteSource, BytesSource, FileSource, RangesStream
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.merging.merge import Merged, merge_findings
from extractor.parsers.credentials import credentials
from extractor.parsers.registry import find
from extractor.readers.beside import ForeignSidecar, read_foreign, stamp_foreign
from extractor.readers.registry import read_embedded
from extractor.record import ImageRecord
from extractor.text.dates import utc_from_iso, utc_from_mtime
from extractor.text.jsontext import clean_text

if TYPE_CHECKING:
    import PIL.Image

_IN_MEMORY: Final = 64 * 1024 * 1024
"""A file up to this size is read once for its SHA-256 and its pixels; a larger one in blocks."""
_BLOCK: Final = 1024 * 1024
_XMP_DATES: Final = ("xmp:CreateDate", "photoshop:DateCreated", "exif:DateTimeOriginal")


def extract(
    source: Source,
    *,
    hash: bool = True,
    stealth: bool | None = None,
    raw: bool = False,
    foreign_sidecars: bool = True,
    url: str | None = None,
    id: int | None = None,
    base_url: str | None = None,
    limits: Limits | None = None,
    models: Completer | None = None,
) -> ImageRecord:
    """The record of one image.

    Args:
        source: A path, the file's bytes, a binary file object (read from offset 0, its position restored; read
            once if it cannot seek), or a `PIL.Image.Image` that was opened from a file.
        hash: Also read the whole file for its SHA-256 and decode its pixels for the BlurHash and for stealth data.
            False leaves these out.
        stealth: None looks for data in the alpha channel's lowest bits when there is one and pixels are decoded
            anyway; True looks there and in the colours, even with ``hash=False``; False looks nowhere.
        raw: Keep every text of the file in `extraction.raw`.
        foreign_sidecars: Also read files of other tools beside the image (paths only), below all that is embedded.
        url: The record's url. Default: the path's ``file://`` URI, or ``urn:sha256:`` for bytes.
        id: The record's id. Default: derived from the url.
        base_url: Used with the file's name as the url when `url` is not given.
        limits: Bounds other than `Limits()`.
        models: A library of models, which fills absent names, hashes and version ids.

    Raises:
        FileAccessError: The path is missing, no regular file, or unreadable (also an `OSError`).
        UnsupportedFormatError: The bytes are of no known image or video.
        CorruptImageError: A known container in which nothing can be read.
        LimitExceededError: A limit was reached and nothing is left to return.
        TypeError: An argument is of the wrong type, or the file object is in text mode.
    """
    arguments = (hash, stealth, raw, foreign_sidecars, url, id, base_url, limits, models)
    if isinstance(id, bool) or not all(map(isinstance, arguments, _TYPES.values())):
        raise TypeError(_wrong_type(arguments))
    options = Options(hash, stealth, raw, foreign_sidecars, base_url, limits or DEFAULT_LIMITS, models)
    with opened(source, options.limits) as file:
        if base_url is not None and url is None and file.path is not None:
            url = joined_url(base_url, os.path.basename(file.path))
        return extract_opened(file, options, url, id)


_NONE: Final = type(None)
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "hash": (bool,),
    "stealth": (bool, _NONE),
    "raw": (bool,),
    "foreign_sidecars": (bool,),
    "url": (str, _NONE),
    "id": (int, _NONE),
    "base_url": (str, _NONE),
    "limits": (Limits, _NONE),
    "models": (Completer, _NONE),
}
"""Argument of `extract` -> what it may be."""


def _wrong_type(arguments: tuple[object, ...]) -> str:
    return next(
        f"{name} must be {kinds[0].__name__}, not {type(value).__name__}"
        for value, (name, kinds) in zip(arguments, _TYPES.items(), strict=True)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
    )


def extract_opened(
    file: Opened,
    options: Options,
    url: str | None = None,
    id: int | None = None,
    beside: Sequence[str] | None = None,
) -> ImageRecord:
    """The record of an open source; `extract` without the checking of arguments.

    `beside` are the paths of other tools' sidecars where the caller knows them; None: they are looked for.
    """
    log = Ledger(options.limits)
    if file.image is not None:
        read = _read_image(file.image, options, log)
    else:
        read = _read_file(file.bytes, options, log, digests=options.hash or (url is None and file.path is None))
    embedded, texts = read.embedded, read.texts
    foreign = stamp_foreign(file.path, beside) if options.foreign_sidecars and file.path is not None else []
    if foreign and file.path is not None:
        texts = texts + read_foreign(file.path, foreign, log)
    merged = merge_findings(find(texts, log), log)
    if isinstance(file.bytes, FileSource) and file.bytes.changed():
        log.add("changed-while-read", "the file changed while it was read; read it again")
    if url is None:
        url = file_url(file.path) if file.path is not None else content_url(read.digest)
    record = _fields(embedded, merged, log)
    record["url"] = url
    record["id"] = record_id(url) if id is None else id
    if options.hash and read.hash is not None:
        record["hash"] = read.hash
    created_at = _created_at(embedded, texts, merged)
    if created_at is None and file.mtime_ns is not None:
        created_at = utc_from_mtime(file.mtime_ns)
    if created_at is not None:
        record["createdAt"] = created_at
    record["extraction"] = _extraction(file, embedded, merged, texts, foreign, options, log)
    if options.hash and file.image is None:
        record["extraction"]["sha256"] = read.digest
    found = ImageRecord.model_validate(record)
    return found if options.models is None else options.models.complete(found)


class _Read(NamedTuple):
    """What the bytes or the pixels of a source gave."""

    embedded: Embedded
    texts: list[Text]
    """Those of `embedded`, and those hidden in the pixels."""
    hash: str | None
    digest: str
    """SHA-256 of the file, or of the pixels where no file is left; empty when it was not asked for."""


def _read_file(source: ByteSource, options: Options, log: Ledger, *, digests: bool) -> _Read:
    if options.decodes and source.size <= _IN_MEMORY:
        source = BytesSource(source.read_at(0, source.size))
    embedded = read_embedded(source, log)
    digest = _sha256(source) if digests else ""
    if not options.decodes:
        return _Read(embedded, embedded.texts, None, digest)
    blur_hash, hidden = _read_pixels(source, embedded, options, log)
    return _Read(embedded, embedded.texts + hidden, blur_hash, digest)


def _sha256(source: ByteSource) -> str:
    if isinstance(source, BytesSource):
        return hashlib.sha256(source.data).hexdigest()
    digest = hashlib.sha256()
    for offset in range(0, source.size, _BLOCK):
        digest.update(source.read_at(offset, _BLOCK))
    return digest.hexdigest()


def _read_image(image: PIL.Image.Image, options: Options, log: Ledger) -> _Read:
    from extractor.extraction.pilimage import read_decoded

    embedded, digest, blur_hash, hidden = read_decoded(image, options, log)
    return _Read(embedded, embedded.texts + hidden, blur_hash, digest)


def _read_pixels(
    source: ByteSource, embedded: Embedded, options: Options, log: Ledger
) -> tuple[str | None, list[Text]]:
    """The BlurHash and the texts hidden in the pixels."""
    from extractor.pixels.read import StealthMode, read_pixels

    if options.stealth is None:
        mode = StealthMode.ALPHA if embedded.has_alpha else StealthMode.OFF
    else:
        mode = StealthMode.ALL if options.stealth else StealthMode.OFF
    pixels = read_pixels(
        _pixel_stream(source, embedded, log),
        embedded.container,
        width=embedded.width,
        height=embedded.height,
        orientation=embedded.orientation,
        stealth=mode,
        log=log,
        limits=options.limits,
    )
    texts = [
        Text(embedded.container, f"stealth-{found.channel}", "", found.text, Carrier.STEALTH)
        for found in pixels.stealth
    ]
    return pixels.hash, texts


def _pixel_stream(source: ByteSource, embedded: Embedded, log: Ledger) -> BinaryIO:
    ranges = embedded.pixel_ranges or ()
    compressed = sum(length for _, length in ranges)
    if compressed > log.limits.decode_bytes:
        log.limit("decode_bytes", f"{compressed} bytes of pixel data are not decoded")
        ranges = ()
    if isinstance(source, BytesSource) and ranges == ((0, source.size),):
        return io.BytesIO(source.data)
    return RangesStream(source, ranges)  # type: ignore[return-value]


def _created_at(embedded: Embedded, texts: list[Text], merged: Merged) -> str | None:
    """The date the file itself tells, if it has a zone."""
    xmp = [text for text in texts if text.key in _XMP_DATES]
    if len(xmp) > 1:
        xmp.sort(key=lambda text: _XMP_DATES.index(text.key))
    for date in (merged.created_at, *[text.value for text in xmp], embedded.created_at):
        moment = utc_from_iso(date) if date is not None else None
        if moment is not None:
            return moment
    return None


def _fields(embedded: Embedded, merged: Merged, log: Ledger) -> dict[str, Any]:
    """The schema's fields that do not depend on where the file stands."""
    width, height = embedded.displayed_size
    if not (width and height):
        log.add("no-dimensions", "no header of the file tells the picture's size")
    record: dict[str, Any] = {"width": width, "height": height}
    if merged.meta is not None:
        record["meta"] = merged.meta
    return record


def _extraction(
    file: Opened,
    embedded: Embedded,
    merged: Merged,
    texts: list[Text],
    foreign: list[ForeignSidecar],
    options: Options,
    log: Ledger,
) -> dict[str, Any]:
    generator, version = merged.generator, merged.version
    credential_generator, credential_version, ai_generated = credentials(embedded.c2pa, texts)
    if generator is None:
        generator, version = credential_generator, credential_version
    extraction: dict[str, Any] = {
        "fileSize": file.bytes.size,
        "mimeType": embedded.mime,
        "stamp": make_stamp(file.bytes.size, file.mtime_ns, options, foreign),
    }
    if generator is not None:
        extraction["generator"] = generator
    if version is not None:
        extraction["version"] = version
    if ai_generated:
        extraction["aiGenerated"] = True
    if merged.sources:
        extraction["sources"] = merged.sources
    if embedded.c2pa is not None:
        extraction["contentCredentials"] = _content_credentials(embedded.c2pa)
    if log.items:
        extraction["warnings"] = [warning._asdict() for warning in log.items]
    if options.raw:
        extraction["raw"] = [{"source": text.source, "text": clean_text(text.value)} for text in texts]
    return extraction


def _content_credentials(c2pa: C2pa) -> dict[str, Any]:
    agents = [f"{name} {version}" if version else name for name, version in c2pa.software_agents]
    return present(
        {
            "claimGenerator": c2pa.claim_generator,
            "softwareAgents": agents or None,
            "digitalSourceTypes": list(c2pa.digital_source_types) or None,
            "verified": False,
        }
    )
