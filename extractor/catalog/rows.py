"""One image as a row of the catalog's table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, Final

from extractor.catalog.facts import bits_of, names_of, parts_of, split_path
from extractor.catalog.schema import DERIVED, IMAGE_COLUMNS
from extractor.catalog.tokens import has_cjk, spaced
from extractor.rows.normal import normal_row
from extractor.rows.recipe import recipe_of
from extractor.rows.rows import value_at
from extractor.text.printable import encodable

FILLED: Final = (*DERIVED, *(name for name, _, _ in IMAGE_COLUMNS))
"""The columns that follow from path and record."""
_LARGEST: Final = 2**63
"""SQLite's integers end here."""


def image_values(path: str | bytes, row: dict[str, Any]) -> list[Any]:
    """The values of `FILLED`."""
    normal = normal_row(row)
    return [
        *_derived(os.fsdecode(path), row, normal),
        *(sql_value(value_at(normal, place)) for _, _, place in IMAGE_COLUMNS),
    ]


def _derived(path: str, row: dict[str, Any], normal: dict[str, Any]) -> Iterator[Any]:
    prompt = value_at(row, ("meta", "prompt"))
    yield encodable(split_path(path)[0])
    yield recipe_of(normal)
    yield bits_of(parts_of(normal))
    yield encodable(spaced(names_of(row, path)))
    yield encodable(spaced(prompt)) if isinstance(prompt, str) and has_cjk(prompt) else None


def sql_value(value: Any) -> Any:
    """A value as SQLite can hold it without loss."""
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return str(value)
    if isinstance(value, str):
        return encodable(value)
    return sql_json(value) if isinstance(value, (dict, list)) else value


def sql_json(value: Any) -> str:
    """A value as compact JSON."""
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
