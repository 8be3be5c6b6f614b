"""The stamp that tells a later run whether a record still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

from extractor.extraction.options import Options
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.pixels.scaling import REVISIONS
from extractor.readers.beside import ForeignSidecar
from extractor.record import ImageRecord
from extractor.text.jsontext import clean_text
from extractor.version import __version__


def make_stamp(
    size: int,
    mtime_ns: int | None,
    options: Options,
    foreign: Sequence[ForeignSidecar],
    etag: str | None = None,
) -> dict[str, Any]:
    """`extraction.stamp` of a record, as it stands in the record's JSON: all that the record depends on."""
    stamp: dict[str, Any] = {"size": size}
    if mtime_ns is not None:
        stamp["mtimeNs"] = mtime_ns
    if etag is not None:
        stamp["etag"] = etag
    stamp["extractor"] = __version__
    if options.scaling is not None:
        stamp["hashRevision"] = REVISIONS[options.scaling]
    stamp["options"] = _stamped(options)
    if options.models is not None:
        stamp["models"] = options.models.revision
    if foreign:
        stamp["foreign"] = [[clean_text(item.name), item.size, item.mtime_ns] for item in foreign]
    return stamp


class Kept(NamedTuple):
    """What a run need not make again, as the pixels are those of an earlier one."""

    hash: str
    sha256: str


def serves(stored: object, wanted: Mapping[str, Any]) -> bool:
    """Whether a record with one stamp does for a run with another: both agree, or only a hash is more than wanted."""
    if stored == wanted:
        return True
    if wanted["options"]["hash"] or not isinstance(stored, dict) or not isinstance(stored.get("options"), dict):
        return False
    rest = {key: value for key, value in stored.items() if key != "hashRevision"}
    return {**rest, "options": {**stored["options"], "hash": False}} == wanted


def kept_of(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> Kept | None:
    """Hash and digest of a stored record that a run may take over while it reads the texts again.

    A run with a hash does so when file, hash and options are the same: only the program's version, a library's or
    other tools' files have changed. A record with a text out of the pixels, or a warning about them, is made again as
    a whole. A run without a hash takes over what is there of the same file.
    """
    extraction = record.get("extraction")
    stored = extraction.get("stamp") if isinstance(extraction, dict) else None
    if not isinstance(extraction, dict) or not isinstance(stored, dict):
        return None
    blur_hash, digest = record.get("hash"), extraction.get("sha256")
    same = _FILE if not wanted["options"]["hash"] else (*_FILE, "hashRevision", "options")
    if (
        not isinstance(blur_hash, str)
        or not isinstance(digest, str)
        or any(stored.get(key) != wanted.get(key) for key in same)
    ):
        return None
    return None if wanted["options"]["hash"] and _tells_of_pixels(extraction) else Kept(blur_hash, digest)


_FILE: Final = ("size", "mtimeNs", "etag")
_STEALTH: Final = ":stealth-"
PIXEL_WARNINGS: Final = frozenset(
    {
        *("hash-needs-extra", "hash-no-canvas", "hash-unsupported", "pixels-undecodable", "stealth-invalid"),
        *("limit:chunks", "limit:decode_bytes", "limit:decoder_bytes", "limit:jpeg_scans", "limit:narrow_side"),
        *("limit:pixels", "limit:rle_pixels", "limit:text_bytes"),
    }
)
"""Codes of warnings that come, or may come, from decoding: without it they would be missing."""


def _tells_of_pixels(extraction: Mapping[str, Any]) -> bool:
    """Whether a record has anything that reading without pixels would not bring up again."""
    warnings, raw = extraction.get("warnings"), extraction.get("raw")
    of_raw = [item.get("source") for item in raw if isinstance(item, dict)] if isinstance(raw, list) else raw
    if _STEALTH in str((extraction.get("sources"), warnings, of_raw)):
        return True
    if not isinstance(warnings, list):
        return bool(warnings)
    return any(not isinstance(item, dict) or item.get("code") in PIXEL_WARNINGS for item in warnings)


def with_kept(record: ImageRecord, kept: Kept, options: Options) -> ImageRecord:
    """A record that was read without pixels, as `options` would have it."""
    extraction = record.extraction
    if extraction is not None and extraction.stamp is not None:
        revision = REVISIONS[options.scaling] if options.scaling is not None else None
        stamp = extraction.stamp.model_copy(update={"options": _stamped(options), "hash_revision": revision})
        extraction = extraction.model_copy(update={"sha256": kept.sha256, "stamp": stamp})
    return record.model_copy(update={"hash": kept.hash, "extraction": extraction})


def _stamped(options: Options) -> dict[str, Any]:
    """As they stand in `Stamp.options`; of most, only what is not the default."""
    stamp: dict[str, Any] = {
        "hash": options.scaling or False,
        "raw": options.raw,
        "foreignSidecars": options.foreign_sidecars is not False,
    }
    if options.stealth is not None:
        stamp["stealth"] = options.stealth
    if options.base_url is not None:
        stamp["baseUrl"] = options.base_url
    limits = _changed(options.limits)
    if limits:
        stamp["limits"] = limits
    return stamp


def _changed(limits: Limits) -> dict[str, int]:
    if limits is DEFAULT_LIMITS:
        return {}
    values = {item.name: getattr(limits, item.name) for item in fields(Limits)}
    return {name: value for name, value in values.items() if value != getattr(DEFAULT_LIMITS, name)}
