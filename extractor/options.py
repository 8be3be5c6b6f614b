"""The options of reading, and the stamp that tells a later run whether a record still holds."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from extractor import __version__
from extractor.foreign import ForeignSidecar
from extractor.jsontext import clean_text
from extractor.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `extract` that change what is read."""

    hash: bool = True
    stealth: bool | None = None
    raw: bool = False
    foreign_sidecars: bool = True
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS

    @property
    def decodes(self) -> bool:
        """Whether pixels are decoded."""
        return self.hash or self.stealth is True

    def stamp(self) -> dict[str, Any]:
        """As they stand in `Stamp.options`."""
        stamp: dict[str, Any] = {"hash": self.hash, "raw": self.raw, "foreignSidecars": self.foreign_sidecars}
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
    return present(
        {
            "size": size,
            "mtimeNs": mtime_ns,
            "extractor": __version__,
            "options": options.stamp(),
            "foreign": [[clean_text(item.name), item.size, item.mtime_ns] for item in foreign] or None,
        }
    )


def present(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are None."""
    return {key: value for key, value in values.items() if value is not None}
