"""One result of a scan as one row: a JSON text, or flat columns."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from extractor.rows.columns import COLUMNS, META_COLUMNS, OTHER
from extractor.rows.normal import normal_row
from extractor.text.printable import json_text

if TYPE_CHECKING:
    from extractor.record import ImageRecord
    from extractor.scanning.scan import ScanResult

Scalar: TypeAlias = "str | int | float | None"

CSV_COLUMNS: Final = tuple((column.csv, column.place) for column in COLUMNS if column.csv is not None)
"""Name of a flat column -> where its value stands in the row as `row_object` gives it."""


def error_object(error: Exception) -> dict[str, str]:
    """A failure as it stands in a row."""
    return {"type": type(error).__name__, "message": str(error)}


def path_object(path: str) -> dict[str, str]:
    """``{path}``; one with bytes that are no UTF-8 has U+FFFD in their place, and all bytes as base64 in ``pathBytes``.

    Strict readers refuse a whole file for one lone surrogate.
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        name = os.fsencode(path)
        return {"path": name.decode("utf-8", "replace"), "pathBytes": base64.b64encode(name).decode("ascii")}
    return {"path": path}


def row_object(result: ScanResult) -> dict[str, Any]:
    """``{path, **record}`` under the schema's names, without absent fields; or ``{path, error: {type, message}}``."""
    path = path_object(result.path)
    if result.record is None:
        return path | ({} if result.error is None else {"error": error_object(result.error)})
    return {**path, **result.record.model_dump(exclude_none=True)}


def row_json(result: ScanResult) -> str:
    """`row_object` as JSON on one line, safe to print and to encode as UTF-8."""
    if result.record is None:
        return json_text(json.dumps(row_object(result), ensure_ascii=False, separators=(",", ":")))
    path = json.dumps(path_object(result.path), ensure_ascii=False, separators=(",", ":"))
    record = result.record.model_dump_json(exclude_none=True)
    return json_text(f"{path[:-1]},{record[1:]}")


def flat_row(result: ScanResult) -> dict[str, Scalar]:
    """The values of `CSV_COLUMNS`: text, numbers, booleans, lists and objects as JSON; None where the row has none."""
    return _flat(row_object(result))


def flat_record(record: ImageRecord) -> dict[str, Scalar]:
    """As `flat_row`, of a record alone."""
    return _flat(record.model_dump(exclude_none=True))


def _flat(row: dict[str, Any]) -> dict[str, Scalar]:
    return {name: _scalar(value) for name, value in column_values(row).items()}


def column_values(row: dict[str, Any]) -> dict[str, Any]:
    """The values of `CSV_COLUMNS` for a row as `row_object` gives it, lists and objects as they are."""
    normal = normal_row(row)
    return {name: other_meta(row) if place == OTHER else value_at(normal, place) for name, place in CSV_COLUMNS}


def _scalar(value: Any) -> Scalar:
    if value is None or isinstance(value, (str, int, float)):
        return value
    return json_text(json.dumps(value, ensure_ascii=False))


def other_meta(row: dict[str, Any]) -> dict[str, Any] | None:
    """The keys of a row's meta that have no column."""
    meta = row.get("meta")
    if not isinstance(meta, dict):
        return None
    return {key: value for key, value in meta.items() if key not in META_COLUMNS} or None


def value_at(row: Any, place: tuple[str, ...]) -> Any:
    """The value at a place of a column; None where there is none."""
    for key in place:
        row = row.get(key) if isinstance(row, dict) else None
    return row
