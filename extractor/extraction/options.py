"""The options of reading, and the stamp that tells a later run whether a record still holds."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple, Protocol, runtime_checkable

from extractor import __version__
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.readers.beside import ForeignSidecar
from extractor.record import ImageRecord
from extractor.text.jsontext import clean_text


@runtime_checkable
class Completer(Protocol):
    """Fills what records lack, as a library of models does. Pickled for other processes."""

    @property
    def revision(self) -> str:
        """Changes when records might be completed otherwise."""

    def complete(self, record: ImageRecord) -> ImageRecord:
        """The record with what was absent, and where it comes from in `Extraction.models`."""


class Options(NamedTuple):
    """The options of `extract` that change what is read."""

    hash: bool = True
    stealth: bool | None = None
    raw: bool = False
    foreign_sidecars: bool = True
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS
    models: Completer | None = None

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
    stamp: dict[str, Any] = {"size": size}
    if mtime_ns is not None:
        stamp["mtimeNs"] = mtime_ns
    stamp["extractor"] = __version__
    stamp["options"] = options.stamp()
    if options.models is not None:
        stamp["models"] = options.models.revision
    if foreign:
        stamp["foreign"] = [[clean_text(item.name), item.size, item.mtime_ns] for item in foreign]
    return stamp


def present(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are None."""
    return {key: value for key, value in values.items() if value is not None}
