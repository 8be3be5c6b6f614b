"""Counts over the results of a scan."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from extractor.errors import ExtractorError
from extractor.scanning.scan import Facts, ScanResult, facts_of

_REASONS: Final = 50
"""Reasons of failure that are told apart; further ones are one."""
_OTHER_REASONS: Final = "other reasons"
_EXAMPLES: Final = 3


@dataclass(slots=True)
class FailureGroup:
    """Files that failed for one reason."""

    reason: str
    files: int = 0
    examples: list[str] = field(default_factory=list)
    """The first few paths."""


@dataclass(slots=True)
class Tally:
    """How many files there were of each sort. Its size does not grow with their number."""

    with_metadata: int = 0
    without_metadata: int = 0
    """Neither generation data nor a mark."""
    ai_marked: int = 0
    """No generation data, but a mark that the picture was made by AI."""
    passed_over: int = 0
    skipped: int = 0
    """Not read, because nothing has changed since they were."""
    failed: int = 0
    bytes: int = 0
    """Size of all files that were read."""
    generators: Counter[str] = field(default_factory=Counter)
    """Generator -> files with metadata."""
    markers: Counter[str] = field(default_factory=Counter)
    """The same for those that are only marked."""
    failures: dict[str, FailureGroup] = field(default_factory=dict)

    @property
    def results(self) -> int:
        """All that was added."""
        return self.files + self.passed_over

    @property
    def files(self) -> int:
        """Images and what was taken for one; not what was passed over."""
        return self.with_metadata + self.ai_marked + self.without_metadata + self.skipped + self.failed

    def add(self, result: ScanResult) -> None:
        """Count one result."""
        if result.error is not None:
            self.add_failure(result.path, result.error)
        elif result.skipped:
            self.skipped += 1
        elif result.facts is not None:
            self.add_facts(result.facts)
        elif result.record is not None:
            self.add_facts(facts_of(result.record))
        else:
            self.passed_over += 1

    def add_facts(self, facts: Facts) -> None:
        """Count one file that was read."""
        self.bytes += facts.size
        generator = facts.generator or "unknown"
        if facts.has_metadata:
            self.with_metadata += 1
            self.generators[generator] += 1
        elif facts.is_marked:
            self.ai_marked += 1
            self.markers[generator] += 1
        else:
            self.without_metadata += 1

    def add_failure(self, path: str, error: ExtractorError) -> None:
        """Count one file that failed."""
        self.failed += 1
        reason = error.reason
        if reason not in self.failures and len(self.failures) >= _REASONS:
            reason = _OTHER_REASONS
        group = self.failures.setdefault(reason, FailureGroup(reason))
        group.files += 1
        if len(group.examples) < _EXAMPLES:
            group.examples.append(path)
