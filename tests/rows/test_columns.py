"""A field of the record is told to `record`, to `finding` and to one row of the table of columns; all else follows."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import fields

import pytest

from extractor.catalog.schema import CREATE, RESOURCE_COLUMNS
from extractor.export.text import CsvWriter
from extractor.finding import SCHEMA_KEYS, Finding, ResourceClaim
from extractor.merging.merge import ALIASES, UNITS
from extractor.record import META_KEYS, RESOURCE_KEYS, ContentCredentials, Extraction, Meta, ModelFill, Resource, Stamp
from extractor.rows.columns import COLUMNS, CREDENTIALS, META_COLUMNS, MODEL_FILL, RESOURCE, STAMP
from extractor.rows.rows import CSV_COLUMNS


def test_the_keys_of_the_models_are_told_once() -> None:
    assert META_KEYS.keys() == Meta.model_fields.keys()
    assert META_KEYS["negative_prompt"] == "negativePrompt"
    assert META_KEYS["model_hash"] == "Model hash"
    assert set(META_KEYS.values()) == SCHEMA_KEYS == META_COLUMNS
    assert ALIASES == {**META_KEYS, "created_at": "created_at"}
    assert RESOURCE_KEYS.keys() == Resource.model_fields.keys()
    assert set(RESOURCE_KEYS.values()) == set(RESOURCE)


def test_parquet_has_all_of_what_tells_how_a_record_was_found() -> None:
    places = {column.place[1]: column.shape for column in COLUMNS if column.place[0] == "extraction"}
    assert {field.alias for field in Extraction.model_fields.values()} == set(places)
    assert {field.alias for field in ModelFill.model_fields.values()} == set(MODEL_FILL)
    assert {field.alias for field in Stamp.model_fields.values()} == set(STAMP)
    assert {field.alias for field in ContentCredentials.model_fields.values()} == set(CREDENTIALS)


def test_what_parsers_hand_on_has_every_field() -> None:
    assert META_KEYS.keys() <= {field.name for field in fields(Finding)}
    assert RESOURCE_KEYS.keys() <= {field.name for field in fields(ResourceClaim)}
    picked = [name for unit in UNITS for name in unit]
    assert len(picked) == len(set(picked))
    assert set(picked) | {"resources", "hashes", "civitai_resources"} == {*META_KEYS, "created_at"}
    assert ("sampler", "scheduler") in UNITS
    assert ("model", "model_hash") in UNITS


@pytest.mark.parametrize("part", range(3))
def test_no_column_stands_twice(part: int) -> None:
    """Neither its name in a spreadsheet, nor its place, nor its name in the catalog."""
    names = [(column.csv, column.place, column.sql)[part] for column in COLUMNS]
    told = [name for name in names if name is not None]
    assert len(told) == len(set(told))


def test_a_column_is_in_csv() -> None:
    stream = io.BytesIO()
    CsvWriter(stream).close()
    (header,) = csv.reader(io.StringIO(stream.getvalue().decode()))
    assert header == [column.csv for column in COLUMNS if column.csv] == [name for name, _ in CSV_COLUMNS]
    assert set(META_KEYS.values()) <= set(header)


def test_a_column_is_in_the_catalog() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in CREATE:
            connection.execute(statement)
        images = [row[1] for row in connection.execute("PRAGMA table_info(images)")]
        resources = [row[1] for row in connection.execute("PRAGMA table_info(resources)")]
    assert {column.sql for column in COLUMNS if column.sql} <= set(images)
    assert resources == ["image_id", "position", *(name for _, name, _ in RESOURCE_COLUMNS)]
    assert [key for key, _, _ in RESOURCE_COLUMNS] == list(RESOURCE)


def test_a_column_is_in_parquet() -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    from extractor.export.parquet import ParquetWriter

    stream = io.BytesIO()
    ParquetWriter(stream).close()
    schema = parquet.read_schema(stream)
    for column in COLUMNS:
        if column.shape is not None:
            at = schema.field(column.place[0])
            for key in column.place[1:]:
                at = at.type.field(key)
            assert at.name == column.place[-1]
    assert [field.name for field in schema.field("meta").type.field("resources").type.value_type] == list(RESOURCE)
