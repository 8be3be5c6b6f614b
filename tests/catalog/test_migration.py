"""Catalogs of the first version are brought up to date, all or nothing, after a copy was made."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor.catalog import opening
from extractor.catalog.query import parse_query
from extractor.catalog.search import CatalogSearch
from extractor.catalog.writer import Catalog
from extractor.errors import OutputError
from tests.scanresults import RECORD, found

FIRST = """
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    url TEXT,
    record_id INTEGER,
    width INTEGER,
    height INTEGER,
    hash TEXT,
    created_at TEXT,
    generator TEXT,
    generator_version TEXT,
    prompt TEXT,
    negative_prompt TEXT,
    seed,
    steps,
    cfg_scale,
    sampler TEXT,
    scheduler TEXT,
    denoise,
    clip_skip,
    size TEXT,
    model TEXT COLLATE NOCASE,
    model_hash TEXT,
    vae TEXT,
    sha256 TEXT,
    file_size INTEGER,
    mime_type TEXT,
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
"""The tables of version 1."""

INFOTEXT: dict[str, Any] = {
    "width": 512,
    "height": 768,
    "createdAt": "2024-05-01T03:00:00.000Z",
    "meta": {
        "prompt": "猫 and a heron",
        "seed": 5,
        "sampler": "DPM++ 2M",
        "Model": "flux",
        "Schedule type": "Karras",
        "Denoising strength": "0.4",
        "clipSkip": 2,
        "resources": [{"type": "lora", "name": "Fine Hair", "weight": 0.5}],
    },
    "extraction": {"generator": "a1111", "stamp": RECORD["extraction"]["stamp"]},
}
COLUMNS = ("prompt", "seed", "sampler", "clip_skip", "model", "created_at", "width", "height", "generator")
VALUES = ("猫 and a heron", 5, "DPM++ 2M", 2, "flux", "2024-05-01T03:00:00.000Z", 512, 768, "a1111")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"BEGIN; PRAGMA application_id = {0x45585452}; PRAGMA user_version = 1; {FIRST} COMMIT;"
        )
        stamp = json.dumps(dict(sorted(RECORD["extraction"]["stamp"].items())), separators=(",", ":"))
        insert = f"INSERT INTO images (id, path, {', '.join(COLUMNS)}, record, stamp) VALUES (?, ?{', ?' * 11})"
        with connection:
            for number, file in enumerate((str(tmp_path / "pics/a.png"), b"/caf\xe9.png"), 7):
                connection.execute(insert, (number, file, *VALUES, json.dumps(INFOTEXT), stamp))
                connection.execute(
                    "INSERT INTO resources VALUES (?, 0, 'lora', 'Fine Hair', NULL, 0.5, NULL, NULL)", (number,)
                )
            connection.execute("INSERT INTO failures VALUES ('/x.png', 'CorruptImageError', 'cut off')")
    return path


def query(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_columns_are_filled_from_the_stored_records(old: Path) -> None:
    Catalog(old).close()
    assert query(old, "PRAGMA user_version") == [(2,)]
    columns = "id, folder, scheduler, denoise, base_sampler, names, cjk, recipe IS NULL"
    assert query(old, f"SELECT {columns} FROM images ORDER BY id") == [
        (7, str(old.parent / "pics"), "karras", 0.4, "DPM++ 2M", "a.png\nflux\nFine Hair", "猫 and a heron", 0),
        (8, "", "karras", 0.4, "DPM++ 2M", "caf\\udce9.png\nflux\nFine Hair", "猫 and a heron", 0),
    ]
    assert [json.loads(record) for (record,) in query(old, "SELECT record FROM images")] == [INFOTEXT, INFOTEXT]
    assert query(old, "SELECT * FROM failures") == [("/x.png", "CorruptImageError", "cut off")]
    assert query(old, "SELECT rowid FROM prompts WHERE prompts MATCH 'prompt: heron'") == [(7,), (8,)]
    query(old, "INSERT INTO prompts (prompts) VALUES ('integrity-check')")


def test_a_migrated_catalog_is_searched_and_updated_as_a_new_one(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(old.parent)
    with closing(Catalog(old)) as catalog:
        assert catalog.known("pics/a.png", RECORD["extraction"]["stamp"]) is True
        catalog.write(found("pics/a.png"))
        catalog.write(found("pics/b.png"))
    with closing(CatalogSearch(old)) as search:
        assert search.ids(parse_query("scheduler:karras lora:fine heron")).tolist() == [8]
        assert search.ids(parse_query("cat")).tolist() == [9, 7]


def test_a_search_brings_it_up_to_date_too(old: Path) -> None:
    with closing(CatalogSearch(old)) as search:
        assert search.ids(parse_query("scheduler:karras flux")).tolist() == [8, 7]


def test_the_old_file_is_kept_and_copies_never_replaced(old: Path) -> None:
    (old.parent / "catalog.db.v1").write_bytes(b"of somebody")
    before = query(old, "SELECT * FROM images")
    Catalog(old).close()
    assert (old.parent / "catalog.db.v1").read_bytes() == b"of somebody"
    assert query(old.parent / "catalog.db.v1.2", "SELECT * FROM images") == before
    assert query(old.parent / "catalog.db.v1.2", "PRAGMA user_version") == [(1,)]
    assert sorted(os.listdir(old.parent)) == ["catalog.db", "catalog.db.v1", "catalog.db.v1.2"]


def test_all_or_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = query(old, "SELECT * FROM images")
    monkeypatch.setattr(opening, "ADDED", ("CREATE TABLE nonsense (",))
    with pytest.raises(OutputError, match="incomplete input"):
        Catalog(old)
    assert query(old, "SELECT * FROM images") == before
    assert query(old, "PRAGMA user_version") == [(1,)]
    assert query(old, "SELECT rowid FROM prompts WHERE prompts MATCH 'heron'") == [(7,), (8,)]
    monkeypatch.undo()
    Catalog(old).close()
    assert query(old, "PRAGMA user_version") == [(2,)]
