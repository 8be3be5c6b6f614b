"""``extractor schema``."""

from __future__ import annotations

import sys

import click


@click.command(epilog="\b\nExample:\n  extractor schema > civitai-image-schema.json")
def command() -> None:
    """Print the JSON Schema of the records (Civitai's image schema)."""
    from importlib.resources import files

    schema = files("extractor").joinpath("schema/civitai-image-schema.json").read_bytes()
    sys.stdout.buffer.write(schema)
