"""``extractor models find``."""

from __future__ import annotations

import click

from extractor.cli.models.common import (
    MODEL_COLUMNS,
    db_option,
    format_option,
    known_row,
    library_at,
    model_row,
    nothing_found,
    print_rows,
)
from extractor.cli.status import FAILED


@click.command(
    no_args_is_help=True,
    short_help="Find models by hash, name or version id.",
    epilog="\b\nExample:\n  extractor models find 1c5a9e3b2f",
)
@click.argument("query", metavar="HASH|NAME|VERSION")
@db_option
@format_option
def command(query: str, db: str | None, form: str | None) -> int:
    """Find models by a hash or its beginning, a name, or a version id of Civitai.

    What is only known from imported answers has no path. The exit code is 1 when there is nothing.
    """
    with library_at(db) as library:
        here = library.find(query)
        ids = {model.version_id for model in here}
        known = [claim for claim in library.known(query) if claim.version_id not in ids]
        count = print_rows([*map(model_row, here), *map(known_row, known)], MODEL_COLUMNS, form)
    if not count:
        nothing_found(query)
    return 0 if count else FAILED
