"""What the stages gave, put together as one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from extractor.embedded import C2pa, Carrier, Text
from extractor.extraction.given import Opened
from extractor.extraction.identity import record_id
from extractor.extraction.options import Options
from extractor.extraction.reading import Reading
from extractor.extraction.stamp import make_stamp
from extractor.ledger import Ledger
from extractor.merging.merge import Merged
from extractor.parsers.credentials import credentials
from extractor.readers.beside import ForeignSidecar
from extractor.record import ImageRecord
from extractor.text.dates import utc_from_mtime, utc_from_text
from extractor.text.jsontext import clean_text

_CHUNK: Final = Carrier.CHUNK
_XMP_DATES: Final = ("xmp:CreateDate", "photoshop:DateCreated", "exif:DateTimeOriginal")
"""Best first."""
_CHUNK_DATES: Final = frozenset(("creation time", "create-date", "creation_time"))
"""Keywords, case folded: that of the PNG standard, and what others make of it."""


def assemble(
    file: Opened,
    reading: Reading,
    foreign: Sequence[ForeignSidecar],
    texts: Sequence[Text],
    merged: Merged,
    options: Options,
    log: Ledger,
    *,
    url: str,
    id: int | None,
) -> ImageRecord:
    """The record of one source.

    `foreign` are the other tools' sidecars that were found, `texts` all that were read, theirs too. `id` None: it is
    made from `url`.
    """
    width, height = reading.embedded.displayed_size
    if not (width and height):
        log.add("no-dimensions", "no header of the file tells the picture's size")
    extraction = {
        **_origin(reading, texts, merged, log),
        "sources": merged.sources or None,
        "sha256": reading.digest if options.hash and file.image is None else None,
        "fileSize": file.bytes.size,
        "mimeType": reading.embedded.mime,
        "contentCredentials": _content_credentials(reading.embedded.c2pa),
        "warnings": [warning._asdict() for warning in log.items] or None,
        "raw": [_raw(text) for text in texts] if options.raw else None,
        "stamp": make_stamp(file.bytes.size, file.mtime_ns, options, foreign, file.etag),
    }
    record = {
        "id": record_id(url) if id is None else id,
        "url": url,
        "hash": reading.hash if options.hash else None,
        "width": width,
        "height": height,
        "createdAt": _created_at(file, reading, texts, merged),
        "meta": merged.meta,
        "extraction": _present(extraction),
    }
    return ImageRecord.model_validate(_present(record))


def _created_at(file: Opened, reading: Reading, texts: Sequence[Text], merged: Merged) -> str | None:
    """The date the file itself tells, if it has a zone; else when it was changed last."""
    xmp = [text for text in texts if text.key in _XMP_DATES]
    if len(xmp) > 1:
        xmp.sort(key=lambda text: _XMP_DATES.index(text.key))
    chunks = [text for text in texts if text.carrier is _CHUNK and text.key.casefold() in _CHUNK_DATES]
    dates = (merged.created_at, *[text.value for text in (*xmp, *chunks)], reading.embedded.created_at)
    for date in dates:
        moment = utc_from_text(date) if date is not None else None
        if moment is not None:
            return moment
    return None if file.mtime_ns is None else utc_from_mtime(file.mtime_ns)


def _origin(reading: Reading, texts: Sequence[Text], merged: Merged, log: Ledger) -> dict[str, Any]:
    """What made the picture: as the generation data says, else as the marks of AI origin do."""
    credited, credited_version, ai_generated = credentials(reading.embedded.c2pa, texts, log)
    named = merged.generator is not None and (merged.generator != "unknown" or credited is None)
    return {
        "generator": merged.generator if named else credited,
        "version": merged.version if named else credited_version,
        "aiGenerated": ai_generated or None,
    }


def _content_credentials(c2pa: C2pa | None) -> dict[str, Any] | None:
    if c2pa is None:
        return None
    agents = [f"{name} {version}" if version else name for name, version in c2pa.software_agents]
    return _present(
        {
            "claimGenerator": c2pa.claim_generator,
            "softwareAgents": agents or None,
            "digitalSourceTypes": list(c2pa.digital_source_types) or None,
            "verified": False,
        }
    )


def _raw(text: Text) -> dict[str, str]:
    return {"source": text.source, "text": clean_text(text.value)}


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are None."""
    return {key: value for key, value in values.items() if value is not None}
