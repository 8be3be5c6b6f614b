"""The stamp that tells a later run whether a record still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from extractor.extraction.options import Options
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.readers.beside import ForeignSidecar
from extractor.text.jsontext import clean_text
from extractor.version import __version__


def make_stamp(size: int, mtime_ns: int | None, options: Options, foreign: Sequence[ForeignSidecar]) -> dict[str, Any]:
    """`extraction.stamp` of a record, as it stands in the record's JSON: all that the record depends on."""
    stamp: dict[str, Any] = {"size": size}
    if mtime_ns is not None:
        stamp["mtimeNs"] = mtime_ns
    stamp["extractor"] = __version__
    stamp["options"] = _stamped(options)
    if foreign:
        stamp["foreign"] = [[clean_text(item.name), item.size, item.mtime_ns] for item in foreign]
    return stamp


def _stamped(options: Options) -> dict[str, Any]:
    """As they stand in `Stamp.options`; of most, only what is not the default."""
    stamp: dict[str, Any] = {"hash": options.hash, "raw": options.raw, "foreignSidecars": options.foreign_sidecars}
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
