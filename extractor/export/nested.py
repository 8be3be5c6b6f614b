"""A result as a row of nested columns, as Arrow and Parquet hold it; of Arrow only the schema is asked here."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from extractor.errors import OutputError, extra_command
from extractor.rows.columns import COLUMNS, FOREIGN, OTHER, Kind
from extractor.rows.normal import normal_row
from extractor.rows.rows import row_object, value_at
from extractor.text.printable import encodable, json_text

if TYPE_CHECKING:
    from types import ModuleType

    from extractor.scanning.scan import ScanResult


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


def pyarrow(what: str = "Parquet") -> ModuleType:
    """The module. Raises `OutputError` when it is not installed, naming what needs it."""
    try:
        import pyarrow as arrow
    except ImportError as error:
        raise OutputError(None, f"{what} needs pyarrow: {extra_command('parquet')}") from error
    return arrow  # type: ignore[no-any-return]


def arrow_schema(arrow: ModuleType) -> Any:
    """The columns as a `pyarrow.Schema`, given the module `pyarrow`."""
    return arrow.schema([(key, _type(arrow, kind)) for key, kind in _ROW.items()])


def fitted_row(result: ScanResult) -> dict[str, Any]:
    """A row whose values fit their columns."""
    plain = row_object(result)
    if result.error is not None:
        plain["error"]["transient"] = result.error.transient
    row: dict[str, Any] = _fitted(_ROW, _completed(plain))
    return row


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
        Kind.JSON: arrow.string,
        Kind.MAP: lambda: arrow.list_(arrow.struct([("key", arrow.string()), ("value", arrow.string())])),
    }[kind]()


def _completed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with normal columns, what its columns cannot hold of meta, and other tools' files as objects."""
    normal = normal_row(row)
    if isinstance(row.get("meta"), dict):
        normal["meta"] = {**normal["meta"], OTHER[-1]: _other(row["meta"])}
    stamp = value_at(row, _STAMP)
    if isinstance(stamp, dict) and "foreign" in stamp:
        foreign = [dict(zip(FOREIGN, file, strict=False)) for file in stamp["foreign"]]
        normal["extraction"] = {**normal["extraction"], _STAMP[-1]: {**stamp, "foreign": foreign}}
    return normal


_STAMP: Final = ("extraction", "stamp")
_META: Final[dict[str, Any]] = {key: kind for key, kind in _ROW["meta"].items() if key != OTHER[-1]}


def _other(meta: dict[str, Any]) -> dict[str, Any]:
    """The keys of meta that have no column, or a value that does not fit it."""
    return {key: value for key, value in meta.items() if value is not None and _fitted(_META.get(key), value) is None}


def _fitted(kind: Any, value: Any) -> Any:
    """The value as its column (None: it has none) holds it, or None."""
    if isinstance(kind, dict):
        return {key: _fitted(inner, value.get(key)) for key, inner in kind.items()} if isinstance(value, dict) else None
    if isinstance(kind, list):
        return [_fitted(kind[0], item) for item in value] if isinstance(value, list) else None
    return None if kind is None or value is None else _FITTERS[kind](value)


def _text(value: Any) -> str | None:
    return encodable(value) if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _pairs(value: Any) -> list[dict[str, str]] | None:
    """A map as readers of every kind take it: few of them know Parquet's own."""
    if not isinstance(value, dict):
        return None
    return [{"key": encodable(key), "value": _as_text(item)} for key, item in value.items()]


def _double(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _integer(value: Any, bound: int = 2**63) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < bound
    return value if fits else None


def _as_text(value: Any) -> str:
    return encodable(value) if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    return json_text(json.dumps(value, ensure_ascii=False))


_FITTERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: _text,
    Kind.COUNT: _integer,
    Kind.INTEGER: _integer,
    Kind.BIG: partial(_integer, bound=10**38),
    Kind.NUMBER: _double,
    Kind.FLAG: _flag,
    Kind.JSON: _as_json,
    Kind.MAP: _pairs,
}
"""Kind -> the value as a column of that kind holds it, or None."""
