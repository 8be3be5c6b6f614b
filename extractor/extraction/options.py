"""The options of reading one file."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.record import ImageRecord


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
