"""Hashes out of the caches of A1111, Forge and SD.Next: the good ones, and nothing of the others."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import ModelLibrary
from extractor.ledger import Ledger
from extractor.library.caches import caches_near, flat_pickle, read_cache
from extractor.library.model import Hash
from tests.library.modelfiles import TIME, checkpoint, lora, put, sha256

FAKE = "0f" * 32


def database(path: Path, entries: dict[str, bytes], *, mode: int = 4) -> Path:
    """A cache as diskcache writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "CREATE TABLE Cache (rowid INTEGER PRIMARY KEY, key BLOB, raw INTEGER, store_time REAL, expire_time REAL, "
            "access_time REAL, access_count INTEGER DEFAULT 0, tag BLOB, size INTEGER DEFAULT 0, "
            "mode INTEGER DEFAULT 0, filename TEXT, value BLOB)"
        )
        for key, value in entries.items():
            connection.execute("INSERT INTO Cache (key, raw, mode, value) VALUES (?, 1, ?, ?)", (key, mode, value))
        connection.commit()
    return path


def entry(digest: str, mtime: float = float(TIME)) -> dict[str, Any]:
    return {"mtime": mtime, "sha256": digest}


def known(root: Path, *caches: Path) -> dict[str, list[Hash]]:
    with ModelLibrary.open(":memory:") as library:
        library.scan(root / "models", hash="none", caches=caches)
        return {model.name: [item for item in model.hashes if item.kind == "sha256"] for model in library.models()}


def cached(digest: str) -> list[Hash]:
    return [Hash(kind="sha256", value=digest, origin="cache", digits=10)]


def webui(tmp_path: Path) -> Path:
    put(tmp_path / "models/Stable-diffusion/sub/base.safetensors", checkpoint("base"))
    put(tmp_path / "models/Lora/zorb.safetensors", lora("zorb"))
    return tmp_path


@pytest.mark.parametrize("place", ["cache.json", "data/cache.json", "cache/hashes/cache.db"])
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_cache_of_the_program_around_the_models_is_found(tmp_path: Path, place: str, protocol: int) -> None:
    root = webui(tmp_path)
    entries = {"checkpoint/sub/base.safetensors": entry(FAKE), "lora/zorb.safetensors": entry("ab" * 32)}
    if place.endswith(".db"):
        database(root / place, {key: pickle.dumps(value, protocol) for key, value in entries.items()})
    else:
        put(root / place, {"hashes": entries, "hashes-addnet": {"lora/zorb": entry("cd" * 32)}})
    assert list(caches_near(str(root / "models"))) == [str(root / place)]
    before = sorted(os.listdir((root / place).parent))
    assert known(root) == {"base": cached(FAKE), "zorb": cached("ab" * 32)}
    assert sorted(os.listdir((root / place).parent)) == before


REFUSED = [
    ("another time", "checkpoint/sub/base.safetensors", entry(FAKE, TIME + 0.5)),
    ("no time", "checkpoint/sub/base.safetensors", {"sha256": FAKE}),
    ("another place", "checkpoint/other/base.safetensors", entry(FAKE)),
    ("part of a name", "checkpoint/se.safetensors", entry(FAKE)),
    ("another type", "lora/base.safetensors", entry(FAKE)),
    ("all VAEs share one", "vae/sub/base.safetensors", entry(FAKE)),
    ("all VAEs share one", "vae", entry(FAKE)),
    ("short", "checkpoint/sub/base.safetensors", entry(FAKE[:10])),
    ("not hex", "checkpoint/sub/base.safetensors", entry("zz" * 32)),
    ("no text", "checkpoint/sub/base.safetensors", {"mtime": TIME, "sha256": 5}),
    ("the hash of nothing", "checkpoint/sub/base.safetensors", entry(hashlib.sha256(b"").hexdigest())),
    (
        "Forge's hash of the name",
        "checkpoint/sub/base.safetensors",
        entry(hashlib.sha256(b"base.safetensors").hexdigest()),
    ),
]


