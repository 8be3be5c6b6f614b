"""The tables of a catalog."""

from __future__ import annotations

import re
from typing import Final

from extractor.rows.columns import COLUMNS, RESOURCE, Kind

APPLICATION_ID: Final = 0x45585452
"""``EXTR``: what marks a SQLite file as a catalog of ours."""
VERSION: Final = 1
"""``user_version`` of the tables below."""

_TYPES: Final = {Kind.TEXT: "TEXT", Kind.COUNT: "INTEGER"}
"""All other kinds have no type: an integer beyond 64 bits stays exact as text, of which a column of numbers would make
a float."""
_NAMES: Final = ("model", "name")
"""Columns compared without regard to case."""


def _declared(name: str, shape: object) -> str:
    kind = _TYPES.get(shape, "") if isinstance(shape, Kind) else ""
    return f"{name} {kind}{' COLLATE NOCASE' if name in _NAMES else ''}".rstrip()


IMAGE_COLUMNS: Final = tuple((column.sql, column.shape, column.place) for column in COLUMNS if column.sql is not None)
"""Column of ``images``, its kind, and where its value stands in the record."""
RESOURCE_COLUMNS: Final = tuple((key, re.sub("([A-Z])", r"_\1", key).lower(), kind) for key, kind in RESOURCE.items())
"""Key of a resource, its column in ``resources``, and its kind."""

_IMAGES: Final = ",\n    ".join(_declared(name, shape) for name, shape, _ in IMAGE_COLUMNS)
_RESOURCES: Final = ",\n    ".join(_declared(name, kind) for _, name, kind in RESOURCE_COLUMNS)

TABLES: Final = f"""
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    {_IMAGES},
    record TEXT NOT NULL,
    stamp TEXT NOT NULL
);
CREATE INDEX images_by_model ON images (model);
CREATE INDEX images_by_seed ON images (seed);

CREATE TABLE resources (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    {_RESOURCES},
    PRIMARY KEY (image_id, position)
) WITHOUT ROWID;
CREATE INDEX resources_by_name ON resources (name, type);
CREATE INDEX resources_by_hash ON resources (hash);

CREATE TABLE texts (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (image_id, position)
);

CREATE TABLE failures (
    path TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    message TEXT NOT NULL
) WITHOUT ROWID;

CREATE VIRTUAL TABLE prompts USING fts5 (prompt, negative_prompt, content = 'images', content_rowid = 'id');
CREATE TRIGGER images_inserted AFTER INSERT ON images BEGIN
    INSERT INTO prompts (rowid, prompt, negative_prompt) VALUES (new.id, new.prompt, new.negative_prompt);
END;
CREATE TRIGGER images_deleted AFTER DELETE ON images BEGIN
    INSERT INTO prompts (prompts, rowid, prompt, negative_prompt)
    VALUES ('delete', old.id, old.prompt, old.negative_prompt);
END;
CREATE TRIGGER images_updated AFTER UPDATE OF prompt, negative_prompt ON images BEGIN
    INSERT INTO prompts (prompts, rowid, prompt, negative_prompt)
    VALUES ('delete', old.id, old.prompt, old.negative_prompt);
    INSERT INTO prompts (rowid, prompt, negative_prompt) VALUES (new.id, new.prompt, new.negative_prompt);
END;
"""
