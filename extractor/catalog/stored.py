"""One image as the tables of a catalog hold it, ready to be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from extractor.catalog.rows import FILLED, image_values, sql_json, sql_value
from extractor.catalog.schema import RESOURCE_COLUMNS
from extractor.files.paths import stored_path
from extractor.rows.rows import row_object, value_at
from extractor.text.printable import encodable

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult

STORED: Final = ("path", *FILLED, "record", "stamp")
"""The columns of ``images`` that a row fills: its path, and `StoredRow.values`."""


class StoredRow(NamedTuple):
    """One image as its tables hold it."""

    path: str | bytes
    values: tuple[Any, ...]
    """Of all columns of ``images`` but the path; record and stamp are the last."""
    wants_hash: bool
    """Whether the run that read it asked for the hash."""
    resources: list[tuple[Any, ...]]
    """Rows of ``resources`` without the image's number."""
    texts: list[tuple[Any, ...]]
    """Rows of ``texts`` without the image's number."""

    @property
    def record(self) -> str:
        """The record's JSON."""
        text: str = self.values[-2]
        return text

    @property
    def stamp(self) -> str:
        """The stamp's JSON."""
        text: str = self.values[-1]
        return text

    @property
    def length(self) -> int:
        """About how many characters it holds."""
        return len(self.record) + sum(len(text) for *_, text in self.texts)


def stored_row(result: ScanResult) -> StoredRow:
    """A result with a record, ready to be stored."""
    path, row = stored_path(result.path), row_object(result)
    row.pop("path")
    row.pop("pathBytes", None)
    extraction = row.get("extraction", {})
    stamp = extraction.get("stamp", {})
    raw = extraction.pop("raw", None) or []
    resources = [
        (position, *(sql_value(resource.get(key)) for key, _, _ in RESOURCE_COLUMNS))
        for position, resource in enumerate(value_at(row, ("meta", "resources")) or [])
        if isinstance(resource, dict)
    ]
    texts = [(position, text["source"], encodable(text["text"])) for position, text in enumerate(raw)]
    return StoredRow(path, stored_values(path, row, stamp), "hash" in row or _wants_hash(stamp), resources, texts)


def stored_values(path: str | bytes, row: dict[str, Any], stamp: dict[str, Any]) -> tuple[Any, ...]:
    """The values of all columns of ``images`` but the path, for a row as `row_object` gives it and its stamp."""
    return *image_values(path, row), sql_json(row), _stamp_text(stamp)


def _wants_hash(stamp: dict[str, Any]) -> bool:
    return stamp.get("options", {}).get("hash") is not False


def _stamp_text(stamp: dict[str, Any]) -> str:
    return sql_json(dict(sorted(stamp.items())))
