"""What reading one file has brought up and cost: warnings, limits that were reached, and what is used up of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from extractor.limits import DEFAULT_LIMITS, LimitName, Limits


class ExtractionWarning(NamedTuple):
    """One warning: a stable `code` for programs, a `message` for people."""

    code: str
    message: str


LIMIT_PREFIX: Final = "limit:"


@dataclass(slots=True)
class Ledger:
    """The one book of a file: its warnings, each once, up to `limits.warnings`, and what was spent of its limits."""

    limits: Limits = DEFAULT_LIMITS
    items: list[ExtractionWarning] = field(default_factory=list)
    _spent: dict[LimitName, int] = field(default_factory=dict)
    """Limit on the file as a whole -> how much of it is used up."""

    def add(self, code: str, message: str) -> None:
        """Keep one warning. `code` is lower-case words joined by ``-``."""
        warning = ExtractionWarning(code, message)
        if len(self.items) < self.limits.warnings and warning not in self.items:
            self.items.append(warning)

    def aside(self) -> Ledger:
        """A ledger of the same limits and spending whose warnings are kept apart, until it is known that they count."""
        return Ledger(self.limits, [], self._spent)

    def adopt(self, other: Ledger) -> None:
        """Keep the warnings of another ledger."""
        for warning in other.items:
            self.add(*warning)

    def limit(self, name: LimitName, message: str) -> None:
        """Keep the warning that a limit was reached."""
        self.add(LIMIT_PREFIX + name, f"{message} (limit {name} = {getattr(self.limits, name)})")

    def left(self, name: LimitName) -> int:
        """How much of a limit on the whole file is not used up."""
        most: int = getattr(self.limits, name)
        return most - self._spent.get(name, 0)

    def spend(self, name: LimitName, amount: int) -> None:
        """Use up some of a limit on the whole file."""
        self._spent[name] = self._spent.get(name, 0) + amount

    def take(self, name: LimitName, message: str) -> bool:
        """Use up one of a limit on the whole file; False, with a warning, when none is left."""
        if self.left(name) <= 0:
            self.limit(name, message)
            return False
        self.spend(name, 1)
        return True

    def allow_text(self, wanted: int, what: str) -> int:
        """How many of `wanted` bytes may be read for the text `what`; a warning tells when it is fewer."""
        most, name = self.text_bound()
        if wanted > most:
            self.limit(name, f"{what}: cut to {most} of {wanted} bytes")
            wanted = most
        self.spend("text_total_bytes", wanted)
        return wanted

    def text_bound(self) -> tuple[int, LimitName]:
        """Bytes that the next text may have at most, and the limit that says so."""
        each, left = self.limits.text_bytes, self.limits.text_total_bytes - self._spent.get("text_total_bytes", 0)
        return (each, "text_bytes") if each <= left else (left, "text_total_bytes")
