"""Warnings about one file: what was wrong and was worked around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from extractor.limits import DEFAULT_LIMITS, Limits


class ExtractionWarning(NamedTuple):
    """One warning: a stable `code` for programs, a `message` for people."""

    code: str
    message: str


LIMIT_PREFIX: Final = "limit:"


@dataclass(slots=True)
class WarningLog:
    """Collects the warnings of one file, each once, up to `limits.warnings`."""

    limits: Limits = DEFAULT_LIMITS
    items: list[ExtractionWarning] = field(default_factory=list)

    def add(self, code: str, message: str) -> None:
        """Keep one warning. `code` is lower-case words joined by ``-``."""
        warning = ExtractionWarning(code, message)
        if len(self.items) < self.limits.warnings and warning not in self.items:
            self.items.append(warning)

    def limit(self, name: str, message: str) -> None:
        """Keep the warning that the limit `name` (a field of `Limits`) was reached."""
        self.add(LIMIT_PREFIX + name, f"{message} (limit {name} = {getattr(self.limits, name)})")
