"""``extractor parse``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from extractor.cli.output import note, print_json
from extractor.limits import PATH_BYTES

if TYPE_CHECKING:
    from extractor.record import Meta


@click.command(
    epilog="\b\nExample:\n  extractor parse 'a cat\n  Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1'"
    "\n  extractor parse workflow.json"
)
@click.argument("text", default="-")
def command(text: str) -> None:
    """Turn pasted generation parameters, or a file of them, into JSON.

    TEXT is what A1111 and many others write and show below an image, or a ComfyUI workflow; the name of a file stands
    for what is in it. Without it, or with -, standard input is read.
    """
    meta = _parse(_content(text))
    print_json(meta.model_dump_json(by_alias=True, exclude_none=True, indent=2))


def _content(text: str) -> str:
    """The text itself, or what is in the file of that name."""
    from extractor.errors import FileAccessError, access_error
    from extractor.files.bytesource import read_stream
    from extractor.limits import DEFAULT_LIMITS

    if text == "-":
        if sys.stdin.isatty():
            note("Paste the parameters and end with Ctrl-D (on Windows Ctrl-Z and Enter).")
        data = read_stream(sys.stdin.buffer, DEFAULT_LIMITS)
    elif (path := _file_named(text)) is not None:
        try:
            with open(path, "rb") as file:
                data = read_stream(file, DEFAULT_LIMITS)
        except OSError as error:
            raise access_error(error, FileAccessError) from error
    else:
        return text
    return data.decode("utf-8-sig", "replace")


def _file_named(text: str) -> str | None:
    """The file that is meant, if one is there: as a terminal hands it over, too."""
    from extractor.cli.arguments import resolve_argument

    if len(text) > PATH_BYTES:
        return None
    path = resolve_argument(text)
    return path if os.path.isfile(path) else None


def _parse(text: str) -> Meta:
    from extractor.errors import UnsupportedFormatError
    from extractor.extraction.pasted import parse_infotext, parse_workflow
    from extractor.text.jsontext import looks_like_object

    if looks_like_object(text):
        try:
            return parse_workflow(text)
        except UnsupportedFormatError:
            pass  # a prompt may look like JSON
    return parse_infotext(text)
