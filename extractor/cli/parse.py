"""``extractor parse``."""

from __future__ import annotations

import sys

import click

from extractor.cli.output import note, print_json


@click.command(epilog="\b\nExample:\n  extractor parse 'a cat\n  Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1'")
@click.argument("text", default="-")
def command(text: str) -> None:
    """Turn pasted generation parameters into JSON.

    TEXT is what A1111 and many others write and show below an image; without it, or with -, standard input is read.
    """
    from extractor.extraction.pasted import parse_infotext
    from extractor.files.bytesource import read_stream
    from extractor.limits import DEFAULT_LIMITS

    if text == "-":
        if sys.stdin.isatty():
            note("Paste the parameters and end with Ctrl-D (on Windows Ctrl-Z and Enter).")
        text = read_stream(sys.stdin.buffer, DEFAULT_LIMITS).decode("utf-8-sig", "replace")
    meta = parse_infotext(text)
    print_json(meta.model_dump_json(by_alias=True, exclude_none=True, indent=2))
