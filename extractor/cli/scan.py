"""``extractor scan``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.arguments import resolve_source
from extractor.cli.completing import models_option, opened_models
from extractor.cli.fields import fields_of
from extractor.cli.options import archives_option, given_paths, named_files, record_options, walking_options
from extractor.cli.queries import query_argument
from extractor.cli.rowtarget import BARE, FORMATS, PRINTED, SQLITE, TABLE, Rows, named_writer
from extractor.cli.selection import ONLY, Order, is_wanted
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.rows.base import RowWriter
    from extractor.scanning.scan import ScanResult
    from extractor.scanning.tally import Tally

_READING: Final = ("hash", "stealth", "foreign_sidecars")


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor scan ~/pictures --only with -o pictures.csv",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Default: what the extension of -o says, a table on a terminal, else JSON Lines.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write to FILE (.jsonl .json .csv .parquet) in one step at the end; .db .sqlite is a catalog that is updated.",
)
@click.option(
    "--only",
    type=click.Choice(ONLY),
    help="Only rows of images with metadata, without any, or with nothing but a mark that AI made them.",
)
@click.option("--where", metavar="QUERY", help="Only rows of images that meet a query, as extractor search takes it.")
@click.option(
    "--fields",
    metavar="A,B,...",
    help="Only these: a column of CSV (seed), a key of the tool (meta.Version). One alone is printed bare.",
)
@click.option("--sort", metavar="FIELD", help="Rows in the order of a field; -FIELD: the largest first.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N rows.")
@click.option(
    "--excel", is_flag=True, help="CSV as Excel reads it: with a mark of UTF-8, integers of 16 digits as text."
)
@click.option("--errors", metavar="FILE", help="Also write the files that failed to FILE, as JSON Lines.")
@click.option("--prune", is_flag=True, help="Take images that are gone out of the catalog.")
@click.option(
    "--force-prune",
    is_flag=True,
    help="The same even where more than half of a folder's images (and more than 20) would go.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Read no metadata: compare the files' SHA-256 with the catalog's, which stays as it is.",
)
@models_option
@record_options
@archives_option
@walking_options
def command(
    form: str | None,
    output: str | None,
    only: str | None,
    where: str | None,
    fields: str | None,
    sort: str | None,
    limit: int | None,
    excel: bool,
    errors: str | None,
    prune: bool,
    force_prune: bool,
    verify: bool,
    models: str | None,
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    **scanning: Any,
) -> int:
    """Print or write a row for each image.

    Folders are gone through with all that is below them; what is no image there is passed over. Each row has the
    path as given; a file that cannot be read is a row with its error, and the exit code is 1. A single file is shown
    with all its details on a terminal. PATH can be - for an image on standard input.
    """
    from extractor.cli.rowsource import row_source, without_pixels
    from extractor.cli.run import watched
    from extractor.cli.summary import print_scan_summary
    from extractor.export import open_writer
    from extractor.scanning.tally import Tally

    output = None if output == "-" else output
    chosen = Rows(
        row_format(form, output, fields), output, fields_of(fields) if fields is not None else [], excel=excel
    )
    prune = prune or force_prune
    chosen.check(prune=prune)
    if verify:
        return _verify(chosen, named_files(paths, files_from, null=null), quiet=quiet)
    order = Order(sort) if sort else None
    condition = query_argument(where) if where is not None else None
    is_chosen = any(option is not None for option in (form, only, where, fields, sort, limit, errors))
    if chosen.kind == TABLE and not is_chosen and _is_one_file(paths, files_from):
        return _show(paths[0], models, scanning)
    given = given_paths(paths, files_from, null=null)
    tally = Tally()
    with watched(tally, given, scanning, print_scan_summary, quiet=quiet) as progress, ExitStack() as stack:
        failures = stack.enter_context(named_writer(errors, open_writer(errors, "jsonl"))) if errors else None
        writer = stack.enter_context(chosen.writer())
        if not chosen.needs_pixels(sort, where):
            scanning = without_pixels(scanning)
        library = stack.enter_context(opened_models(models, quiet=quiet))
        # A row can be made where its file is read, unless the record itself is asked for here.
        make = writer.make if order is None and condition is None else None
        rows = row_source(given, skip=writer.skip, make=make, models=library, **scanning)
        results = stack.enter_context(closing(rows))
        wanted = (result for result in _counted(results, tally, failures) if is_wanted(result, only, condition))
        for result in order.sorted(wanted, limit) if order else islice(wanted, limit):
            with progress.paused():
                writer.write(result)
    if prune and output is not None:
        _prune(output, [resolve_source(path) for path in paths], force=force_prune, quiet=quiet)
    return FAILED if tally.failed else 0


def _verify(chosen: Rows, given: Iterable[str], *, quiet: bool) -> int:
    """``--verify``. Raises `click.UsageError` without a catalog."""
    from extractor.catalog.verify import verify_catalog
    from extractor.cli.verify import print_verdicts

    if chosen.kind != SQLITE or chosen.output is None:
        raise click.UsageError("--verify needs a catalog: -o FILE.db")
    return print_verdicts(verify_catalog(chosen.output, given), quiet=quiet)


def _counted(results: Iterable[ScanResult], tally: Tally, failures: RowWriter | None) -> Iterator[ScanResult]:
    for result in results:
        tally.add(result)
        if failures is not None and result.error is not None:
            failures.write(result)
        yield result


def _is_one_file(paths: Sequence[str], listed: BinaryIO | None) -> bool:
    from extractor.cli.show import STDIN, holds_files

    if len(paths) != 1 or listed is not None:
        return False
    return paths[0] == STDIN or not holds_files(resolve_source(paths[0]))


def _show(path: str, models: str | None, scanning: Mapping[str, Any]) -> int:
    """The details of one file, as ``extractor show`` prints them."""
    from extractor.cli.show import show_report

    reading = {name: scanning[name] for name in _READING}
    with opened_models(models) as library:
        return 0 if show_report(path, models=library, **reading) else FAILED


def row_format(form: str | None, output: str | None, fields: str | None) -> str:
    """The format of the rows. Raises `click.UsageError` when nothing tells, or it does not go there."""
    from extractor.export import format_of

    if output is None:
        if form is None and fields is not None and len(fields_of(fields)) == 1:
            return BARE
        printed = form or (TABLE if sys.stdout.isatty() else "jsonl")
        if printed not in PRINTED:
            raise click.UsageError(f"{printed} cannot be printed; give -o FILE")
        return printed
    written = form or format_of(output)
    if written is None:
        raise click.UsageError(f"the extension of {output} says no format; give --format")
    return written


def _prune(catalog_path: str, roots: Sequence[str], *, force: bool, quiet: bool) -> None:
    from extractor.catalog.writer import Catalog
    from extractor.cli.output import note

    with closing(Catalog(catalog_path)) as catalog:
        removed = catalog.prune(roots, force=force)
    if not quiet:
        note(f"{removed:,} taken out of the catalog, as they are gone")
