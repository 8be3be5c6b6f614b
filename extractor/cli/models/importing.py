"""``extractor models import``."""

from __future__ import annotations

import click

from extractor.cli.models.common import db_option, library_at
from extractor.cli.output import note
from extractor.text.printable import one_line


@click.command(
    no_args_is_help=True,
    short_help="Take saved answers of Civitai's API.",
    epilog="\b\nExample:\n  extractor models import model-versions.json",
)
@click.argument("dumps", nargs=-1, metavar="DUMP.json...", required=True)
@db_option
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
def command(dumps: tuple[str, ...], db: str | None, quiet: bool) -> None:
    """Take answers of Civitai's API that you have saved: names for ids and hashes, without the internet.

    A file holds a model, a model version, or a list of these, also one a line. `extractor models hashes` prints what
    can be asked for.
    """
    from extractor.cli.arguments import resolve_argument
    from extractor.errors import ExtractorError, OutputError

    with library_at(db, is_new=True) as library:
        for dump in dumps:
            try:
                count = library.import_answers(resolve_argument(dump))
            except OutputError:
                raise
            except ExtractorError as error:
                raise click.ClickException(f"{one_line(dump)}: {error}") from error
            if not quiet:
                note(f"{one_line(dump)}: {count:,} {'version' if count == 1 else 'versions'}")
