"""Rows as text: JSON Lines, JSON and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, BinaryIO, Final

from extractor.rows.base import RowWriter
from extractor.rows.rows import CSV_COLUMNS, Scalar, flat_row, row_json

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters by which a spreadsheet takes a cell for a formula."""


class JsonLinesWriter(RowWriter):
    """One JSON object per line, UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self._stream.write(f"{row_json(result)}\n".encode())


class JsonWriter(RowWriter):
    """One JSON array with an object per line, UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = b"[\n"

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self._stream.write(self._before + row_json(result).encode())
        self._before = b",\n"

    def close(self) -> None:
        """End the array."""
        self._stream.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")


class CsvWriter(RowWriter):
    """One line per image under a line of column names (RFC 4180, UTF-8).

    Lists and objects are JSON. Text that a spreadsheet would take for a formula gets a ``'`` in front; numbers
    stay numbers.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._line = io.StringIO(newline="")
        self._csv = csv.writer(self._line)
        self._write_line([column for column, _ in CSV_COLUMNS])

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self._write_line([_cell(value) for value in flat_row(result).values()])

    def _write_line(self, cells: list[str | int | float]) -> None:
        self._csv.writerow(cells)
        self._stream.write(self._line.getvalue().encode("utf-8", "backslashreplace"))
        self._line.seek(0)
        self._line.truncate()


def _cell(value: Scalar) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
