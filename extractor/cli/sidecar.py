"""``extractor sidecar``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import partial
from typing import Any, BinaryIO

import click

from extractor.cli.completing import models_option, opened_models
from extractor.cli.options import named_files, record_options, walking_options
from extractor.cli.status import FAILED


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
@click.option(
    "--force-prune",
    is_flag=True,
    help="The same even where more than half of a folder's sidecars (and more than 20) would go.",
)
@click.option("--fsync/--no-fsync", default=True, help="Wait for each sidecar to be on the disk. Faster without.")
@click.option("--verify", is_flag=True, help="Write nothing: compare the images' SHA-256 with that in their sidecars.")
@models_option
@record_options
@walking_options
def command(
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    dry_run: bool,
    verify: bool,
    models: str | None,
    **options: Any,
) -> int:
    """Write the record of each image into a file beside it.

    The record of a.png is JSON in a.png.json, also for an image without metadata. A sidecar that is up to date is
    left alone, without opening its image. One that another program wrote is a conflict: it stays, and the exit code
    is 1. The url in a sidecar is the image's local path, unless --base-url is given.
    """
    from extractor.cli.outcome import Outcome, is_told, tell
    from extractor.cli.run import watched
    from extractor.sidecars.write import write_sidecars

    given = named_files(paths, files_from, null=null)
    if verify:
        return _verify(given, options, quiet=quiet)
    outcome = Outcome()
    with (
        watched(outcome.tally, given, options, partial(outcome.summary, dry_run=dry_run), quiet=quiet) as progress,
        opened_models(models, quiet=quiet) as library,
        closing(write_sidecars(given, dry_run=dry_run, records=False, models=library, **options)) as results,
    ):
        for result in results:
            outcome.add(result)
            if is_told(result):
                with progress.paused():
                    tell(result)
    return FAILED if outcome.tally.failed else 0


def _verify(given: Iterable[str], options: Mapping[str, Any], *, quiet: bool) -> int:
    """``--verify``. Raises `click.UsageError` for sidecars that do not stand beside their images."""
    from extractor.catalog.verify import verify_sidecars
    from extractor.cli.run import FILTERS
    from extractor.cli.verify import print_verdicts
    from extractor.scanning.walk import Filters

    if options["out_dir"] is not None:
        raise click.UsageError("--verify is for sidecars beside their images, not for --out-dir")
    filters = Filters(**{name: options[name] for name in FILTERS})
    return print_verdicts(verify_sidecars(given, filters), quiet=quiet)
