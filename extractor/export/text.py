"""Rows as text: JSON Lines, JSON and CSV."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

from extractor.rows.base import RowWriter
from extractor.rows.rows import CSV_COLUMNS, Scalar, flat_row, row_json

if TYPE_CHECKING:
    from extractor.scanning.scan import Make, ScanResult

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
        self._stream.write(json_line(result))

    def write_ready(self, row: bytes) -> None:
        """Append one line."""
        self._stream.write(row)

    @property
    def make(self) -> Make:
        """See `RowWriter.make`."""
        return json_line


def json_line(result: ScanResult) -> bytes:
    """A row as one line of JSON."""
    return f"{row_json(result)}\n".encode()


class JsonWriter(RowWriter):
    """One JSON array with an object per line, UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = b"[\n"

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self.write_ready(json_line(result))

    def write_ready(self, row: bytes) -> None:
        """Append one line of JSON."""
        self._stream.write(self._before + row.removesuffix(b"\n"))
        self._before = b",\n"

    @property
    def make(self) -> Make:
        """See `RowWriter.make`."""
        return json_line

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
        if excel:
            stream.write(codecs.BOM_UTF8)
        stream.write(_line(columns))

    def write(self, values: Iterable[Scalar]) -> None:
        """Append one line."""
        self._stream.write(_values_line(values, excel=self._excel))


class CsvWriter(RowWriter):
    """One line per image under a line of column names; see `CsvLines`."""

    def __init__(self, stream: BinaryIO, *, excel: bool = False) -> None:
        self._stream = stream
        self._make = partial(csv_line, excel=excel)
        CsvLines(stream, [column for column, _ in CSV_COLUMNS], excel=excel)

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self._stream.write(self._make(result))

    def write_ready(self, row: bytes) -> None:
        """Append one line."""
        self._stream.write(row)

    @property
    def make(self) -> Make:
        """See `RowWriter.make`."""
        return self._make


def csv_line(result: ScanResult, *, excel: bool = False) -> bytes:
    """A row as one line of CSV; see `CsvLines`."""
    return _values_line(flat_row(result).values(), excel=excel)


def _values_line(values: Iterable[Scalar], *, excel: bool) -> bytes:
    return _line(_excel_cell(value) if excel else _cell(value) for value in values)


def _line(cells: Iterable[str | int | float]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "backslashreplace")


def _excel_cell(value: Scalar) -> str | int | float:
    return f"'{value}" if type(value) is int and abs(value) >= _EXCEL_ROUNDS else _cell(value)


def _cell(value: Scalar) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
