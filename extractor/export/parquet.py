"""Rows as Parquet, nested types, one row group after the other (needs pyarrow)."""

from __future__ import annotations

import json
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from extractor.errors import OutputError, extra_command
from extractor.rows.base import RowWriter
from extractor.rows.columns import COLUMNS, OTHER, Kind
from extractor.rows.rows import row_object
from extractor.text.printable import encodable, json_text

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult

_GROUP_ROWS: Final = 10_000
_GROUP_CHARACTERS: Final = 32 * 1024 * 1024
"""A row group is written when it holds either; this bounds the memory."""


def _nested() -> dict[str, Any]:
    """The columns: a dict is a struct, a list of one a list."""
    row: dict[str, Any] = {}
    for column in COLUMNS:
        if column.shape is not None:
            inner = row
            for key in column.place[:-1]:
                inner = inner.setdefault(key, {})
            inner[column.place[-1]] = column.shape
    return row


_ROW: Final = _nested()
_BOUNDS: Final = {Kind.COUNT: 2**63, Kind.INTEGER: 2**63, Kind.BIG: 10**38}
"""Integers beyond these do not fit their column."""


class ParquetWriter(RowWriter):
    """Writes row groups as they fill. Raises `OutputError` when pyarrow is not installed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._arrow = _pyarrow()
        from pyarrow import parquet

        self._schema = self._arrow.schema([(key, _type(self._arrow, kind)) for key, kind in _ROW.items()])
        self._file = parquet.ParquetWriter(stream, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def write_row(self, result: ScanResult) -> None:
        """Append one row."""
        row = row_object(result)
        if isinstance(row.get("meta"), dict):
            row["meta"] = _with_other(row["meta"])
        row = _fitted(_ROW, row)
        self._rows.append(row)
        self._characters += _characters(row)
        if len(self._rows) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
            self._flush()

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


def _pyarrow() -> ModuleType:
    try:
        import pyarrow
    except ImportError as error:
        raise OutputError(None, f"Parquet needs pyarrow: {extra_command('parquet')}") from error
    return pyarrow  # type: ignore[no-any-return]


def _type(arrow: ModuleType, kind: Any) -> Any:
    if isinstance(kind, dict):
        return arrow.struct([(key, _type(arrow, inner)) for key, inner in kind.items()])
    if isinstance(kind, list):
        return arrow.list_(_type(arrow, kind[0]))
    return {
        Kind.TEXT: arrow.string,
        Kind.COUNT: arrow.int64,
        Kind.INTEGER: arrow.int64,
        Kind.BIG: lambda: arrow.decimal128(38, 0),
        Kind.NUMBER: arrow.float64,
        Kind.FLAG: arrow.bool_,
        Kind.MAP: lambda: arrow.map_(arrow.string(), arrow.string()),
    }[kind]()


def _with_other(meta: dict[str, Any]) -> dict[str, Any]:
    """Meta whose values all fit their columns; the others stand in the map ``other``, as text or as JSON."""
    fitted = {key: value for key, value in meta.items() if _fitted(_META.get(key), value) is not None}
    other = {key: value for key, value in meta.items() if key not in fitted and value is not None}
    return {**fitted, OTHER[-1]: other}


_META: Final[dict[str, Any]] = {key: kind for key, kind in _ROW["meta"].items() if key != OTHER[-1]}


def _fitted(kind: Any, value: Any) -> Any:
    """The value as its column (None: it has none) holds it, or None."""
    if isinstance(kind, dict):
        return {key: _fitted(inner, value.get(key)) for key, inner in kind.items()} if isinstance(value, dict) else None
    if isinstance(kind, list):
        return [_fitted(kind[0], item) for item in value] if isinstance(value, list) else None
    if kind is Kind.MAP:
        return [(encodable(key), _as_text(item)) for key, item in value.items()] if isinstance(value, dict) else None
    if kind is Kind.TEXT:
        return encodable(value) if isinstance(value, str) else None
    if kind is Kind.FLAG:
        return value if isinstance(value, bool) else None
    return None if kind is None else _number(kind, value)


def _number(kind: Kind, value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if kind is Kind.NUMBER:
        return float(value)
    fits = isinstance(value, int) and abs(value) < _BOUNDS[kind]
    return value if fits else None


def _as_text(value: Any) -> str:
    return encodable(value) if isinstance(value, str) else json_text(json.dumps(value, ensure_ascii=False))


def _characters(value: Any) -> int:
    """About how much memory a row takes."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_characters, value.values()))
    return sum(map(_characters, value)) if isinstance(value, (list, tuple)) else 1
