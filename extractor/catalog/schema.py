"""The tables of a catalog."""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x45585452
"""``EXTR``: what marks a SQLite file as a catalog of ours."""
VERSION: Final = 1
"""``user_version`` of the tables below."""

IMAGE_COLUMNS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("url", "TEXT", ("url",)),
    ("record_id", "INTEGER", ("id",)),
    ("width", "INTEGER", ("width",)),
    ("height", "INTEGER", ("height",)),
    ("hash", "TEXT", ("hash",)),
    ("created_at", "TEXT", ("createdAt",)),
    ("generator", "TEXT", ("extraction", "generator")),
    ("generator_version", "TEXT", ("extraction", "version")),
    ("prompt", "TEXT", ("meta", "prompt")),
    ("negative_prompt", "TEXT", ("meta", "negativePrompt")),
    # No type: an integer beyond 64 bits stays exact as text, which a column of numbers would turn into a float.
    ("seed", "", ("meta", "seed")),
    ("steps", "", ("meta", "steps")),
    ("cfg_scale", "", ("meta", "cfgScale")),
    ("sampler", "TEXT", ("meta", "sampler")),
    ("scheduler", "TEXT", ("meta", "scheduler")),
    ("denoise", "", ("meta", "denoise")),
    ("clip_skip", "", ("meta", "clipSkip")),
    ("size", "TEXT", ("meta", "Size")),
    ("model", "TEXT COLLATE NOCASE", ("meta", "Model")),
    ("model_hash", "TEXT", ("meta", "Model hash")),
    ("vae", "TEXT", ("meta", "VAE")),
    ("sha256", "TEXT", ("extraction", "sha256")),
    ("file_size", "INTEGER", ("extraction", "fileSize")),
    ("mime_type", "TEXT", ("extraction", "mimeType")),
)
"""Column of ``images`` -> its type, and where its value stands in the record."""

_COLUMNS: Final = ",\n    ".join(f"{name} {kind}".rstrip() for name, kind, _ in IMAGE_COLUMNS)

TABLES: Final = f"""
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    {_COLUMNS},
    record TEXT NOT NULL,
    stamp TEXT NOT NULL
);
CREATE INDEX images_by_model ON images (model);
CREATE INDEX images_by_seed ON images (seed);

CREATE TABLE resources (
    image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    type TEXT,
    name TEXT COLLATE NOCASE,
    hash TEXT,
    weight,
    strength_clip,
    model_version_id INTEGER,
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
