"""A batch run on the command line: begun or joined, done with its progress, and what it came to."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from extractor.cli.output import note, print_text
from extractor.cli.progress import Progress
from extractor.cli.status import FAILED
from extractor.scanning.tally import Tally
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.batch.part import Work
    from extractor.batch.run import Run
    from extractor.batch.status import Sum
    from extractor.extraction.options import Completer

_ENGINES: Final = {"local": "extractor.batch.local", "ray": "extractor.batch.ray_engine"}
_PROBLEMS: Final = 20
"""Parts that could not be done and are told one by one."""


def place_of(given: str) -> str:
    """Where a run's folder is, for processes that run elsewhere too."""
    from extractor.cli.arguments import resolve_source
    from extractor.files.address import Address

    place = resolve_source(given)
    return place if isinstance(place, Address) else os.path.abspath(place)


def begin_run(
    place: str,
    paths: Sequence[str],
    more: Iterable[str],
    rows: int | None,
    filters: Mapping[str, Any],
    column: str | None,
    reading: Mapping[str, Any],
    *,
    quiet: bool,
) -> Run:
    """Begin a run, or go on with the one that is there; what was listed is told."""
    from extractor.batch.manifest import Count
    from extractor.batch.run import begin
    from extractor.batch.runfile import Inputs
    from extractor.extraction.options import checked_options

    count = Count()
    options = checked_options(**reading, base_url=None, limits=None)
    run = begin(place_of(place), Inputs(paths, filters, rows, more, column), options, count)
    if (count.parts or count.passed_over) and not quiet:
        left = count.archives_passed_over
        hint = f", {left:,} of them archives (--archives reads them)" if left else ""
        note(f"{_listed(run)} listed in {_parts(run.parts)}, {count.passed_over:,} passed over{hint}")
    return run


def joined_run(place: str, models: Completer | None) -> Run:
    """The run in a folder."""
    from extractor.batch.run import resume

    return resume(place_of(place), models)


class Doing:
    """Does parts, as the options say."""

    def __init__(
        self, engine: str, share: tuple[int, int], workers: int | None, connections: int | None, *, quiet: bool
    ) -> None:
        self._engine = engine
        self._share = share
        self._workers = workers
        self._connections = connections
        self._quiet = quiet

    def read(self, run: Run) -> int:
        """Do the parts that are missing; the exit code."""
        from extractor.batch.part import run_part

        finished, mine = run.finished(), self._mine(range(run.parts))
        missing = [number for number in mine if number not in finished]
        before = len(mine) - len(missing)
        return self._do(run_part, run, missing, lambda done: f"{done.parts} read, {before} done before")

    def retry(self, run: Run) -> int:
        """Read again what failed in the parts that are done; the exit code."""
        from extractor.batch.part import retry_part

        return self._do(retry_part, run, self._mine(sorted(run.finished())), lambda done: f"{done.new} read again")

    def _mine(self, numbers: Iterable[int]) -> list[int]:
        which, of = self._share
        return [number for number in numbers if number % of == which]

    def _do(self, work: Work, run: Run, numbers: Sequence[int], summary: Callable[[Sum], str]) -> int:
        from extractor.batch.part import Hands
        from extractor.batch.status import Sum

        hands = Hands(self._workers, self._connections)
        engine, done = import_module(_ENGINES[self._engine]), Sum()
        started, ended = time.monotonic(), "interrupted after"
        try:
            with _progress(run.rows_of(numbers), quiet=self._quiet) as told:
                for report in engine.do_parts(work, run, numbers, hands, told) if numbers else ():
                    done.add(report)
            ended = "in"
        finally:
            _print_problems(done)
            if not self._quiet:
                note(
                    f"{_parts(len(numbers))} {ended} {time.monotonic() - started:.1f} s: {summary(done)}, {_rows(done)}"
                )
        return FAILED if done.failed or done.problems else 0


def print_status(run: Run) -> int:
    """How far a run is, on stdout; the exit code is 0 when all is done and nothing failed."""
    from extractor.batch.status import Sum, ranges, reports

    done, finished = Sum(), run.finished()
    for report in reports(run, sorted(finished)):
        done.add(report)
    missing = set(range(run.parts)) - finished
    print_text(f"parts   {len(finished):,} of {run.parts:,}" + (f"; missing: {ranges(missing)}" if missing else ""))
    print_text(f"rows    {done.rows:,} of {_listed(run) if run.archives else f'{run.files:,}'}")
    print_text(f"failed  {done.failed:,}" + (f"; {done.transient:,} of them may be retried" if done.transient else ""))
    _print_problems(done)
    return FAILED if missing or done.failed or done.problems else 0


def _print_problems(done: Sum) -> None:
    for report in done.problems[:_PROBLEMS]:
        note(f"part {report.number} failed: {one_line(report.problem or '')}")
    if len(done.problems) > _PROBLEMS:
        note(f"and {len(done.problems) - _PROBLEMS:,} more parts")


def _rows(done: Sum) -> str:
    problems = f"{len(done.problems):,} not; " if done.problems else ""
    retried = f" ({done.transient:,} may be retried: --retry-failed)" if done.transient else ""
    return f"{problems}{done.rows:,} rows, {done.failed:,} of them failed{retried}"


def _listed(run: Run) -> str:
    archives = f" ({run.archives:,} of them archives)" if run.archives else ""
    return f"{run.files:,} files{archives}"


def _parts(count: int) -> str:
    return f"{count:,} {'part' if count == 1 else 'parts'}"


@contextmanager
def _progress(files: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many of so many files (None: nobody knows) have been read; gives what is to be called when some have."""
    tally = Tally()
    progress = Progress(tally, files)

    def told(count: int) -> None:
        tally.without_metadata += count

    if not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        progress.start(None)
    try:
        yield told
    finally:
        progress.stop()
