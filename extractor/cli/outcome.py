"""What came of each image of a run of ``extractor sidecar``: counted, and told where somebody must know."""

from __future__ import annotations

from typing import Final

from extractor.cli.output import note, print_text
from extractor.cli.summary import print_sidecar_summary
from extractor.scanning.tally import Tally
from extractor.sidecars.write import SidecarResult, SidecarStatus
from extractor.text.printable import one_line

_UNCHANGED: Final = SidecarStatus.UNCHANGED
_PASSED_OVER: Final = SidecarStatus.PASSED_OVER
_PRUNED: Final = (SidecarStatus.PRUNED, SidecarStatus.WOULD_PRUNE)
_PLANS: Final = (SidecarStatus.WOULD_WRITE, SidecarStatus.WOULD_PRUNE)


class Outcome:
    """Counts results as the summary and the progress want them."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._conflicts = 0
        self._pruned = 0

    def add(self, result: SidecarResult) -> None:
        """Count one result."""
        status = result.status
        if status is _UNCHANGED:
            self.tally.skipped += 1
        elif status is _PASSED_OVER:
            self.tally.passed_over += 1
        elif status in _PRUNED:
            self._pruned += 1
        elif result.error is not None:
            self._conflicts += status is SidecarStatus.CONFLICT
            self.tally.add_failure(result.path, result.error)
        elif result.facts is not None:
            self.tally.add_facts(result.facts)

    @property
    def written(self) -> int:
        """Sidecars written, or that would be."""
        return self.tally.with_metadata + self.tally.ai_marked + self.tally.without_metadata

    def summary(self, tally: Tally, duration: str, *, dry_run: bool) -> None:
        """Print what the run came to."""
        print_sidecar_summary(tally, duration, dry_run=dry_run, conflicts=self._conflicts, pruned=self._pruned)


def is_told(result: SidecarResult) -> bool:
    """Whether there is a line for it: for what went wrong, and in a dry run for what would be done."""
    return result.error is not None or result.warning is not None or result.status in _PLANS


def is_changed(result: SidecarResult) -> bool:
    """Whether a sidecar was written or removed."""
    return result.status in (SidecarStatus.WRITTEN, SidecarStatus.PRUNED)


def tell(result: SidecarResult, *, changes: bool = False) -> None:
    """Print the line; with `changes` also for what was written or removed."""
    if result.warning is not None:
        note(f"warning: {one_line(result.sidecar or result.path)}: {result.warning}")
    if result.error is not None:
        note(f"{result.status}: {one_line(result.path)}: {one_line(str(result.error))}")
    elif result.status in _PLANS or (changes and is_changed(result)):
        print_text(f"{result.status}: {one_line(result.sidecar or result.path)}")
