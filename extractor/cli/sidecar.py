"""``extractor sidecar``."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from extractor.cli.options import given_paths, record_options, walking_options
from extractor.cli.output import note, print_text
from extractor.cli.status import FAILED
from extractor.terminal import one_line

if TYPE_CHECKING:
    from extractor.sidecar import SidecarResult
    from extractor.tally import Tally


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor sidecar ~/pictures\n  extractor sidecar ~/pictures --out-dir ~/records --dry-run",
)
@click.option(
    "--out-dir",
    metavar="FOLDER",
    help="Write to FOLDER/<name of the argument>/<path below it>.json instead of beside the images.",
)
@click.option("--force", is_flag=True, help="Also replace files in a sidecar's place that this program did not write.")
@click.option("--dry-run", is_flag=True, help="Change nothing, print what would be written or removed.")
@click.option("--prune", is_flag=True, help="Also remove sidecars of this program whose image is gone.")
@click.option("--fsync/--no-fsync", default=True, help="Wait for each sidecar to be on the disk. Faster without.")
@record_options
@walking_options
def command(
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    dry_run: bool,
    **options: Any,
) -> int:
    """Write the record of each image into a file beside it.

    The record of a.png is JSON in a.png.json, also for an image without metadata. A sidecar that is up to date is
    left alone, without opening its image. One that another program wrote is a conflict: it stays, and the exit code
    is 1. The url in a sidecar is the image's local path, unless --base-url is given.
    """
    from extractor.cli.run import watched
    from extractor.sidecar import write_sidecars
    from extractor.tally import Tally

    given = given_paths(paths, files_from, null=null)
    count = _Count(Tally())
    with (
        watched(count.tally, given, options, partial(count.summary, dry_run=dry_run), quiet=quiet) as progress,
        closing(write_sidecars(given, dry_run=dry_run, **options)) as results,
    ):
        for result in results:
            count.add(result)
            with progress.paused():
                _print(result)
    return FAILED if count.tally.failed else 0


class _Count:
    """Counts results as the summary and the progress want them."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._conflicts = 0
        self._pruned = 0

    def add(self, result: SidecarResult) -> None:
        from extractor.scanning import ScanResult
        from extractor.sidecar import SidecarStatus

        if result.status in (SidecarStatus.PRUNED, SidecarStatus.WOULD_PRUNE):
            self._pruned += 1
            return
        self._conflicts += result.status is SidecarStatus.CONFLICT
        self.tally.add(
            ScanResult(
                result.path,
                result.record,
                result.error,
                passed_over=result.status is SidecarStatus.PASSED_OVER,
                skipped=result.status is SidecarStatus.UNCHANGED,
            )
        )

    def summary(self, tally: Tally, duration: str, *, dry_run: bool) -> None:
        from extractor.cli.summary import print_sidecar_summary

        print_sidecar_summary(tally, duration, dry_run=dry_run, conflicts=self._conflicts, pruned=self._pruned)


def _print(result: SidecarResult) -> None:
    """A line for what went wrong, and in a dry run for what would be done."""
    from extractor.sidecar import SidecarStatus

    place = one_line(result.sidecar or result.path)
    if result.error is not None:
        message = f"{type(result.error).__name__}: {result.error}"
        note(f"{result.status}: {one_line(result.path)}: {one_line(message)}")
    elif result.status in (SidecarStatus.WOULD_WRITE, SidecarStatus.WOULD_PRUNE):
        print_text(f"{result.status}: {place}")
