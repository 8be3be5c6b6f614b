"""``extractor show``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from extractor.cli.options import reading_options

if TYPE_CHECKING:
    from extractor.record import ImageRecord


@click.command(epilog="\b\nExample:\n  extractor show a.png\n  extractor show a.png --infotext | xclip")
@click.argument("file", metavar="FILE")
@click.option("--json", "form", flag_value="json", help="The record as JSON.")
@click.option("--raw", "form", flag_value="raw", help="The texts of the file as they stand there.")
@click.option("--infotext", "form", flag_value="infotext", help="The generation data as A1111 would write it.")
@click.option(
    "--infotext-as",
    "dialect",
    type=click.Choice(["a1111", "civitai"]),
    help="The generation data as A1111 would write it, or as Civitai's site reads it without loss.",
)
@reading_options
def command(
    file: str, form: str | None, dialect: str | None, hash: bool, stealth: bool | None, foreign_sidecars: bool
) -> None:
    """Show everything about one image.

    Prompts in full, parameters, resources, where they were found, and warnings. FILE can be - for standard input.
    """
    from extractor.cli.output import print_json, print_text

    record = _read(file, hash=hash, stealth=stealth, foreign_sidecars=foreign_sidecars, raw=form == "raw")
    if form == "json":
        print_json(record.model_dump_json(by_alias=True, exclude_none=True, indent=2))
    elif form == "raw":
        print_text(_raw_texts(record))
    elif form == "infotext" or dialect is not None:
        from extractor.writers.civitai import format_civitai
        from extractor.writers.infotext import format_infotext

        if record.meta is None:
            raise click.ClickException("there is no generation data in the file")
        print_text((format_civitai if dialect == "civitai" else format_infotext)(record.meta))
    else:
        from extractor.cli.report import print_report

        print_report(file, record)


def _read(file: str, *, hash: bool, stealth: bool | None, foreign_sidecars: bool, raw: bool) -> ImageRecord:
    from extractor.cli.arguments import resolve_argument
    from extractor.errors import ExtractorError
    from extractor.extraction.extract import extract
    from extractor.text.printable import one_line

    source = sys.stdin.buffer if file == "-" else resolve_argument(file)
    try:
        return extract(source, hash=hash, stealth=stealth, foreign_sidecars=foreign_sidecars, raw=raw)
    except ExtractorError as error:
        raise click.ClickException(f"{one_line(file)}: {type(error).__name__}: {error}") from error


def _raw_texts(record: ImageRecord) -> str:
    """Each text under the place it was found."""
    raw = (record.extraction.raw if record.extraction is not None else None) or []
    return "\n\n".join(f"== {text.source} ==\n{text.text}" for text in raw)
