"""The tables of a catalog."""

from __future__ import annotations

import re
from typing import Final

from extractor.catalog.tokens import TOKENIZER
from extractor.rows.columns import COLUMNS, RESOURCE, Kind

APPLICATION_ID: Final = 0x45585452
"""``EXTR``: what marks a SQLite file as a catalog of ours."""
VERSION: Final = 2
"""``user_version`` of the tables below."""
CHUNK_BITS: Final = 12
"""Images whose ids agree but for these bits share a row of ``shelf``."""

_TYPES: Final = {Kind.TEXT: "TEXT", Kind.COUNT: "INTEGER"}
"""All other kinds have no type: an integer beyond 64 bits stays exact as text, of which a column of numbers would make
a float."""
_NAMES: Final = ("model", "name")
"""Columns compared without regard to case."""


def _declared(name: str, shape: object) -> str:
    kind = _TYPES.get(shape, "") if isinstance(shape, Kind) else ""
    return f"{name} {kind}{' COLLATE NOCASE' if name in _NAMES else ''}".rstrip()


IMAGE_COLUMNS: Final = tuple((column.sql, column.shape, column.place) for column in COLUMNS if column.sql is not None)
"""Column of ``images``, its kind, and where its value stands in a normal row."""
DERIVED: Final = ("folder", "recipe", "has", "names", "cjk")
"""Columns of ``images`` that `extractor.catalog.rows` makes: the folder of the path, `extractor.rows.recipe`, bits of
`extractor.catalog.query.PARTS`, and what full text finds beside the prompts (names; a prompt in scripts without blanks,
with blanks)."""
RESOURCE_COLUMNS: Final = tuple((key, re.sub("([A-Z])", r"_\1", key).lower(), kind) for key, kind in RESOURCE.items())
"""Key of a resource, its column in ``resources``, and its kind."""

_IMAGES: Final = ",\n    ".join(_declared(name, shape) for name, shape, _ in IMAGE_COLUMNS)
_RESOURCES: Final = ",\n    ".join(_declared(name, kind) for _, name, kind in RESOURCE_COLUMNS)
_FULL_TEXT: Final = ("prompt", "negative_prompt", "names", "cjk")
_NEW: Final = ", ".join(f"new.{name}" for name in _FULL_TEXT)
_OLD: Final = ", ".join(f"old.{name}" for name in _FULL_TEXT)

_TABLES: Final = (
    f"""CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    folder TEXT,
    recipe INTEGER,
    has INTEGER,
    {_IMAGES},
    names TEXT,
    cjk TEXT,
    record TEXT NOT NULL,
    stamp TEXT NOT NULL
)""",
    f"""CREATE TABLE resources (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    {_RESOURCES},
    PRIMARY KEY (image_id, position)
) WITHOUT ROWID""",
    """CREATE TABLE texts (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (image_id, position)
)""",
    """CREATE TABLE failures (
    path TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    message TEXT NOT NULL
) WITHOUT ROWID""",
    "CREATE INDEX images_by_model ON images (model)",
    "CREATE INDEX images_by_seed ON images (seed)",
    "CREATE INDEX resources_by_name ON resources (name, type)",
    "CREATE INDEX resources_by_hash ON resources (hash)",
)
"""As version 1 had them, with fewer columns."""


def _stale(row: str) -> str:
    """Notes a chunk. ``OR IGNORE`` would not hold inside an upsert, whose own way with conflicts goes before."""
    chunk = f"{row}.id >> {CHUNK_BITS}"
    return f"INSERT INTO stale SELECT {chunk} WHERE NOT EXISTS (SELECT 1 FROM stale WHERE chunk = {chunk})"


ADDED: Final = (
    "CREATE INDEX images_by_time ON images (created_at)",
    "CREATE INDEX images_by_recipe ON images (recipe) WHERE recipe IS NOT NULL",
    "CREATE INDEX images_by_digest ON images (sha256) WHERE sha256 IS NOT NULL",
    # Words have codes; 4,096 images stand packed in a row, with their LoRAs, so that a search has all in a moment.
    "CREATE TABLE words (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, word TEXT NOT NULL, UNIQUE (kind, word))",
    "CREATE TABLE shelf (chunk INTEGER PRIMARY KEY, rows BLOB NOT NULL, links BLOB NOT NULL)",
    "CREATE TABLE stale (chunk INTEGER PRIMARY KEY)",
    f"""CREATE VIRTUAL TABLE prompts USING fts5 (
    {", ".join(_FULL_TEXT)}, content = 'images', content_rowid = 'id', tokenize = '{TOKENIZER}'
)""",
    f"""CREATE TRIGGER images_inserted AFTER INSERT ON images BEGIN
    INSERT INTO prompts (rowid, {", ".join(_FULL_TEXT)}) VALUES (new.id, {_NEW});
    {_stale("new")};
END""",
    f"""CREATE TRIGGER images_deleted AFTER DELETE ON images BEGIN
    INSERT INTO prompts (prompts, rowid, {", ".join(_FULL_TEXT)}) VALUES ('delete', old.id, {_OLD});
    {_stale("old")};
END""",
    f"""CREATE TRIGGER images_updated AFTER UPDATE ON images BEGIN
    INSERT INTO prompts (prompts, rowid, {", ".join(_FULL_TEXT)}) VALUES ('delete', old.id, {_OLD});
    INSERT INTO prompts (rowid, {", ".join(_FULL_TEXT)}) VALUES (new.id, {_NEW});
    {_stale("new")};
END""",
)
"""What came with version 2."""

CREATE: Final = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    *_TABLES,
    *ADDED,
    f"PRAGMA user_version = {VERSION}",
)
"""A new catalog, statement by statement."""

ALTER: Final = (
    *(f"DROP TRIGGER IF EXISTS images_{event}" for event in ("inserted", "deleted", "updated")),
    "DROP TABLE IF EXISTS prompts",
    *(
        f"ALTER TABLE images ADD COLUMN {_declared(name, kind)}"
        for name, kind in (
            ("folder", Kind.TEXT),
            ("recipe", Kind.COUNT),
            ("has", Kind.COUNT),
            ("base_sampler", Kind.TEXT),
            ("names", Kind.TEXT),
            ("cjk", Kind.TEXT),
        )
    ),
)
"""What makes the tables of version 1 those of version 2, before the columns are filled and `ADDED` is added."""
