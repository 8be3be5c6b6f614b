"""``extractor scan``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.options import given_paths, record_options, walking_options
from extractor.cli.output import data_stream, wants_color
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.export import RowWriter
    from extractor.scanning.scan import ScanResult

TABLE: Final = "table"
SQLITE: Final = "sqlite"
_PRINTED: Final = (TABLE, "jsonl", "json", "csv")
"""Formats that stdout can take."""
_FORMATS: Final = (*_PRINTED, "parquet", SQLITE)
_COLUMNS_OF_A_FILE: Final = 160
"""Width of a table that is not printed on a terminal."""


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor scan ~/pictures --only with -o pictures.csv",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Default: what the extension of -o says, a table on a terminal, else JSON Lines.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write to FILE (.jsonl .json .csv .parquet) in one step at the end; .db .sqlite is a catalog that is updated.",
)
@click.option("--only", type=click.Choice(("with", "without")), help="Only rows of images with, or without, metadata.")
@click.option("--errors", metavar="FILE", help="Also write the files that failed to FILE, as JSON Lines.")
@click.option("--prune", is_flag=True, help="Take images that are gone out of the catalog.")
@record_options
@walking_options
def command(
    form: str | None,
    output: str | None,
    only: str | None,
    errors: str | None,
    prune: bool,
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    **scanning: Any,
) -> int:
    """Print or write a row for each image.

    Folders are gone through with all that is below them; what is no image there is passed over. Each row has the
    path as given; a file that cannot be read is a row with its error, and the exit code is 1.
    """
    from extractor.cli.arguments import resolve_argument
    from extractor.cli.run import watched
    from extractor.cli.summary import print_scan_summary
    from extractor.export import open_writer
    from extractor.scanning.scan import scan
    from extractor.scanning.tally import Tally

    output = None if output == "-" else output
    kind = _format(form, output)
    if prune and kind != SQLITE:
        raise click.UsageError("--prune needs a catalog: -o FILE.db")
    given = given_paths(paths, files_from, null=null)
    tally = Tally()
    with watched(tally, given, scanning, print_scan_summary, quiet=quiet) as progress, ExitStack() as stack:
        failures = stack.enter_context(_named(errors, open_writer(errors, "jsonl"))) if errors else None
        writer = stack.enter_context(_writer(kind, output))
        results = scan(given, skip=writer.skip, make=writer.make, **scanning)
        for result in stack.enter_context(closing(results)):
            tally.add(result)
            if _is_wanted(result, only):
                with progress.paused():
                    writer.write(result)
            if failures is not None and result.error is not None:
                failures.write(result)
    if prune and output is not None:
        _prune(output, [resolve_argument(path) for path in paths], quiet=quiet)
    return FAILED if tally.failed else 0


def _format(form: str | None, output: str | None) -> str:
    """The format of the rows. Raises `click.UsageError` when nothing tells, or it does not go there."""
    from extractor.export import format_of

    if output is None:
        printed = form or (TABLE if sys.stdout.isatty() else "jsonl")
        if printed not in _PRINTED:
            raise click.UsageError(f"{printed} cannot be printed; give -o FILE")
        return printed
    written = form or format_of(output)
    if written is None:
        raise click.UsageError(f"the extension of {output} says no format; give --format")
    return written


def _writer(kind: str, output: str | None) -> AbstractContextManager[RowWriter]:
    from extractor.export import open_writer, write_whole, writer_class

    if output is not None:
        return _named(output, write_whole(output, _table) if kind == TABLE else open_writer(output, kind))
    return _on_stdout(_table if kind == TABLE else writer_class(kind))


@contextmanager
def _named(path: str, writer: AbstractContextManager[RowWriter]) -> Iterator[RowWriter]:
    """The writer, whose errors name its file."""
    from extractor.errors import OutputError

    try:
        with writer as opened:
            yield opened
    except OutputError as error:
        raise click.ClickException(f"{path}: {error}") from error


@contextmanager
def _on_stdout(make: Callable[[BinaryIO], RowWriter]) -> Iterator[RowWriter]:
    # A table has escaped its cells itself, and colours them.
    writer = make(data_stream(escaped=make is not _table))
    yield writer
    writer.close()


def _table(stream: BinaryIO) -> RowWriter:
    from extractor.cli.table import TableWriter

    columns = shutil.get_terminal_size((_COLUMNS_OF_A_FILE, 0)).columns
    return TableWriter(stream, width=columns, color=wants_color())


def _is_wanted(result: ScanResult, only: str | None) -> bool:
    """Whether there is a row that passes ``--only``, which leaves failures to the summary and ``--errors``."""
    from extractor.scanning.scan import facts_of

    if only is None:
        return result.row is not None or result.record is not None or result.error is not None
    facts = result.facts or (facts_of(result.record) if result.record is not None else None)
    return facts is not None and facts.has_metadata == (only == "with")


def _prune(catalog_path: str, roots: Sequence[str], *, quiet: bool) -> None:
    from extractor.catalog.writer import Catalog
    from extractor.cli.output import note

    with closing(Catalog(catalog_path)) as catalog:
        removed = catalog.prune(roots)
    if not quiet:
        note(f"{removed:,} taken out of the catalog, as they are gone")
