"""The stamp that tells a later run whether a record still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from extractor.extraction.options import Options
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.pixels.scaling import REVISIONS
from extractor.readers.beside import ForeignSidecar
from extractor.text.jsontext import clean_text
from extractor.version import __version__


def make_stamp(size: int, mtime_ns: int | None, options: Options, foreign: Sequence[ForeignSidecar]) -> dict[str, Any]:
    """`extraction.stamp` of a record, as it stands in the record's JSON: all that the record depends on."""
    stamp: dict[str, Any] = {"size": size}
    if mtime_ns is not None:
        stamp["mtimeNs"] = mtime_ns
    stamp["extractor"] = __version__
    if options.scaling is not None:
        stamp["hashRevision"] = REVISIONS[options.scaling]
    stamp["options"] = _stamped(options)
    if options.models is not None:
        stamp["models"] = options.models.revision
    if foreign:
        stamp["foreign"] = [[clean_text(item.name), item.size, item.mtime_ns] for item in foreign]
    return stamp


_PIXELS: Final = ("size", "mtimeNs", "hashRevision")
_PIXEL_OPTIONS: Final = ("hash", "stealth", "limits")
_PROGRAM: Final = ("extractor", "models")


def still_holds(stored: object, now: dict[str, Any]) -> bool:
    """Whether a record with the stamp `stored` has all that reading the file again would give.

    One with a hash has more than a run without asks for.
    """
    return isinstance(stored, dict) and (stored == now or _less_hash(stored, now) == now)


def pixels_hold(stored: object, now: dict[str, Any]) -> bool:
    """Whether hash and SHA-256 of a record are what reading the file again would give, though its texts may not be.

    So it is when only the program's version, a model library's revision or the files beside the image differ.
    """
    if not isinstance(stored, dict) or "mtimeNs" not in now:
        return False
    kept = _less_hash(stored, now)
    before, after = kept.get("options"), now["options"]
    return (
        isinstance(before, dict)
        and all(kept.get(key) == now.get(key) for key in _PIXELS)
        and all(before.get(key) == after.get(key) for key in _PIXEL_OPTIONS)
    )


def with_kept_hash(stored: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The stamp of a record whose texts are as of `now` and whose hash is the stored one."""
    stamp = now | {"options": now["options"] | {"hash": stored["options"]["hash"]}}
    return stamp | {"hashRevision": stored["hashRevision"]} if "hashRevision" in stored else stamp


def without_program(stamp: dict[str, Any]) -> dict[str, Any]:
    """What a stamp tells of the file and the options alone."""
    return {key: value for key, value in stamp.items() if key not in _PROGRAM}


def _less_hash(stored: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """A stamp as it would be without a hash, if the other one is without."""
    options = stored.get("options")
    if now["options"]["hash"] or not isinstance(options, dict):
        return stored
    kept = {key: value for key, value in stored.items() if key != "hashRevision"}
    return kept | {"options": options | {"hash": False}}


def _stamped(options: Options) -> dict[str, Any]:
    """As they stand in `Stamp.options`; of most, only what is not the default."""
    stamp: dict[str, Any] = {
        "hash": options.scaling or False,
        "raw": options.raw,
        "foreignSidecars": options.foreign_sidecars,
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
