"""``--verify``: what became of the files that sidecars or a catalog tell of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from extractor.catalog.verify import Verdict, Verified
from extractor.cli.output import note, print_text
from extractor.cli.status import FAILED
from extractor.text.printable import one_line

_SILENT: Final = (Verdict.SAME, Verdict.UNKNOWN)
_WRONG: Final = (Verdict.DAMAGED, Verdict.UNREADABLE)


def print_verdicts(verified: Iterable[Verified], *, quiet: bool) -> int:
    """Print a line for each file that is not the same, and the counts; the exit code."""
    counts: Counter[Verdict] = Counter()
    for item in verified:
        counts[item.verdict] += 1
        if item.verdict not in _SILENT:
            reason = f": {one_line(str(item.error))}" if item.error is not None else ""
            print_text(f"{item.verdict}: {one_line(item.path)}{reason}")
    if not quiet:
        told = [f"{counts[verdict]:,} {verdict}" for verdict in Verdict if counts[verdict] or verdict in _SILENT[:1]]
        note(f"{counts.total():,} {'file' if counts.total() == 1 else 'files'}: {', '.join(told)}")
    return FAILED if any(counts[verdict] for verdict in _WRONG) else 0
