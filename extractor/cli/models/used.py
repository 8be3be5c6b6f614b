"""``extractor models used``."""

from __future__ import annotations

from typing import Final

import click

from extractor.cli.models.common import db_option, format_option, library_at, nothing_found, print_rows
from extractor.cli.status import FAILED

_COLUMNS: Final = ("by", "path")


@click.command(
    no_args_is_help=True,
    short_help="Tell which pictures were made with a model.",
    epilog="\b\nExample:\n  extractor models used zorblax-v2 pictures.db",
)
@click.argument("model", metavar="MODEL")
@click.argument("catalog", metavar="CATALOG")
@db_option
@format_option
def command(model: str, catalog: str, db: str | None, form: str | None) -> int:
    """Tell which pictures of a catalog were made with a model.

    MODEL is a path, hash, name or version id; CATALOG what `extractor scan -o FILE.db` has made. The exit code is 1
    when no such model is in the library.
    """
    import os

    from extractor.errors import OutputError
    from extractor.library.usage import uses

    with library_at(db) as library:
        at = os.path.abspath(model)
        models = [item for item in library.models() if item.path == at] or library.find(model)
        if not models:
            nothing_found(model)
            return FAILED
        try:
            found = uses(catalog, models, library.match)
        except OutputError as error:
            raise click.ClickException(f"{catalog}: {error}") from error
        print_rows(({"path": use.path, "by": use.by} for use in found), _COLUMNS, form)
    return 0
