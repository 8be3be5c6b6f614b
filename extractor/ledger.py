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
class Ledger:
    """Collects the warnings of one file, each once, up to `limits.warnings`, and what its texts have cost."""

    limits: Limits = DEFAULT_LIMITS
    items: list[ExtractionWarning] = field(default_factory=list)
    _spent: dict[str, int] = field(default_factory=dict)
    """Limit of all texts together -> how much of it is used up."""

    def add(self, code: str, message: str) -> None:
        """Keep one warning. `code` is lower-case words joined by ``-``."""
        warning = ExtractionWarning(code, message)
        if len(self.items) < self.limits.warnings and warning not in self.items:
            self.items.append(warning)

    def aside(self) -> Ledger:
        """A ledger of the same limits and spending whose warnings are kept apart, until it is known that they count."""
        return Ledger(self.limits, [], self._spent)

    def take(self, other: Ledger) -> None:
        """Keep the warnings of another ledger."""
        for warning in other.items:
            self.add(*warning)

    def left(self, name: str) -> int:
        """How much of the limit `name`, of all texts of the file together, is not used up."""
        most: int = getattr(self.limits, name)
        return most - self._spent.get(name, 0)

    def spend(self, name: str, amount: int) -> None:
        """Use up some of the limit `name`."""
        self._spent[name] = self._spent.get(name, 0) + amount

    def limit(self, name: str, message: str) -> None:
        """Keep the warning that the limit `name` (a field of `Limits`) was reached."""
        self.add(LIMIT_PREFIX + name, f"{message} (limit {name} = {getattr(self.limits, name)})")
