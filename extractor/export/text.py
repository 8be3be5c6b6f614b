"""Rows as text: JSON Lines, JSON and CSV."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from extractor.rows.base import RowWriter
from extractor.rows.rows import CSV_COLUMNS, Scalar, flat_row, row_json

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters by which a spreadsheet takes a cell for a formula."""

_EXCEL_ROUNDS: Final = 10**15
"""Integers from here on lose digits in a cell of Excel."""


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


class CsvLines:
    """Lines of CSV (RFC 4180, UTF-8).

    Lists and objects are JSON. Text that a spreadsheet would take for a formula gets a ``'`` in front; numbers stay
    numbers. With `excel` the file begins with a mark of UTF-8, and integers that Excel would round are text.
    """

    def __init__(self, stream: BinaryIO, columns: Sequence[str], *, excel: bool = False) -> None:
        self._stream = stream
        self._excel = excel
        self._line = io.StringIO(newline="")
        self._csv = csv.writer(self._line)
        if excel:
            stream.write(codecs.BOM_UTF8)
        self._write(list(columns))

    def write(self, values: Iterable[Scalar]) -> None:
        """Append one line."""
        self._write([self._cell(value) for value in values])

    def _write(self, cells: Sequence[str | int | float]) -> None:
        self._csv.writerow(cells)
        self._stream.write(self._line.getvalue().encode("utf-8", "backslashreplace"))
        self._line.seek(0)
        self._line.truncate()

    def _cell(self, value: Scalar) -> str | int | float:
        if self._excel and type(value) is int and abs(value) >= _EXCEL_ROUNDS:
            return f"'{value}"
        return _cell(value)


class CsvWriter(RowWriter):
    """One line per image under a line of column names; see `CsvLines`."""

    def __init__(self, stream: BinaryIO, *, excel: bool = False) -> None:
        self._lines = CsvLines(stream, [column for column, _ in CSV_COLUMNS], excel=excel)

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self._lines.write(flat_row(result).values())


def _cell(value: Scalar) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
