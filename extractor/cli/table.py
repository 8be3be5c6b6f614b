"""A table that is printed line by line: a folder may have a million rows."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.cells import shown, shown_name
from extractor.cli.layout import USUAL, Column, Layout
from extractor.files.address import folder_and_name
from extractor.rows.base import RowWriter
from extractor.rows.rows import row_object, value_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractor.scanning.scan import ScanResult

_MEASURED: Final = 100
"""Rows that are held back to measure the columns."""
_PATIENCE: Final = 0.5
"""Seconds after which those that have come are enough."""
_INDENT: Final = "  "


class _Row:
    """What a result shows, while no column has a width yet."""

    __slots__ = ("cells", "error", "folder")

    def __init__(self, result: ScanResult, columns: Sequence[Column]) -> None:
        self.folder, name = folder_and_name(result.path) or os.path.split(result.path)
        row = _row(result)
        self.cells = [
            shown(value_at(row, column.place)) if column.place else shown_name(name or result.path)
            for column in columns
        ]
        self.error = shown(str(result.error)) if result.error is not None else None


class TableWriter(RowWriter):
    """Columns as wide as the first rows ask for, over the width of the terminal; each folder as a line of its own."""

    def __init__(self, stream: BinaryIO, *, width: int, color: bool, columns: Sequence[Column] = USUAL) -> None:
        self._stream = stream
        self._color = color
        self._width = width
        self._columns = columns
        self._grouped = not columns[0].place
        self._folder = ""
        self._held: list[_Row] = []
        self._since = 0.0
        self._layout: Layout | None = None

    def write_row(self, result: ScanResult) -> None:
        """Print one row, the first ones as soon as there are enough of them to measure."""
        row = _Row(result, self._columns)
        if self._layout is not None:
            self._print(row, self._layout)
            return
        self._held.append(row)
        if len(self._held) == 1:
            self._since = time.monotonic()
        if len(self._held) >= _MEASURED or time.monotonic() - self._since > _PATIENCE:
            self._begin(complete=False)

    def close(self) -> None:
        """Print what was held back; a table without rows has its titles alone."""
        if self._layout is None:
            self._begin(complete=bool(self._held))

    def _begin(self, *, complete: bool) -> None:
        indent = len(_INDENT) if self._grouped and any(row.folder for row in self._held) else 0
        rows = [
            [" " * indent + row.cells[0], *row.cells[1:]] if row.folder else row.cells
            for row in self._held
            if row.error is None
        ]
        rows += [[row.cells[0]] + [""] * (len(row.cells) - 1) for row in self._held if row.error is not None]
        self._layout = Layout(self._columns, rows, self._width, complete=complete)
        self._write(self._layout.titles, bold=True)
        for row in self._held:
            self._print(row, self._layout)
        self._held = []

    def _print(self, row: _Row, layout: Layout) -> None:
        cells = [row.cells[index] for index in layout.indices]
        if self._grouped:
            if row.folder != self._folder:
                self._folder = row.folder
                self._write(layout.whole(shown_name(row.folder or os.curdir) + os.sep), fg="cyan")
            if row.folder:
                cells[0] = _INDENT + cells[0]
        if row.error is None:
            self._write(layout.line(cells))
        else:
            self._write(layout.spanning(cells[0], row.error), fg="red")

    def _write(self, line: str, *, bold: bool = False, fg: str | None = None) -> None:
        if self._color and (bold or fg):
            line = click.style(line, bold=bold or None, fg=fg)
        self._stream.write(f"{line}\n".encode())


def _row(result: ScanResult) -> dict[str, Any]:
    row = row_object(result)
    record = result.record
    if record is not None:
        row["size"] = f"{record.width}x{record.height}"
    return row
