"""The options of reading, and the stamp that tells a later run whether a record still holds."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, NamedTuple, TypeAlias

from extractor import __version__
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.pixels.scaling import DEFAULT_SCALING, REVISIONS, Scaling
from extractor.readers.beside import ForeignSidecar
from extractor.text.jsontext import clean_text

HashOption: TypeAlias = bool | Scaling
"""Whether pixels are hashed; True is the default scaling."""

_HASH_OPTIONS: Final = (False, True, *REVISIONS)


def check_hash(hash: object) -> None:
    """Raises `TypeError` or `ValueError` for what is no `HashOption`."""
    if not isinstance(hash, (bool, str)):
        raise TypeError(f"hash must be bool or str, not {type(hash).__name__}")
    if hash not in _HASH_OPTIONS:
        raise ValueError(f"hash must be one of {', '.join(map(repr, _HASH_OPTIONS))}, not {hash!r}")


class Options(NamedTuple):
    """The options of `extract` that change what is read."""

    hash: HashOption = True
    stealth: bool | None = None
    raw: bool = False
    foreign_sidecars: bool = True
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS

    @property
    def scaling(self) -> Scaling | None:
        """How pictures are scaled for the hash; None: there is none."""
        return (DEFAULT_SCALING if self.hash is True else self.hash) or None

    @property
    def decodes(self) -> bool:
        """Whether pixels are decoded."""
        return bool(self.hash) or self.stealth is True

    def stamp(self) -> dict[str, Any]:
        """As they stand in `Stamp.options`."""
        stamp: dict[str, Any] = {
            "hash": self.scaling or False,
            "raw": self.raw,
            "foreignSidecars": self.foreign_sidecars,
        }
        if self.stealth is not None:
            stamp["stealth"] = self.stealth
        if self.base_url is not None:
            stamp["baseUrl"] = self.base_url
        if self.limits is not DEFAULT_LIMITS and self.limits != DEFAULT_LIMITS:
            stamp["limits"] = {
                item.name: getattr(self.limits, item.name)
                for item in fields(Limits)
                if getattr(self.limits, item.name) != item.default
            }
        return stamp


def make_stamp(size: int, mtime_ns: int | None, options: Options, foreign: list[ForeignSidecar]) -> dict[str, Any]:
    """`extraction.stamp` of a record, as it stands in the record's JSON: all that the record depends on."""
    stamp: dict[str, Any] = {"size": size}
    if mtime_ns is not None:
        stamp["mtimeNs"] = mtime_ns
    stamp["extractor"] = __version__
    if options.scaling is not None:
        stamp["hashRevision"] = REVISIONS[options.scaling]
    stamp["options"] = options.stamp()
    if foreign:
        stamp["foreign"] = [[clean_text(item.name), item.size, item.mtime_ns] for item in foreign]
    return stamp


def present(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are None."""
    return {key: value for key, value in values.items() if value is not None}
