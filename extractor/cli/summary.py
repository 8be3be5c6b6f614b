"""What a run came to, in a few lines on stderr."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from extractor.cli.output import note
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.rows.same import SameGroup
    from extractor.scanning.tally import Tally

_LONGEST_REASON: Final = 200


def print_scan_summary(tally: Tally, duration: str) -> None:
    """Files, with metadata, without, passed over, failed and why, and the files of each generator."""
    counts = [("with metadata", tally.with_metadata), ("without", tally.without_metadata)]
    if tally.ai_marked:
        counts.insert(1, ("ai-marked", tally.ai_marked))
    if tally.skipped:
        counts.append(("unchanged", tally.skipped))
    _print_counts(tally, duration, [*counts, ("failed", tally.failed), ("passed over", tally.passed_over)])
    _print_counter("generators", tally.generators)
    _print_counter("ai-marked", tally.markers)
    print_failures(tally)


def print_sidecar_summary(tally: Tally, duration: str, *, dry_run: bool, conflicts: int, pruned: int) -> None:
    """Files, sidecars written, unchanged, in conflict and failed, passed over, taken away."""
    would = "would be " if dry_run else ""
    counts = [
        (f"{would}written", tally.with_metadata + tally.ai_marked + tally.without_metadata),
        ("unchanged", tally.skipped),
        ("in conflict", conflicts),
        ("failed", tally.failed - conflicts),
        ("passed over", tally.passed_over),
    ]
    if pruned:
        counts.append((f"{would}removed as their image is gone", pruned))
    _print_counts(tally, duration, counts)


def print_same_summary(groups: Sequence[SameGroup]) -> Callable[[Tally, str], None]:
    """Prints how many pictures there were, and how many of them are the same as another."""

    def summary(tally: Tally, duration: str) -> None:
        more = sum(len(group.paths) - 1 for group in groups)
        _print_counts(
            tally,
            duration,
            [
                ("group" if len(groups) == 1 else "groups", len(groups)),
                ("more than once", more),
                ("failed", tally.failed),
            ],
        )
        print_failures(tally)

    return summary


def _print_counter(title: str, counter: Counter[str]) -> None:
    if counter:
        note(f"{title}: " + ", ".join(f"{one_line(name)} {count:,}" for name, count in counter.most_common()))


def _print_counts(tally: Tally, duration: str, counts: Sequence[tuple[str, int]]) -> None:
    files = f"{tally.files:,} {'file' if tally.files == 1 else 'files'}"
    note(f"{files} {duration}: {', '.join(f'{count:,} {what}' for what, count in counts)}")


def print_failures(tally: Tally) -> None:
    """One line for each reason, the most frequent first."""
    for group in sorted(tally.failures.values(), key=lambda group: -group.files):
        names = ", ".join(one_line(path) for path in group.examples)
        more = ", ..." if group.files > len(group.examples) else ""
        note(f"failed ({group.files:,}): {one_line(group.reason[:_LONGEST_REASON])}: {names}{more}")
