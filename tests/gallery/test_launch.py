"""What the command starts: a folder fills its catalog, thumbnails are made ahead, models are joined."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.gallery.cache import DEFAULT_BYTES
from extractor.gallery.gallery import Gallery, Remembered
from extractor.gallery.launch import Wish, _Room, launched
from extractor.gallery.place import catalog_of, thumbs_path
from extractor.library.library import ModelLibrary
from tests.gallery.galleries import make_catalog


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "cache"


def until(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError


def is_read(gallery: Gallery, images: int) -> bool:
    return not gallery.progress.is_scanning and len(gallery.snapshot) == images


def test_a_folder_fills_its_catalog(folder: Path, cache_home: Path) -> None:
    with launched(Wish(str(folder)), pytest.fail) as gallery:
        first = gallery.snapshot.revision
        until(lambda: is_read(gallery, 5))
        state = gallery.state()
        assert {name: state[name] for name in ("scanning", "done", "total", "failures", "images", "root")} == {
            "scanning": False, "done": 5, "total": 5, "failures": 0, "images": 5, "root": "pics"
        }  # fmt: skip
        assert state["revision"] > first
        assert gallery.cache.total == 0
    assert Path(catalog_of(str(folder))).parent == cache_home / "ai-image-metadata" / "indexes"
    # The next time only what changed is read, and what is gone has gone.
    (folder / "a1.png").unlink()
    with launched(Wish(str(folder)), pytest.fail) as gallery:
        assert len(gallery.snapshot) == 5
        until(lambda: is_read(gallery, 4))


def test_of_most_pictures_that_are_gone_at_once_the_catalog_keeps_all(tmp_path: Path) -> None:
    from tests.gallery.galleries import make_folder, picture

    folder = make_folder(tmp_path / "many", {f"{number}.png": picture(None, (8, 8)) for number in range(25)})
    with launched(Wish(str(folder)), pytest.fail) as gallery:
        until(lambda: is_read(gallery, 25))
    for path in list(folder.iterdir())[1:]:
        path.unlink()
    with launched(Wish(str(folder)), pytest.fail) as gallery:
        until(lambda: not gallery.progress.is_scanning)
        assert len(gallery.snapshot) == 25


def test_thumbnails_are_made_with_the_scan_and_of_what_was_scanned_before(folder: Path, tmp_path: Path) -> None:
    with launched(Wish(str(folder), has_thumbnails=True), pytest.fail) as gallery:
        until(lambda: is_read(gallery, 5))
        rows = gallery.cache._connection.execute("SELECT count(*), min(edge), max(edge) FROM thumbs").fetchall()
        assert rows == [(5, 384, 384)]
        versions = {row[0] for row in gallery.cache._connection.execute("SELECT version FROM thumbs")}
    Path(thumbs_path()).unlink()
    with launched(Wish(str(folder), has_thumbnails=True), pytest.fail) as gallery:
        until(lambda: gallery.cache.total > 0 and len(_versions(gallery)) == 5)
        assert _versions(gallery) == versions  # those of the scan are those that the page asks for


def _versions(gallery: Gallery) -> set[str]:
    return {row[0] for row in gallery.cache._connection.execute("SELECT version FROM thumbs")}


def test_a_scan_that_cannot_write_says_so(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from extractor.catalog.writer import Catalog
    from extractor.errors import OutputError

    def full(*_: object) -> None:
        raise OutputError(None, "the disk is full")

    said: list[str] = []
    with monkeypatch.context() as patched, launched(Wish(str(folder)), said.append) as gallery:
        patched.setattr(Catalog, "write_ready", full)
        until(lambda: gallery.progress.error is not None)
        assert (gallery.state()["error"], gallery.state()["scanning"]) == ("the scan ended: the disk is full", False)
    assert said == ["the scan ended: the disk is full"]


def test_a_larger_catalog_says_what_its_thumbnails_need_and_takes_it() -> None:
    from extractor.gallery.cache import ThumbCache

    said: list[str] = []
    cache = ThumbCache(thumbs_path())
    room = _Room(cache, said.append)
    room.take(100_000)
    assert (said, cache.most_bytes) == ([], DEFAULT_BYTES)
    room.take(1_000_000)
    room.take(1_000_000)
    assert said == [f"thumbnails of 1,000,000 pictures take about 20.5 GB in {thumbs_path()}"]
    assert cache.most_bytes == 20_480_000_000
    cache.close()


def test_base_models_come_once_they_are_found_out(folder: Path, tmp_path: Path) -> None:
    catalog = make_catalog(folder, tmp_path / "catalog.db")
    with (
        ModelLibrary.open(tmp_path / "models.db") as library,
        launched(Wish(str(catalog), models=library), pytest.fail) as gallery,
    ):
        first = gallery.snapshot
        assert first.values("missing") is None
        until(lambda: gallery.snapshot.values("missing") is not None)
        assert gallery.snapshot.revision == first.revision + 1
        assert gallery.title == "catalog.db"


def test_a_bounded_memory_of_ids() -> None:
    known = Remembered(3)
    for image in (1, 2, 3, 1, 4):
        known.add(image)
    known.discard(2)
    known.discard(9)
    assert [image for image in range(6) if image in known] == [3, 4]
