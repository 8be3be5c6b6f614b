"""Where the rows of a scan go: stdout or a file, in a format, all columns or some."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from extractor.cli.fields import BareWriter, CsvOfFields, Field, PickingWriter
from extractor.cli.output import data_stream, json_painter, wants_color

if TYPE_CHECKING:
    from extractor.rows.base import RowWriter

TABLE: Final = "table"
SQLITE: Final = "sqlite"
BARE: Final = "bare"
"""The values of one field: no format that can be asked for."""
_JSON: Final = ("jsonl", "json")
_CSV: Final = "csv"
PRINTED: Final = (TABLE, *_JSON, _CSV)
"""Formats that stdout can take."""
FORMATS: Final = (*PRINTED, "parquet", SQLITE)
_PICKED: Final = (TABLE, "jsonl", _CSV, BARE)
"""Formats that can hold some of the fields."""
_WORDS_OF_PIXELS: Final = ("hash", "sha256")
_OF_HEADERS: Final = frozenset(("generator", "version", "sources", "fileSize", "mimeType", "aiGenerated", "models"))
"""Keys of `Extraction` that a run without the image hash gives too."""
_COLUMNS_OF_A_FILE: Final = 160
"""Width of a table that is not printed on a terminal."""

_Make = Callable[[BinaryIO], "RowWriter"]


@dataclass(frozen=True)
class Rows:
    """A format and a place."""

    kind: str
    output: str | None
    fields: Sequence[Field] = ()
    """Those that were asked for; none: all."""
    excel: bool = False

    def check(self, *, prune: bool) -> None:
        """Raise `click.UsageError` for options that do not go together."""
        if prune and self.kind != SQLITE:
            raise click.UsageError("--prune needs a catalog: -o FILE.db")
        if self.excel and self.kind != _CSV:
            raise click.UsageError("--excel is for CSV: --format csv or -o FILE.csv")
        if self.fields and self.kind not in _PICKED:
            raise click.UsageError(f"--fields is for {', '.join(_PICKED[:-1])}, not for {self.kind}")

    def needs_pixels(self, *conditions: str | None) -> bool:
        """Whether anything is shown, or asked in other options, that takes the pixels or the whole file."""
        if any(word in condition for condition in conditions if condition for word in _WORDS_OF_PIXELS):
            return True
        if self.fields:
            return any(_is_of_pixels(field.place) for field in self.fields)
        return self.kind != TABLE

    def writer(self) -> AbstractContextManager[RowWriter]:
        """The writer, as a context manager; its errors name its file."""
        from extractor.export import open_writer, write_whole

        make = self._make()
        if self.output is None:
            return self._on_stdout(make)
        if make is None:
            return named_writer(self.output, open_writer(self.output, self.kind))
        return named_writer(self.output, write_whole(self.output, make))

    def _make(self) -> _Make | None:
        """What makes the writer of these options; None: the format's own, with nothing special."""
        if self.kind == TABLE:
            return partial(_table, self.fields)
        if self.kind == BARE:
            return lambda stream: BareWriter(stream, self.fields[0])
        if self.kind == "jsonl" and self.fields:
            return lambda stream: PickingWriter(stream, self.fields)
        if self.kind == _CSV and self.fields:
            return lambda stream: CsvOfFields(stream, self.fields, excel=self.excel)
        if self.kind == _CSV and self.excel:
            from extractor.export.text import CsvWriter

            return partial(CsvWriter, excel=True)
        return None

    @contextmanager
    def _on_stdout(self, make: _Make | None) -> Iterator[RowWriter]:
        from extractor.export import writer_class

        # A table has escaped its cells itself, and colours them.
        stream = data_stream(escaped=self.kind != TABLE, paint=json_painter() if self.kind in _JSON else None)
        writer = (make or writer_class(self.kind))(stream)
        try:
            yield writer
        except KeyboardInterrupt:
            if self.kind == TABLE:
                writer.close()  # rows that were held back to be measured
            raise
        writer.close()


def _is_of_pixels(place: Sequence[str]) -> bool:
    """Whether the value of a field takes the pixels or the whole file."""
    if place[0] == "extraction":
        return place[-1] not in _OF_HEADERS
    return place[0] in _WORDS_OF_PIXELS


@contextmanager
def named_writer(path: str, writer: AbstractContextManager[RowWriter]) -> Iterator[RowWriter]:
    """The writer, whose errors name its file."""
    from extractor.errors import OutputError

    try:
        with writer as opened:
            yield opened
    except OutputError as error:
        raise click.ClickException(f"{path}: {error}") from error


def _table(fields: Sequence[Field], stream: BinaryIO) -> RowWriter:
    from extractor.cli.layout import USUAL, chosen
    from extractor.cli.table import TableWriter

    width = shutil.get_terminal_size((_COLUMNS_OF_A_FILE, 0)).columns
    columns = [chosen(field.place, field.name, rank) for rank, field in enumerate(fields)] or USUAL
    return TableWriter(stream, width=width, color=wants_color(), columns=columns)
