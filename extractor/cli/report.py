"""Everything about one image, for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from extractor.cli.output import wants_color
from extractor.text.printable import lines, one_line

if TYPE_CHECKING:
    from extractor.record import Extraction, ImageRecord, ModelFill

_APART: Final = ("prompt", "negativePrompt", "resources")
"""Keys of meta that have a place of their own."""
_GAP: Final = "  "
_WIDEST: Final = 48
"""Cells beyond this width push the rest of their own line only."""
_RESOURCE_COLUMNS: Final = ("type", "name", "weight", "strengthClip", "hash", "modelVersionId")


def print_report(name: str, record: ImageRecord) -> None:
    """Print the record; sections that would be empty are left out."""
    color = wants_color()
    for title, body in _sections(name, record):
        click.echo(click.style(title, bold=True) if color else title, color=color)
        click.echo("".join(f"  {line}\n" if line else "\n" for line in body), color=color)


def _sections(name: str, record: ImageRecord) -> Iterator[tuple[str, Sequence[str]]]:
    extraction = record.extraction
    meta = {} if record.meta is None else record.meta.model_dump(by_alias=True, exclude_none=True)
    yield one_line(name), _aligned(_file_facts(record, extraction))
    if record.meta is None:
        yield "No generation data", ["No text of the file says how the picture was made."]
    for title, key in (("Prompt", "prompt"), ("Negative prompt", "negativePrompt")):
        if key in meta:
            yield title, lines(_text(meta[key])).split("\n") if meta[key] else ["(empty)"]
    parameters = [(key, _text(value)) for key, value in meta.items() if key not in _APART]
    if parameters:
        yield "Parameters", _aligned(parameters)
    resources = meta.get("resources")
    if resources:
        yield "Resources", _aligned(_resource_rows(resources))
    if extraction is not None and extraction.sources:
        yield "Sources", [one_line(source) for source in extraction.sources]
    if extraction is not None and extraction.models:
        yield "From the model library", _aligned(map(_fill_cells, extraction.models))
    if extraction is not None and extraction.warnings:
        yield "Warnings", _aligned((warning.code, warning.message) for warning in extraction.warnings)


def _file_facts(record: ImageRecord, extraction: Extraction | None) -> Iterator[tuple[str, str]]:
    yield "size", f"{record.width} x {record.height}"
    if extraction is not None:
        if extraction.generator:
            yield "generator", f"{extraction.generator} {extraction.version or ''}".rstrip()
        if extraction.ai_generated:
            yield "made by AI", "yes, it says so itself"
        if extraction.mime_type:
            yield "type", extraction.mime_type
        if extraction.file_size is not None:
            yield "bytes", f"{extraction.file_size:,}"
    for title, value in (
        ("created", record.created_at),
        ("hash", record.hash),
        ("sha256", extraction.sha256 if extraction is not None else None),
        ("url", record.url),
        ("id", record.id),
    ):
        if value is not None:
            yield title, str(value)


def _fill_cells(fill: ModelFill) -> list[str]:
    """What was filled, where, from which file, and what joined them."""
    values = ", ".join(f"{key} {_text(value)}" for key, value in fill.filled.items())
    return [fill.at, values, f"by {fill.by}", fill.file or "(imported)"]


def _resource_rows(resources: Iterable[Any]) -> Iterator[list[str]]:
    """A line of titles and one of each resource; columns that nobody uses are left out."""
    rows = [resource if isinstance(resource, dict) else {"name": resource} for resource in resources]
    used = [column for column in _RESOURCE_COLUMNS if any(column in row for row in rows)]
    yield used
    for row in rows:
        yield [_text(row.get(column, "")) for column in used]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines with the cells of each column below each other."""
    from rich.cells import cell_len

    safe = [[one_line(cell) for cell in row] for row in rows]
    widths = [min(_WIDEST, max(map(cell_len, column))) for column in zip(*safe, strict=True)]
    return [
        _GAP.join(cell + " " * max(0, width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in safe
    ]
