"""``extractor parse``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from extractor.cli.options import files
from extractor.cli.output import note, print_json
from extractor.cli.rowsource import stdin_bytes
from extractor.limits import PATH_BYTES

if TYPE_CHECKING:
    from extractor.record import Meta

_SUFFIXES: Final = (".txt", ".json", ".png", ".jpg", ".jpeg", ".webp")
"""What a name of a file ends with, and hardly a prompt."""


@click.command(
    epilog="""\b
Example:
  extractor parse 'a cat
  Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1'
  extractor parse parameters.txt
  extractor parse workflow.json"""
)
@click.argument("text", default="-", metavar="[TEXT|FILE]", shell_complete=files)
def command(text: str) -> None:
    """Turn pasted generation parameters, or a file of them, into JSON.

    TEXT is what A1111 and many others write and show below an image, a ComfyUI workflow, or the name of a file that
    holds either; without it, or with -, standard input is read.
    """
    if text == "-":
        if sys.stdin.isatty():
            note("Paste the parameters and end with Ctrl-D (on Windows Ctrl-Z and Enter).")
        text = _decoded(stdin_bytes())
    elif (path := _file_named(text)) is not None:
        text = _decoded(_from_file(path))
    print_json(_parse(text).model_dump_json(by_alias=True, exclude_none=True, indent=2))


def _file_named(text: str) -> str | None:
    """The file that is meant, if one is there: parameters have several lines or are no name of a file."""
    from extractor.cli.arguments import resolve_argument
    from extractor.text.printable import one_line

    if "\n" in text.strip() or len(text) > PATH_BYTES:
        return None
    path = resolve_argument(text)
    if os.path.isfile(path):
        return path
    if text.lower().endswith(_SUFFIXES):
        note(f"no file has that name, it is taken for a prompt: {one_line(text)}")
    return None


def _from_file(path: str) -> bytes:
    from extractor.extraction.given import opened
    from extractor.limits import DEFAULT_LIMITS

    with opened(path, DEFAULT_LIMITS) as file:
        return file.bytes.read_at(0, min(file.bytes.size, DEFAULT_LIMITS.text_bytes))


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


def _decoded(data: bytes) -> str:
    from extractor.containers.kinds import sniff

    if sniff(data) is not None:
        raise click.UsageError("that is an image, not parameters; what it holds is shown by: extractor show")
    return data.decode("utf-8-sig", "replace")
