from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extractor.batch.store import LocalStore
from extractor.errors import BatchError, OutputError


def test_a_file_is_created_once(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    assert store.read("rows/a", 9) is None
    assert not store.has("rows/a")
    assert store.create("rows/a", b"one")
    assert not store.create("rows/a", b"two")
    assert store.has("rows/a")
    assert store.read("rows/a", 9) == b"one"
    store.replace("rows/a", b"three")
    assert store.read("rows/a", 9) == b"three"
    assert store.names("rows") == ["a"]
    assert store.names("gone") == []
    assert os.listdir(tmp_path / "rows") == ["a"]


@pytest.mark.parametrize("links", [True, False])
def test_of_several_writers_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.delattr(os, "link")
    store = LocalStore(str(tmp_path))
    texts = [bytes([number]) * 100_000 for number in range(8 if links else 1)]
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda text: store.create("a", text), texts))
    assert won.count(True) == 1
    assert store.read("a", 10**6) == texts[won.index(True)]
    assert not store.create("a", b"late")
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(b"x" * 10)
    with pytest.raises(BatchError, match=r"run\.json: 10 bytes, where at most 9 are read"):
        LocalStore(str(tmp_path)).read("run.json", 9)


def test_moving_twice_is_moving_once(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    store.create("list/a", b"1")
    store.move("list/a", "manifest/b")
    store.move("list/a", "manifest/b")
    assert store.read("manifest/b", 9) == b"1"
    with pytest.raises(BatchError, match="manifest/c is missing"):
        store.move("list/c", "manifest/c")
    store.create("list/d", b"1")
    store.remove(["list/d", "list/gone"])
    assert os.listdir(tmp_path) == ["manifest"]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        LocalStore(str(tmp_path / "file")).create("a", b"1")
