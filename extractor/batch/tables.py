"""Arrow tables as the Parquet files of a run, and back: what stands there may be anything."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import pyarrow
from pyarrow import parquet

from extractor.batch.store import Store
from extractor.errors import BatchError
from extractor.limits import PART_BYTES, PART_ROWS

_WRONG: Final = (pyarrow.ArrowException, OSError, ValueError, OverflowError)
"""What pyarrow raises for files that are not as they should be."""


def table_bytes(table: pyarrow.Table) -> bytes:
    """A table as a Parquet file; the same bytes for the same table."""
    stream = io.BytesIO()
    parquet.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def read_part(store: Store, name: str, schema: pyarrow.Schema, *, rows: int | None = None) -> pyarrow.Table:
    """A part, or some columns of it.

    Raises `BatchError` when it is missing or damaged, has other columns, or not as many rows as it should.
    """
    data = store.read(name, PART_BYTES)
    if data is None:
        raise BatchError(f"{name} is missing")
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        _check(name, file, schema.names, rows)
        table = file.read(columns=schema.names).select(schema.names).cast(schema)
        table.validate(full=True)
    except _WRONG as error:
        raise BatchError(f"{name} is damaged: {error}") from error
    return table


def _check(name: str, file: parquet.ParquetFile, columns: Sequence[str], rows: int | None) -> None:
    """Raise `BatchError` for a file that is not worth reading."""
    about = file.metadata
    size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    if not 0 <= about.num_rows <= PART_ROWS or size > PART_BYTES:
        raise BatchError(f"{name} is too large: {about.num_rows} rows, {size} bytes")
    if rows is not None and about.num_rows != rows:
        raise BatchError(f"{name} has {about.num_rows} rows in place of {rows}")
    missing = [column for column in columns if column not in file.schema_arrow.names]
    if missing:
        raise BatchError(f"{name} has no column {missing[0]}")
