"""Rows as Parquet, nested types, one row group after the other (needs pyarrow)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from extractor.export.nested import arrow_schema, fitted_row, pyarrow
from extractor.rows.base import RowWriter

if TYPE_CHECKING:
    from extractor.scanning.scan import Make, ScanResult

_GROUP_ROWS: Final = 10_000
_GROUP_CHARACTERS: Final = 32 * 1024 * 1024
"""A row group is written when it holds either; this bounds the memory."""


class ParquetWriter(RowWriter):
    """Writes row groups as they fill. Raises `OutputError` when pyarrow is not installed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._arrow = pyarrow()
        from pyarrow import parquet

        self._schema = arrow_schema(self._arrow)
        self._file = parquet.ParquetWriter(stream, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        self.write_ready(fitted_row(result))

    def write_ready(self, row: dict[str, Any]) -> None:
        """Append one row whose values fit."""
        self._rows.append(row)
        self._characters += _characters(row)
        if len(self._rows) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self._flush()

    @property
    def make(self) -> Make:
        """See `RowWriter.make`."""
        return fitted_row

    def close(self) -> None:
        """Write what is left and the file's footer."""
        self._flush()
        self._file.close()

    def abandon(self) -> None:
        """End the file, or else pyarrow would try when the stream is closed."""
        with suppress(OSError):
            self._file.close()
        self._file.is_open = False

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows, self._characters = [], 0


def _characters(value: Any) -> int:
    """About how much memory a row takes."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_characters, value.values()))
    return sum(map(_characters, value)) if isinstance(value, (list, tuple)) else 1
