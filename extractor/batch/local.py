"""The engine of one machine: part after part, each read by several processes or threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.batch.part import Hands, PartReport, Told, Work, attempt, crew_for
from extractor.batch.run import Run


def do_parts(
    work: Work, run: Run, numbers: Iterable[int], hands: Hands, told: Told | None = None
) -> Iterator[PartReport]:
    """Do parts one by one, with the same workers; a report for each."""
    with crew_for(run, hands, told) as crew:
        for number in numbers:
            yield attempt(work, run, number, crew)
