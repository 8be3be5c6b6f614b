"""``extractor watch``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click

from extractor.cli.completing import models_option, opened_models
from extractor.cli.options import files, record_options


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor watch ~/pictures\n  extractor watch ~/pictures -o catalog.db",
)
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", shell_complete=files)
@click.option("-o", "--output", metavar="FILE.db", help="Keep this catalog up to date, instead of sidecars.")
@click.option("--out-dir", metavar="FOLDER", help="As in: extractor sidecar --out-dir.")
@click.option("--prune", is_flag=True, help="Also take sidecars, or rows of the catalog, of images that are gone.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No files or folders whose name matches.")
@click.option("--hidden", is_flag=True, help="Also what begins with a dot.")
@click.option("-q", "--quiet", is_flag=True, help="Only what goes wrong.")
@models_option
@record_options
def command(
    folders: tuple[str, ...],
    output: str | None,
    out_dir: str | None,
    prune: bool,
    exclude: tuple[str, ...],
    quiet: bool,
    models: str | None,
    **scanning: Any,
) -> None:
    """Keep sidecars, or a catalog, up to date as pictures come.

    All that is there is done first; then what comes and changes, until Ctrl-C. A picture that is still being written
    is read when it is whole. A folder that goes is waited for. Needs the extra "watch".
    """
    from extractor.cli.arguments import resolve_argument
    from extractor.cli.output import note
    from extractor.export import format_of
    from extractor.scanning.watch import watch
    from extractor.text.printable import one_line

    if output is not None and format_of(output) != "sqlite":
        raise click.UsageError("watch keeps a catalog: -o FILE.db")
    if output is not None and out_dir is not None:
        raise click.UsageError("--out-dir is for sidecars, -o for a catalog")
    roots = [resolve_argument(folder) for folder in folders]
    with opened_models(models, quiet=quiet) as library, closing(watch(roots)) as runs:
        for run in runs:
            options = {**scanning, "models": library, "exclude": (*exclude, *run.unfinished)}
            if output is None:
                told = _sidecars(run.roots, out_dir=out_dir, prune=prune, quiet=quiet, **options)
            else:
                told = _catalog(run.roots, output, prune=prune, quiet=quiet, **options)
            if not quiet:
                note(f"{told}; watching {', '.join(map(one_line, run.roots))}")


def _sidecars(roots: Sequence[str], *, quiet: bool, **options: Any) -> str:
    from extractor.cli.outcome import Outcome, is_changed, is_told, tell
    from extractor.sidecars.write import write_sidecars

    outcome = Outcome()
    with closing(write_sidecars(roots, **options)) as results:
        for result in results:
            outcome.add(result)
            if is_told(result) or (is_changed(result) and not quiet):
                tell(result, changes=not quiet)
    return f"{outcome.written:,} written, {outcome.tally.skipped:,} unchanged, {outcome.tally.failed:,} failed"


def _catalog(roots: Sequence[str], output: str, *, prune: bool, quiet: bool, **options: Any) -> str:
    from extractor.catalog.writer import Catalog
    from extractor.cli.output import note, print_text
    from extractor.errors import OutputError
    from extractor.export import open_writer
    from extractor.scanning.scan import scan
    from extractor.scanning.tally import Tally
    from extractor.text.printable import one_line

    tally = Tally()
    with open_writer(output, "sqlite") as writer, closing(scan(roots, skip=writer.skip, **options)) as results:
        for result in results:
            tally.add(result)
            writer.write(result)
            if result.error is not None:
                note(f"failed: {one_line(result.path)}: {one_line(str(result.error))}")
            elif result.record is not None and not quiet:
                print_text(f"read: {one_line(result.path)}")
    if prune:
        try:
            with closing(Catalog(output)) as catalog:
                catalog.prune(roots)
        except OutputError as error:
            note(f"failed: {one_line(str(error))}")
    read = tally.files - tally.skipped - tally.failed
    return f"{read:,} read, {tally.skipped:,} unchanged, {tally.failed:,} failed"
