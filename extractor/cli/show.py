"""``extractor show``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from extractor.cli.completing import models_option, opened_models
from extractor.cli.options import far_options, files, reading_options
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.errors import ExtractorError
    from extractor.record import ImageRecord, Meta, RawText

STDIN: Final = "-"
_OF_SEVERAL: Final = ("connections", "image_column")
"""Options that say nothing of one file."""
_INFOTEXTS: Final = ("a1111", "civitai", "args")


@click.command(
    no_args_is_help=True,
    epilog="""\b
Example:
  extractor show a.png
  extractor show a.png --infotext | xclip
  extractor show a.png --raw-source workflow > workflow.json
  extractor show ~/pictures --infotext-as args > prompts.txt""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=files)
@click.option("--json", "as_json", is_flag=True, help="The record as JSON; with --raw also every text of the file.")
@click.option("--raw", is_flag=True, help="The texts of the file as they stand there.")
@click.option(
    "--raw-source",
    metavar="NAME",
    help="One text of the file and nothing else: its place as --raw tells it, or the end of that where it is unique.",
)
@click.option("--infotext", is_flag=True, help="The generation data as A1111 would write it.")
@click.option(
    "--infotext-as",
    type=click.Choice(_INFOTEXTS),
    help="The same for another reader. civitai: what the site reads without loss. args: one line for the script "
    '"Prompts from file or textbox" of A1111.',
)
@models_option
@reading_options
@far_options
def command(
    paths: tuple[str, ...],
    as_json: bool,
    raw: bool,
    raw_source: str | None,
    infotext: bool,
    infotext_as: str | None,
    models: str | None,
    **reading: Any,
) -> int:
    """Show everything about an image.

    Prompts in full, parameters, resources, where they were found, and warnings. PATH can be - for standard input;
    of several files, and of folders with all that is below them, one follows the other.
    """
    show = _form(as_json, raw, raw_source, infotext_as or ("a1111" if infotext else None))
    failed = False
    with opened_models(models) as library:
        for name, found, named in _records(paths, raw=raw or raw_source is not None, models=library, **reading):
            if isinstance(found, Exception):
                failed = not _fail(name, found)
            else:
                failed = not (show(name, found, named) or not named) or failed
    return FAILED if failed else 0


_Show: TypeAlias = "Callable[[str, ImageRecord, bool], bool]"
"""Prints one record under its name; False when there is nothing to print, which is said of a file that was named."""


def _form(as_json: bool, raw: bool, raw_source: str | None, infotext: str | None) -> _Show:
    """What prints a record. Raises `click.UsageError` for options that exclude each other."""
    if sum((as_json or raw, raw_source is not None, infotext is not None)) > 1:
        raise click.UsageError("choose one of --json, --raw, --raw-source and --infotext (--json --raw go together)")
    if raw_source is not None:
        return partial(_show_source, raw_source)
    if infotext is not None:
        return _Infotexts(infotext)
    if as_json:
        return _show_json
    return _show_raw if raw else _show_report


def _records(paths: Sequence[str], **reading: Any) -> Iterator[tuple[str, ImageRecord | ExtractorError, bool]]:
    """The images of all paths, those of folders too: (name, the record or why there is none, whether it was named)."""
    from extractor.cli.arguments import resolve_source

    for argument in paths:
        path = argument if argument == STDIN else resolve_source(argument)
        if path == STDIN or not holds_files(path):
            alone = {name: value for name, value in reading.items() if name not in _OF_SEVERAL}
            yield path, _read(path, **alone), True
            continue
        from extractor.scanning.scan import scan

        with closing(scan([path], **reading)) as results:
            for result in results:
                found = result.error or result.record
                if found is not None:
                    yield result.path, found, False


def holds_files(path: str) -> bool:
    """Whether a path or an `Address` may mean more than one picture: a folder, an archive, a bucket."""
    from extractor.files.address import Address, split_member
    from extractor.scanning.find import is_archive, may_be_archive

    if isinstance(path, Address):
        return split_member(path) is None and may_be_archive(path)
    return os.path.isdir(path) or is_archive(path)


def _read(path: str, **reading: Any) -> ImageRecord | ExtractorError:
    from extractor.errors import ExtractorError
    from extractor.extraction.extract import extract

    try:
        return extract(sys.stdin.buffer if path == STDIN else path, **reading)
    except ExtractorError as error:
        return error


def show_report(argument: str, **reading: Any) -> bool:
    """Print the details of one file, or why it cannot be read; whether it could."""
    from extractor.cli.arguments import resolve_source

    path = argument if argument == STDIN else resolve_source(argument)
    found = _read(path, **reading)
    return _fail(path, found) if isinstance(found, Exception) else _show_report(path, found, True)


def _fail(name: str, error: ExtractorError) -> bool:
    from extractor.cli.output import note
    from extractor.text.printable import one_line

    note(f"Error: {one_line(name)}: {one_line(error.reason)}")
    return False


def _show_report(name: str, record: ImageRecord, _named: bool) -> bool:
    from extractor.cli.sheet import print_report

    print_report(name, record)
    return True


def _show_json(_name: str, record: ImageRecord, _named: bool) -> bool:
    from extractor.cli.output import print_json

    print_json(record.model_dump_json(by_alias=True, exclude_none=True, indent=2))
    return True


def _show_raw(_name: str, record: ImageRecord, _named: bool) -> bool:
    from extractor.cli.output import print_text

    print_text("\n\n".join(f"== {text.source} ==\n{text.text}" for text in _raw(record)))
    return True


def _show_source(wanted: str, name: str, record: ImageRecord, named: bool) -> bool:
    from extractor.cli.output import note, print_exactly
    from extractor.text.printable import one_line

    texts = _raw(record)
    found = {text.source: text.text for text in texts if _is_named(text.source, wanted)}
    if len(found) == 1:
        print_exactly(next(iter(found.values())))
        return True
    if not named:
        return False
    sources = ", ".join(one_line(source) for source in found or dict.fromkeys(text.source for text in texts))
    there = f"there are {sources}" if sources else "it holds no text"
    note(f"Error: {one_line(name)}: {'several texts' if found else 'no text'} {one_line(wanted)}; {there}")
    return False


def _is_named(source: str, wanted: str) -> bool:
    """Whether it is the source, or its last parts: ``workflow``, ``tEXt:workflow``, ``png:tEXt:workflow``."""
    return source == wanted or source.endswith(f":{wanted}")


def _raw(record: ImageRecord) -> list[RawText]:
    return (record.extraction.raw if record.extraction is not None else None) or []


class _Infotexts:
    """Prints infotexts, those of several files with an empty line between, or one line each."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._printed = False

    def __call__(self, name: str, record: ImageRecord, named: bool) -> bool:
        from extractor.cli.output import note, print_text
        from extractor.text.printable import one_line

        if record.meta is None:
            if named:
                note(f"Error: {one_line(name)}: there is no generation data in the file")
            return False
        text = self._written(record.meta)
        print_text(f"\n{text}" if self._printed and self._form != "args" else text)
        self._printed = True
        return True

    def _written(self, meta: Meta) -> str:
        if self._form == "args":
            from extractor.writers.arguments import format_arguments

            return format_arguments(meta)
        if self._form == "civitai":
            from extractor.writers.civitai import format_civitai

            return format_civitai(meta)
        from extractor.writers.infotext import format_infotext

        return format_infotext(meta)
