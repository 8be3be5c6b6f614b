"""The options of reading one file."""

from __future__ import annotations

from typing import NamedTuple

from extractor.limits import DEFAULT_LIMITS, Limits


class Options(NamedTuple):
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
