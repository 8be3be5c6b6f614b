"""How far a run is, and what failed in it: told by the files that are there, not by those who wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from extractor.batch.part import PartReport, attempt_status
from extractor.batch.run import Run


@dataclass(slots=True)
class Sum:
    """Reports of parts, added up."""

    parts: int = 0
    """Those that are done."""
    new: int = 0
    """Those of them for which anything was read."""
    rows: int = 0
    failed: int = 0
    transient: int = 0
    problems: list[PartReport] = field(default_factory=list)
    """Of parts that could not be done, or read."""

    def add(self, report: PartReport) -> None:
        """Count one part."""
        if report.problem is not None:
            self.problems.append(report)
            return
        self.parts += 1
        self.new += report.is_new
        self.rows += report.rows
        self.failed += report.failed
        self.transient += report.transient


def reports(run: Run, numbers: Iterable[int]) -> Iterator[PartReport]:
    """What is in the files of parts that are done."""
    return (attempt_status(run, number) for number in numbers)


def ranges(numbers: Iterable[int]) -> str:
    """``3, 7 to 9``."""
    pairs: list[list[int]] = []
    for number in sorted(numbers):
        if pairs and pairs[-1][1] == number - 1:
            pairs[-1][1] = number
        else:
            pairs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in pairs)
