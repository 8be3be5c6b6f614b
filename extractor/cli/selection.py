"""Which results of a scan become rows, and in which order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from extractor.cli.fields import Field
from extractor.rows.rows import row_object

if TYPE_CHECKING:
    from extractor.catalog.query import Query
    from extractor.scanning.scan import ScanResult

ONLY: Final = ("with", "without", "ai")
"""With generation data; with nothing at all; with nothing but a mark that it was made by AI."""


def is_wanted(result: ScanResult, only: str | None, where: Query | None = None) -> bool:
    """Whether there is a row that passes ``--only`` and ``--where``, which leave failures to the summary."""
    if where is not None:
        from extractor.catalog.matching import matches

        if not matches(where, result):
            return False
    if only is None:
        return result.row is not None or result.record is not None or result.error is not None
    from extractor.scanning.scan import facts_of

    facts = result.facts if result.record is None else facts_of(result.record)
    if facts is None:
        return False
    if facts.has_metadata:
        return only == "with"
    return only == ("ai" if facts.is_marked else "without")


class Order:
    """The order of rows that ``--sort`` asks for."""

    def __init__(self, text: str) -> None:
        """`text` is a field, with ``-`` in front for the largest first. Raises `click.UsageError` for no field."""
        self._descending = text.startswith("-")
        self._field = Field.of(text.removeprefix("-"))

    def sorted(self, results: Iterable[ScanResult], limit: int | None) -> Iterator[ScanResult]:
        """The results in order, those without a value last, at most `limit`: no more than these are held."""
        keyed = ((*self._key(result), place, result) for place, result in enumerate(results))
        ordered = sorted(keyed) if limit is None else heapq.nsmallest(limit, keyed)
        return (item[-1] for item in ordered)

    def _key(self, result: ScanResult) -> tuple[int, Any]:
        value = self._field.value(row_object(result))
        if isinstance(value, (int, float)):
            return 0, -value if self._descending else value
        if value is None:
            return 2, ""
        word = value if isinstance(value, str) else str(value)
        return 1, _Reversed(word.casefold()) if self._descending else word.casefold()


class _Reversed(str):
    """A text that comes before those that it comes after."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)
