"""``extractor models resolve``."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.models.common import db_option, format_option, library_at, print_rows
from extractor.cli.options import given_paths, walking_options
from extractor.cli.output import note
from extractor.cli.status import FAILED
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.library.library import ModelLibrary, ResolvedModel
    from extractor.record import ImageRecord

_COLUMNS: Final = ("status", "by", "type", "name", "hash", "modelVersionId", "pictures", "files")
_STATUSES: Final = ("here", "other file", "unproven", "ambiguous", "missing")


@click.command(
    no_args_is_help=True,
    short_help="Tell which models of pictures are here or missing.",
    epilog="\b\nExample:\n  extractor models resolve ~/pictures --only missing",
)
@click.option(
    "--hash", "hashes", is_flag=True, help="Hash files of the right name that have no hash yet: may take long."
)
@click.option("--only", type=click.Choice(_STATUSES), help="Only models of this status.")
@db_option
@format_option
@walking_options
def command(
    hashes: bool,
    only: str | None,
    db: str | None,
    form: str | None,
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    **walking: Any,
) -> int:
    """Tell which models of pictures are here, are another file of that name, ambiguous, or missing.

    One row for each model, with the number of pictures that name it and one of them.
    """
    from extractor.cli.rowsource import row_source

    failed = 0
    tally: dict[tuple[Any, ...], dict[str, Any]] = {}
    with library_at(db) as library:
        with closing(row_source(given_paths(paths, files_from, null=null), hash=False, **walking)) as results:
            for result in results:
                if result.error is not None:
                    failed += 1
                    note(f"{one_line(result.path)}: {one_line(str(result.error))}")
                elif result.record is not None:
                    _count(tally, result.path, _resolved(library, result.record, hashes=hashes, quiet=quiet))
        rows = [row for row in tally.values() if only is None or row["status"] == only]
        print_rows(rows, _COLUMNS, form)
    if not quiet:
        counts = Counter(row["status"] for row in tally.values())
        told = ", ".join(f"{counts[status]:,} {status}" for status in _STATUSES if counts[status])
        note(f"{len(tally):,} {'model' if len(tally) == 1 else 'models'}{': ' if told else ''}{told}")
    return FAILED if failed else 0


def _resolved(library: ModelLibrary, record: ImageRecord, *, hashes: bool, quiet: bool) -> list[ResolvedModel]:
    found = library.resolve(record)
    unproven = [file for item in found if item.status == "unproven" for file in item.files]
    if not (hashes and unproven):
        return found
    from extractor.cli.models.watching import watched

    with watched(quiet=quiet) as report:
        library.hash(unproven, report)
    return library.resolve(record)


def _count(tally: dict[tuple[Any, ...], dict[str, Any]], path: str, found: list[ResolvedModel]) -> None:
    keys = {(item.type, item.name, item.hash, item.version_id): item for item in found}
    for key, item in keys.items():
        row = tally.get(key)
        if row is None:
            row = {
                "status": str(item.status),
                "by": item.by,
                "type": item.type,
                "name": item.name,
                "hash": item.hash,
                "modelVersionId": item.version_id,
                "knownAs": item.known_as,
                "pictures": 0,
                "picture": path,
                "files": [file.path for file in item.files] or None,
            }
            tally[key] = {name: value for name, value in row.items() if value is not None}
        tally[key]["pictures"] += 1
