"""Everything about one image, for a person."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import click

from extractor.cli.cells import padded, shown, wrapped
from extractor.cli.output import wants_color
from extractor.text.printable import lines, one_line

if TYPE_CHECKING:
    from extractor.record import Extraction, ImageRecord, ModelFill, RecordWarning

_APART: Final = ("prompt", "negativePrompt", "characterPrompts", "resources")
"""Keys of meta that have a place of their own."""
_GAP: Final = "  "
_INDENT: Final = "  "
_WIDEST: Final = 32
"""Cells of a name beyond which its value begins on the next line."""
_DEEPEST: Final = 4
"""Objects within objects that are laid out; deeper ones are JSON."""
_SHORT: Final = 24
"""Characters of an object that stands on one line."""
_RESOURCE_COLUMNS: Final = ("type", "name", "weight", "strengthClip", "hash", "modelVersionId")
_COLUMNS_OF_A_FILE: Final = 100
_SEE_IT: Final = ("unrecognised-text",)
"""Codes of warnings about a text, whose place begins the message: a person will want to see it."""


def print_report(name: str, record: ImageRecord) -> None:
    """Print the record; sections that would be empty are left out."""
    color = wants_color()
    width = max(40, min(shutil.get_terminal_size((_COLUMNS_OF_A_FILE, 0)).columns, 300)) - len(_INDENT)
    for title, body in _sections(name, record, width):
        click.echo(click.style(title, bold=True) if color else title, color=color)
        click.echo("".join(f"{_INDENT}{line}\n" if line else "\n" for line in body), color=color)


def _sections(name: str, record: ImageRecord, width: int) -> Iterator[tuple[str, Sequence[str]]]:
    extraction = record.extraction
    meta = {} if record.meta is None else record.meta.model_dump(by_alias=True, exclude_none=True)
    yield one_line(name), list(_members(dict(_file_facts(record, extraction)), width))
    if record.meta is None:
        yield "No generation data", ["No text of the file says how the picture was made."]
    for title, key in (("Prompt", "prompt"), ("Negative prompt", "negativePrompt")):
        if key in meta:
            yield title, list(_text(meta[key], width)) if meta[key] else ["(empty)"]
    if meta.get("characterPrompts"):
        yield "Character prompts", list(_value(meta["characterPrompts"], width))
    parameters = {key: value for key, value in meta.items() if key not in _APART}
    if parameters:
        yield "Parameters", list(_members(parameters, width))
    resources = meta.get("resources")
    if resources:
        yield "Resources", _aligned(_resource_rows(resources))
    if extraction is not None and extraction.sources:
        yield "Sources", [one_line(source) for source in extraction.sources]
    if extraction is not None and extraction.models:
        yield "From the model library", _aligned(map(_fill_cells, extraction.models))
    if extraction is not None and extraction.warnings:
        yield "Warnings", list(_warnings(name, extraction.warnings, width))


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
    values = ", ".join(f"{key} {shown(value)}" for key, value in fill.filled.items())
    return [fill.at, values, f"by {fill.by}", fill.file or "(imported)"]


def _warnings(name: str, warnings: Iterable[RecordWarning], width: int) -> Iterator[str]:
    for warning in warnings:
        yield one_line(warning.code)
        yield from (_INDENT + line for line in wrapped(one_line(warning.message), width - len(_INDENT)))
        if warning.code in _SEE_IT:
            source = warning.message.partition(": ")[0]
            yield f"{_INDENT}to see it: extractor show {quote(one_line(name))} --raw-source {quote(one_line(source))}"


def _members(members: Mapping[str, Any], width: int, depth: int = 0) -> Iterator[str]:
    """Names and values below each other; a long value goes on under itself, one with parts stands below its name."""
    from rich.cells import cell_len

    names = {key: one_line(key) for key in members}
    column = min(_WIDEST, max(map(cell_len, names.values()), default=0))
    for key, value in members.items():
        name = names[key]
        body = list(_value(value, width - column - len(_GAP), depth))
        if len(body) > 1 and (_has_parts(value) or cell_len(name) > column):
            yield name
            yield from (_INDENT + line for line in _value(value, width - len(_INDENT), depth))
            continue
        yield f"{padded(name, column)}{_GAP}{body[0] if body else ''}".rstrip()
        yield from (f"{' ' * (column + len(_GAP))}{line}" if line else "" for line in body[1:])


def _has_parts(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _value(value: Any, width: int, depth: int = 0) -> Iterator[str]:
    """The lines of a value: text wrapped, an object as its members, a list as one line or as numbered items."""
    if depth >= _DEEPEST or not _has_parts(value) or not value:
        yield from _text(value, width)
    elif isinstance(value, dict):
        short = ", ".join(f"{one_line(str(key))} {shown(item)}" for key, item in value.items())
        if len(short) <= _SHORT and not any(map(_has_parts, value.values())):
            yield short
            return
        yield from _members({str(key): item for key, item in value.items()}, width, depth + 1)
    elif any(map(_has_parts, value)):
        for number, item in enumerate(value, 1):
            mark = f"{number}  "
            for place, line in enumerate(_value(item, width - len(mark), depth + 1)):
                yield (mark if place == 0 else " " * len(mark)) + line
    else:
        yield from _text(", ".join(shown(item) for item in value), width)


def _text(value: Any, width: int) -> Iterator[str]:
    text = value if isinstance(value, str) else shown(value)
    yield from wrapped(lines(text), width)


def _resource_rows(resources: Iterable[Any]) -> Iterator[list[str]]:
    """A line of titles and one of each resource; columns that nobody uses are left out."""
    rows = [resource if isinstance(resource, dict) else {"name": resource} for resource in resources]
    used = [column for column in _RESOURCE_COLUMNS if any(column in row for row in rows)]
    yield used
    for row in rows:
        yield [shown(row.get(column, "")) for column in used]


def _aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines with the cells of each column below each other; a very wide one pushes the rest of its own line only."""
    from rich.cells import cell_len

    safe = list(rows)
    widths = [min(2 * _WIDEST, max(map(cell_len, column))) for column in zip(*safe, strict=True)]
    return [_GAP.join(map(padded, row, widths)).rstrip() for row in safe]
