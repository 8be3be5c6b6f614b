"""``extractor embed``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.completing import models_option, opened_models
from extractor.cli.options import files
from extractor.cli.writing import Job, embedding_options, jobs, run_jobs, writing_options

if TYPE_CHECKING:
    from extractor.library.library import ModelLibrary
    from extractor.record import Meta
    from extractor.writers.report import WriteReport


_WHOLE: Final = ("seed", "steps")
_NUMBERS: Final = ("cfgScale", "clipSkip", "denoise")
_STRUCTURED: Final = ("resources", "hashes", "civitaiResources", "characterPrompts", "extra")
"""Keys of the schema whose values are no texts."""


@click.command(
    no_args_is_help=True,
    short_help="Write generation data into images.",
    epilog="\b\nExample:\n  extractor embed a.png --text-file a.txt --in-place\n"
    "  extractor embed a.jpg --set seed=1 --set 'prompt=a cat' -o b.jpg\n"
    "  extractor embed pictures --civitai -o upload",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=files)
@click.option("--text", metavar="TEXT", help="The infotext to write. - is standard input.")
@click.option("--text-file", type=click.File("rb"), metavar="FILE", help="A file that holds the infotext.")
@click.option(
    "--set",
    "fields",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one field of what the file has (prompt, seed, Model, any other key). Empty takes it away. Repeatable.",
)
@click.option("--civitai", is_flag=True, help="Write it as Civitai's site reads it without loss.")
@click.option(
    "--graphs",
    type=click.Choice(["drop", "keep"]),
    help="What becomes of ComfyUI graphs. Without this they are kept, unless one would be believed over the text.",
)
@models_option
@embedding_options
@writing_options
def command(
    paths: tuple[str, ...],
    text: str | None,
    text_file: BinaryIO | None,
    fields: tuple[str, ...],
    civitai: bool,
    models: str | None,
    output: str | None,
    in_place: bool,
    dry_run: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Write generation data into images, in the place of what they have. No pixel is touched.

    The text is what A1111 would have written. With --set, or --civitai or --models alone, it is made of what each file
    has.
    """
    from extractor.writers.embed import embed

    given = _given(text, text_file)
    if given is not None and (fields or models):
        raise click.UsageError("--set and --models change what a file has; they do not go with --text")
    if given is None and not fields and not civitai and not models:
        raise click.UsageError("say what to write: --text, --text-file, --set, --models or --civitai")
    changes = [_field(field) for field in fields]

    def write(job: Job) -> WriteReport:
        what = _meta(job.source, given, changes, library) if given is None or civitai else given
        return embed(
            job.source,
            what,
            job.dest,
            in_place=in_place,
            dry_run=dry_run,
            dialect="civitai" if civitai else None,
            **options,
        )

    todo = jobs(paths, output, in_place=in_place, dry_run=dry_run)
    with opened_models(models, quiet=quiet) as library:
        return run_jobs(todo, write, quiet=quiet, dry_run=dry_run)


def _given(text: str | None, text_file: BinaryIO | None) -> str | None:
    if text is not None and text_file is not None:
        raise click.UsageError("--text and --text-file exclude each other")
    if text_file is None and text != "-":
        return text
    stream = text_file if text_file is not None else sys.stdin.buffer
    return stream.read().decode("utf-8-sig", "replace").rstrip("\r\n")


def _field(argument: str) -> tuple[str, object]:
    """(key, value); None takes it away."""
    key, equals, value = argument.partition("=")
    if not equals or not key.strip():
        raise click.BadParameter(f"{argument!r} is not KEY=VALUE", param_hint="--set")
    return key.strip(), _value(key.strip(), value) if value else None


def _value(key: str, value: str) -> object:
    """A number where the schema has one."""
    if key in _STRUCTURED:
        raise click.BadParameter(f"{key} holds more than one value: it can only be taken away", param_hint="--set")
    if key not in _NUMBERS and key not in _WHOLE:
        return value
    try:
        number = json.loads(value)
    except ValueError:
        number = None
    kinds = int if key in _WHOLE else int | float
    is_finite = not isinstance(number, float) or isfinite(number)
    if isinstance(number, bool) or not isinstance(number, kinds) or not is_finite:
        what = "a whole number" if key in _WHOLE else "a number"
        raise click.BadParameter(f"{key} is {what}, not {value!r}", param_hint="--set")
    return number


def _meta(
    source: str | bytes, given: str | None, changes: Sequence[tuple[str, object]], library: ModelLibrary | None
) -> Meta:
    """What is to be written: the given text as data, or what the file has with some fields changed."""
    from extractor.errors import WriteRefusedError
    from extractor.extraction.extract import extract
    from extractor.extraction.pasted import parse_infotext
    from extractor.record import Meta

    if given is not None:
        return parse_infotext(given)
    found = extract(source, hash=False, models=library).meta
    if found is None and not changes:
        raise WriteRefusedError("there is no generation data in the file")
    data = found.model_dump(by_alias=True, exclude_none=True) if found is not None else {}
    for key, value in changes:
        data[key] = value
    return Meta.model_validate({key: value for key, value in data.items() if value is not None})
