"""Arrow tables as the Parquet files of a run, and back: what stands there may be anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import pyarrow
from pyarrow import parquet

from extractor.batch.store import Store
from extractor.errors import BatchError
from extractor.limits import PART_BYTES, PART_ROWS

_WRONG: Final = (pyarrow.ArrowException, OSError, ValueError, OverflowError)
"""What pyarrow raises for files that are not as they should be."""
_COUNT: Final = re.compile(rb"[0-9]{1,7}")


_COUNTS: Final = b"extractor.counts"
"""Key of a file's own metadata, where files have not one row each: how many they have, with commas between."""


def table_bytes(table: pyarrow.Table) -> bytes:
    """A table as a Parquet file; the same bytes for the same table."""
    stream = pyarrow.BufferOutputStream()  # with one of Python, Ctrl-C would strike inside of C++
    parquet.write_table(table, stream, compression="zstd")
    data: bytes = stream.getvalue().to_pybytes()
    return data


def with_counts(table: pyarrow.Table, counts: Collection[int]) -> pyarrow.Table:
    """A table that tells how many of its rows each file of the manifest has."""
    if all(count == 1 for count in counts):
        return table
    return table.replace_schema_metadata({_COUNTS: ",".join(map(str, counts))})


def counts_of(name: str, table: pyarrow.Table) -> list[int]:
    """How many rows of the part of that name each file of the manifest has. Raises `BatchError`."""
    told = (table.schema.metadata or {}).get(_COUNTS)
    if told is None:
        return [1] * table.num_rows
    counts = [int(digits) if _COUNT.fullmatch(digits) else -1 for digits in told.split(b",")]
    if min(counts) < 0 or sum(counts) != table.num_rows:
        raise BatchError(f"{name} is damaged: its rows are not those that it says it has")
    return counts


def read_part(store: Store, name: str, schema: pyarrow.Schema, *, rows: int | None = None) -> pyarrow.Table:
    """A part, or some columns of it; `counts_of` takes it.

    Raises `BatchError` when it is missing or damaged, has other columns, or not as many rows as it should.
    """
    data = store.read(name, PART_BYTES)
    if data is None:
        raise BatchError(f"{name} is missing")
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        _check(name, file, schema.names, rows)
        table = file.read(columns=schema.names).select(schema.names)
        counts = (table.schema.metadata or {}).get(_COUNTS)
        table = table.cast(schema)
        table.validate(full=True)
    except _WRONG as error:
        raise BatchError(f"{name} is damaged: {error}") from error
    return table if counts is None else table.replace_schema_metadata({_COUNTS: counts})


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