@pytest.mark.parametrize(("key", "value"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("form", ["json", "db"])
def test_what_cannot_be_believed_is_not(tmp_path: Path, key: str, value: dict[str, Any], form: str) -> None:
    root = webui(tmp_path)
    if form == "json":
        put(root / "cache.json", {"hashes": {key: value}})
    else:
        database(root / "cache/hashes/cache.db", {key: pickle.dumps(value)})
    assert known(root) == {"base": [], "zorb": []}


def test_one_entry_for_two_files_says_nothing(tmp_path: Path) -> None:
    root = webui(tmp_path)
    put(root / "models/Stable-diffusion/more/sub/base.safetensors", checkpoint("another"))
    put(root / "cache.json", {"hashes": {"checkpoint/sub/base.safetensors": entry(FAKE)}})
    with ModelLibrary.open(":memory:") as library:
        library.scan(root / "models", hash="none")
        assert all(model.hash("sha256") is None for model in library.models())


@pytest.mark.parametrize("order", [1, -1])
def test_caches_that_disagree_say_nothing(tmp_path: Path, order: int) -> None:
    root = webui(tmp_path)
    caches = [
        put(tmp_path / f"{name}/cache.json", {"hashes": {"checkpoint/sub/base.safetensors": entry(digest)}})
        for name, digest in (("a", FAKE), ("b", "ab" * 32))
    ]
    assert known(root, *caches[::order])["base"] == []
    with ModelLibrary.open(":memory:") as library:
        scanned = library.scan(root / "models", hash="none", caches=caches[::order])
    assert [code for _, code, _ in scanned.problems] == ["cache-differs"]


def test_the_files_own_hash_goes_before_a_cache(tmp_path: Path) -> None:
    root = webui(tmp_path)
    put(root / "cache.json", {"hashes": {"checkpoint/sub/base.safetensors": entry(FAKE)}})
    with ModelLibrary.open(":memory:") as library:
        library.scan(root / "models")
        scanned = library.scan(root / "models")
        (model,) = library.find("base")
    assert model.hash("sha256") == sha256(checkpoint("base"))
    assert [code for _, code, _ in scanned.problems] == ["cache-differs"]


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(Path(__file__).parent / "executed"),)


BOMBS = [
    pickle.dumps(_Bomb()),
    pickle.dumps({"mtime": _Bomb(), "sha256": FAKE}),
    b"cos\nsystem\n(S'touch executed'\ntR.",
    b"\x80\x04r\xff\xff\xff\x7f.",
    b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"",
    b"\x80",
    pickle.dumps([{"mtime": 1.0, "sha256": FAKE}]),
    pickle.dumps({"mtime": {"a": 1}}),
]


@pytest.mark.parametrize("data", BOMBS)
def test_no_pickle_is_executed(tmp_path: Path, data: bytes) -> None:
    assert flat_pickle(data) == {} or "sha256" not in flat_pickle(data) or flat_pickle(data)["sha256"] == FAKE
    path = database(tmp_path / "cache.db", {"checkpoint/a.safetensors": data})
    assert [item for item in read_cache(str(path), Ledger()) if item.sha256 != FAKE] == []
    assert not (Path(__file__).parent / "executed").exists()


@given(st.binary(max_size=100))
def test_any_bytes_are_a_pickle_or_none(data: bytes) -> None:
    assert isinstance(flat_pickle(data), dict)


@given(
    st.dictionaries(
        st.text(max_size=10), st.one_of(st.text(max_size=300), st.floats(allow_nan=False), st.integers(), st.none())
    ),
    st.sampled_from([2, 3, 4, 5]),
)
def test_flat_dicts_are_read_as_pickle_reads_them(value: dict[str, Any], protocol: int) -> None:
    found = flat_pickle(pickle.dumps(value, protocol))
    # What stands twice is written once and referred to; a cache's entries have nothing twice.
    assert found in ({}, value)


@pytest.mark.parametrize("data", [b"no database", b"SQLite format 3\0" + bytes(84), b""])
def test_a_broken_database_is_a_warning(tmp_path: Path, data: bytes) -> None:
    log = Ledger()
    assert read_cache(str(put(tmp_path / "cache.db", data)), log) == []
    assert [code for code, _ in log.items] in (["cache-unreadable"], [])
    assert log.items or data == b""


def test_a_view_in_place_of_the_table_is_not_asked(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW Cache AS SELECT 'checkpoint/a' AS key, 1 AS raw, 4 AS mode, x'00' AS value")
    assert read_cache(str(path), Ledger()) == []


def test_a_broken_cache_json_is_a_warning(tmp_path: Path) -> None:
    log = Ledger()
    assert read_cache(str(put(tmp_path / "cache.json", '{"hashes": ')), log) == []
    assert [code for code, _ in log.items] == ["json-invalid"]
    assert read_cache(str(put(tmp_path / "cache.json", json.dumps({"hashes": [1]}))), Ledger()) == []
