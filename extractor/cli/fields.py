"""Fields that somebody asks for by name: ``--fields seed,meta.VAE`` and ``--sort``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.rows.base import RowWriter
from extractor.rows.rows import CSV_COLUMNS, Scalar, column_values, row_object, value_at
from extractor.text.printable import encodable, json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractor.scanning.scan import ScanResult

_PLACES: Final = dict(CSV_COLUMNS)
_OBJECTS: Final = ("meta", "extraction")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a row, under the name it was asked for."""

    name: str
    place: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Field:
        """A column of CSV (``seed``), a key of the tool (``meta.Schedule type``) or any place (``extraction.stamp``).

        Raises `click.UsageError` for a name that is none.
        """
        if name in _PLACES:
            return cls(name, _PLACES[name])
        head, dot, rest = name.partition(".")
        if name in _OBJECTS or (head in _OBJECTS and dot and rest):
            return cls(name, (head, rest) if rest else (head,))
        from difflib import get_close_matches

        close = get_close_matches(name, _PLACES, 1, 0.6) or [word for word in _PLACES if word.lower() == name.lower()]
        advice = f"did you mean {close[0]}" if close else f"a key of the tool is meta.{name}"
        raise click.UsageError(f"there is no field {name}; {advice}")

    def value(self, row: dict[str, Any]) -> Any:
        """Its value in a row as `row_object` gives it; a key may hold dots itself. None where there is none."""
        if self.name in _PLACES:
            return column_values(row)[self.name]
        value = value_at(row, self.place)
        if value is None and self.place[-1].count("."):
            value = value_at(row, (*self.place[:-1], *self.place[-1].split(".")))
        return value


def fields_of(text: str) -> list[Field]:
    """The fields of a list with commas. Raises `click.UsageError`."""
    fields = [Field.of(name.strip()) for name in text.split(",") if name.strip()]
    if not fields:
        raise click.UsageError("--fields names no field")
    return fields


class BareWriter(RowWriter):
    """The values of one field, nothing else: a line for each image, an empty one where it has no value."""

    def __init__(self, stream: BinaryIO, field: Field) -> None:
        self._stream = stream
        self._field = field

    def write_row(self, result: ScanResult) -> None:
        """Print the value of one record; a failure is told in the summary."""
        if result.record is not None:
            self._stream.write(f"{encodable(_bare(self._field.value(row_object(result))))}\n".encode())


class PickingWriter(RowWriter):
    """JSON Lines of objects with some fields; a failure is as it always is."""

    def __init__(self, stream: BinaryIO, fields: Sequence[Field]) -> None:
        self._stream = stream
        self._fields = fields

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        row = row_object(result)
        picked = row if result.record is None else {field.name: field.value(row) for field in self._fields}
        self._stream.write(f"{json_text(json.dumps(picked, ensure_ascii=False))}\n".encode())


class CsvOfFields(RowWriter):
    """CSV with some fields; a failure, which has none, is told in the summary."""

    def __init__(self, stream: BinaryIO, fields: Sequence[Field], *, excel: bool) -> None:
        from extractor.export.text import CsvLines

        self._fields = fields
        self._lines = CsvLines(stream, [field.name for field in fields], excel=excel)

    def write_row(self, result: ScanResult) -> None:
        """Append the line of a record."""
        if result.record is not None:
            row = row_object(result)
            self._lines.write([_scalar(field.value(row)) for field in self._fields])


def _bare(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _scalar(value: Any) -> Scalar:
    return value if value is None or isinstance(value, (str, int, float)) else _bare(value)
