"""``extractor models hashes``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from extractor.cli.models.common import db_option, library_at
from extractor.cli.output import print_json, print_text
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.library.model import ModelFile


def _cut(kind: str, digits: int | None = None) -> Callable[[ModelFile], str | None]:
    return lambda model: (model.hash(kind) or "")[:digits] or None


_KINDS: Final[dict[str, Callable[[ModelFile], str | None]]] = {
    "sha256": _cut("sha256"),
    "autov2": _cut("sha256", 10),
    "autov3": _cut("tensors", 12),
    "autov1": _cut("autov1"),
    "blake3": _cut("blake3"),
    "crc32": _cut("crc32"),
}
"""Civitai's word for a kind of hash -> its value."""


@click.command(epilog="\b\nExample:\n  extractor models hashes --unknown --json > ask.json")
@click.option("--kind", type=click.Choice(tuple(_KINDS)), default="sha256", help="Which hash. Default: sha256.")
@click.option("--unknown", is_flag=True, help="Only models whose version on Civitai is not known for certain.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, as Civitai's by-hash lookup takes it.")
@db_option
def command(kind: str, unknown: bool, as_json: bool, db: str | None) -> None:
    """Print the hashes of the library, to look them up elsewhere.

    Each line is a hash, two blanks and the file, as sha256sum prints it.
    """
    from extractor.library.model import VERIFIED

    with library_at(db) as library:
        chosen = [model for model in library.models() if not (unknown and model.trust == VERIFIED)]
    pairs = [(digest, model.path) for model in chosen if (digest := _KINDS[kind](model)) is not None]
    if as_json:
        print_json(json.dumps(list(dict.fromkeys(digest.upper() for digest, _ in pairs)), indent=2))
        return
    for digest, path in pairs:
        print_text(f"{digest}  {one_line(path)}")
