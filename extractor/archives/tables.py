"""Parquet: the images of a column, as Hugging Face stores them (``struct<bytes, path>``) or as bytes alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from extractor.archives.member import Archive, Damaged, Member
from extractor.errors import (
    CorruptImageError,
    ExtractorError,
    FileAccessError,
    UnsupportedFormatError,
    extra_command,
)
from extractor.files.address import Known
from extractor.files.bytesource import ByteSource, FileSource
from extractor.files.pieces import RangesStream
from extractor.limits import MIB, Limits

_ROWS: Final = 16
"""Rows that are decoded at once: as many pictures are in memory."""
_BUFFER: Final = 8 * MIB
"""Bytes of a column that are read at once, in place of all of a row group's."""
_BYTES: Final = "bytes"
_PATH: Final = "path"


def table_members(
    source: ByteSource, archive: Archive, limits: Limits, column: str | None, row: int | None = None
) -> Iterator[Member | Damaged]:
    """The images of a column, each called ``COLUMN/NUMBER``; rows without one are left out.

    Args:
        source: The Parquet file.
        archive: The same.
        limits: `stream_bytes` bounds one image.
        column: Its name; None: the only column that holds bytes.
        row: Only this one.

    Raises:
        UnsupportedFormatError: There is no such column, or not one alone; pyarrow is missing.
        CorruptImageError: The file is no Parquet file that pyarrow reads.
    """
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UnsupportedFormatError(f"reading Parquet needs pyarrow: {extra_command('parquet')}") from error
    # By its path a file costs half of what it does through Python: 0.6 ms an image, not 1.4.
    stream = source.path if isinstance(source, FileSource) else RangesStream(source, ((0, source.size),))
    try:
        table = pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False, memory_map=False)
        name = _column_of(table.schema_arrow, column)
        yield from _rows(table, name, archive, limits, row)
    except ExtractorError:
        raise
    except (ValueError, TypeError, OSError, LookupError, RuntimeError) as error:  # pyarrow's errors are these
        raise CorruptImageError(
            f"parquet: {str(error).splitlines()[0][:200] if str(error) else 'not readable'}"
        ) from error


def _rows(table: Any, name: str, archive: Archive, limits: Limits, row: int | None) -> Iterator[Member | Damaged]:
    number = 0
    for group in range(table.num_row_groups):
        count = table.metadata.row_group(group).num_rows
        if row is not None and not number <= row < number + count:
            number += count
            continue
        for batch in table.iter_batches(_ROWS, row_groups=[group], columns=[name], use_threads=False):
            for value in batch.column(0):
                if row is None or number == row:
                    member = _member(value, f"{name}/{number}", archive, limits)
                    if member is not None:
                        yield member
                number += 1


def _member(value: Any, name: str, archive: Archive, limits: Limits) -> Member | Damaged | None:
    """The image of one cell; None where there is none."""
    if not value.is_valid:
        return None
    if hasattr(value, "keys"):
        path, value = value.get(_PATH), value[_BYTES]
        if not value.is_valid:
            where = path.as_py() if path is not None else None
            return (
                None if where is None else Damaged(name, FileAccessError(None, f"the row only names a file: {where!r}"))
            )
    data = value.as_buffer()
    if data is None or data.size > limits.stream_bytes:
        return Damaged(name, CorruptImageError(f"an image of more than stream_bytes = {limits.stream_bytes}"))
    return Member(archive, name, Known(data.size, archive.known.mtime_ns, archive.known.etag), data=data.to_pybytes())


def _column_of(schema: Any, wanted: str | None) -> str:
    """The column of the images. Raises `UnsupportedFormatError`."""
    from pyarrow import types

    def holds_bytes(kind: Any) -> bool:
        if types.is_struct(kind):
            return kind.get_field_index(_BYTES) >= 0 and is_bytes(kind.field(_BYTES).type)
        return is_bytes(kind)

    def is_bytes(kind: Any) -> bool:
        return bool(types.is_binary(kind) or types.is_large_binary(kind))

    fields: dict[str, bool] = {str(field.name): holds_bytes(field.type) for field in schema}
    chosen = [name for name, fits in fields.items() if fits and wanted in (None, name)]
    if len(chosen) == 1:
        return chosen[0]
    if wanted is not None and wanted in fields:
        raise UnsupportedFormatError(f"the column {wanted!r} holds no bytes of images")
    names = ", ".join(map(repr, chosen if chosen and wanted is None else fields))
    reason = f"there is no column {wanted!r}" if wanted is not None else "which column holds the images is not clear"
    raise UnsupportedFormatError(f"{reason}: there are {names}; say --image-column NAME")
