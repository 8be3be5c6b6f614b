"""What the commands about models share: the library they work on, and how they print rows."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from extractor.cli.output import note, print_json, print_text
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.library.claims import Claim
    from extractor.library.library import ModelLibrary
    from extractor.library.model import ModelFile

_F = TypeVar("_F", bound=Callable[..., Any])
_GAP: Final = "  "
_NARROWEST: Final = 8
_PATHS: Final = ("path", "files")
_WIDTH: Final = 160
"""Columns of a table that is not printed on a terminal."""


def db_option(command: _F) -> _F:
    """Which library."""
    option = click.option("--db", metavar="FILE", help="The library. Default: models.db in your data folder.")
    return option(command)


def format_option(command: _F) -> _F:
    """How rows are printed."""
    option = click.option(
        "--format",
        "form",
        type=click.Choice(("table", "jsonl")),
        help="Default: a table on a terminal, else JSON Lines.",
    )
    return option(command)


@contextmanager
def library_at(db: str | None, *, is_new: bool = False) -> Iterator[ModelLibrary]:
    """The library of ``--db``, open for the block.

    Args:
        db: Its path; None: the user's own.
        is_new: It may be begun; else one that is not there is an error.
    """
    from extractor.errors import OutputError
    from extractor.library.library import ModelLibrary
    from extractor.library.place import default_library, make_home

    path = default_library() if db is None else db
    if not is_new and not os.path.exists(path):
        raise click.ClickException(f"{path}: there is no library yet; begin one with: extractor models scan DIR")
    try:
        make_home(path)
        with ModelLibrary.open(path) as library:
            yield library
    except OutputError as error:
        raise click.ClickException(f"{path}: {error}") from error


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: str | None) -> int:
    """Print rows; a table has these columns, JSON all keys. Returns how many there were."""
    count = 0
    if (form or ("table" if sys.stdout.isatty() else "jsonl")) == "jsonl":
        for row in rows:
            count += 1
            print_json(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
        return count
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    for line in _aligned([list(columns), *cells] if cells else []):
        print_text(line)
    return len(cells)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return one_line(", ".join(map(str, value)))
    return one_line(str(value))


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines whose columns stand below each other; the widest ones are cut to what the terminal has."""
    from rich.cells import cell_len

    if not rows:
        return
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    room = shutil.get_terminal_size((_WIDTH, 0)).columns - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    for row in rows:
        cells = zip(rows[0], row, widths, strict=True)
        yield _GAP.join(_fitted(cell, width, is_path=title in _PATHS) for title, cell, width in cells).rstrip()


def _fitted(cell: str, width: int, *, is_path: bool) -> str:
    """A cell of exactly this width: of a path that is too long the end, which tells files apart."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(cell) <= width:
        return set_cell_size(cell, width)
    if not is_path:
        return set_cell_size(cell, width - 1) + "…"
    end = cell[-width:]
    while cell_len(end) > width - 1:
        end = end[1:]
    return set_cell_size("…" + end, width)


def model_row(model: ModelFile) -> dict[str, Any]:
    """A model as one JSON object, without what is not known."""
    from extractor.library.complete import record_hash
    from extractor.library.model import CLAIMED, HEADER

    hashes = {item.kind: item.value for item in reversed(model.hashes) if item.origin not in (HEADER, CLAIMED)}
    claimed = {item.kind: item.value for item in model.hashes if item.origin in (HEADER, CLAIMED)}
    row = {
        "path": model.path,
        "name": model.name,
        "type": model.type,
        "base": model.base,
        "hash": record_hash(model),
        "title": model.title,
        "version": model.version_name,
        "modelId": model.model_id,
        "modelVersionId": model.version_id,
        "trust": model.trust,
        "trustBy": model.trust_by,
        "alias": model.alias,
        "trainedWords": model.words or None,
        "size": model.size,
        "format": model.format,
        "typeBy": model.type_by,
        "baseBy": model.base_by,
        "hashes": hashes or None,
        "claimedHashes": claimed or None,
        "edited": model.is_edited or None,
        "unknownToCivitai": model.is_unknown or None,
        "warnings": [{"code": code, "message": message} for code, message in model.warnings] or None,
    }
    return {key: value for key, value in row.items() if value is not None}


def known_row(claim: Claim) -> dict[str, Any]:
    """A model version that is not here, as one JSON object with the keys of `model_row`."""
    row = {
        "title": claim.model_name,
        "type": claim.type,
        "base": claim.base,
        "version": claim.version_name,
        "modelId": claim.model_id,
        "modelVersionId": claim.version_id,
        "trustBy": claim.source,
        "trainedWords": claim.words or None,
        "files": [{"name": file.name, "hashes": file.hashes} for file in claim.files] or None,
    }
    return {key: value for key, value in row.items() if value is not None}


MODEL_COLUMNS: Final = ("type", "base", "name", "hash", "modelVersionId", "trust", "title", "path")


def nothing_found(query: str) -> None:
    """Say that nothing was found."""
    note(f"nothing in the library is {one_line(query)}")
