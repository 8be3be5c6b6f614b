"""Catalogs of remote files and of members of archives know them by their addresses."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from extractor import open_writer, scan, search
from extractor.catalog.writer import Catalog
from extractor.errors import OutputError
from extractor.files.address import Address
from extractor.files.listing import list_objects
from tests.rangeserver import Store
from tests.support import INFOTEXT, png, text_chunk

PICTURE = png(text_chunk("parameters", INFOTEXT))


@pytest.fixture
def given(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    store.objects |= {"/b/p/far.png": PICTURE, "/b/p/x/b.png": PICTURE}
    with zipfile.ZipFile("x.zip", "w") as archive:
        archive.writestr("in/near.png", PICTURE)
    Path("plain.png").write_bytes(PICTURE)
    return ["s3://b/p/", "x.zip", "plain.png"]


def fill(given: list[str]) -> list[bool]:
    """Bring the catalog up to date; which of the files were skipped."""
    with open_writer("c.db") as writer, closing(scan(given, remote=True, hash=False, skip=writer.skip)) as results:
        found = list(results)
        for result in found:
            writer.write(result)
    return [result.skipped for result in found]


def paths() -> list[str]:
    with closing(sqlite3.connect("c.db")) as connection:
        return [path for (path,) in connection.execute("SELECT path FROM images ORDER BY path")]


def test_a_second_run_reads_nothing(store: Store, given: list[str]) -> None:
    assert fill(given) == [False] * 4
    here = os.getcwd()
    assert paths() == [f"{here}/plain.png", "s3://b/p/far.png", "s3://b/p/x/b.png", f"zip://in/near.png::{here}/x.zip"]
    store.clear()
    assert fill(given) == [True] * 4
    assert store.gets == []
    store.objects["/b/p/far.png"] = PICTURE + b"x"
    assert fill(given) == [False, True, True, True]


def test_what_goes_with_prune(given: list[str]) -> None:
    fill(given)
    with closing(Catalog("c.db")) as catalog:
        assert catalog.prune([".", "s3://b/p/"], force=True) == 0
        os.unlink("plain.png")
        assert catalog.prune(["."], force=True) == 1
        assert catalog.prune(["s3://b/p/", "s3://b", "zip:"], force=True) == 0
        os.rename("x.zip", "y.zip")
        assert catalog.prune(["."], force=True) == 1
    assert paths() == ["s3://b/p/far.png", "s3://b/p/x/b.png"]


BUCKET = Address("s3://b")
PREFIX = Address("s3://b/p/")


def test_what_a_store_no_longer_lists_goes_with_prune(store: Store, given: list[str]) -> None:
    archive = Path("x.zip").read_bytes()
    store.objects |= {"/b/q/one.zip": archive, "/b/q/two.zip": archive, "/b/pp.png": PICTURE}
    fill([*given, "s3://b/q/one.zip", "s3://b/q/two.zip", "s3://b/pp.png"])
    for key in ("/b/p/far.png", "/b/q/one.zip", "/b/pp.png"):
        del store.objects[key]
    store.page = 1
    with closing(Catalog("c.db")) as catalog:
        assert catalog.prune(["s3://b/p/", "s3://b"]) == 0  # paths
        store.clear()
        assert catalog.prune([Address("s3://b/none"), Address("s3://b/p/x"), Address("https://b/p/"), "."]) == 0
        assert len(store.requests) == 1  # only what has rows is listed
        assert catalog.prune([PREFIX]) == 1
        assert catalog.prune([BUCKET, PREFIX]) == 2
        assert catalog.prune([BUCKET]) == 0
    assert paths()[1:] == [
        "s3://b/p/x/b.png",
        f"zip://in/near.png::{os.getcwd()}/x.zip",
        "zip://in/near.png::s3://b/q/two.zip",
    ]


def test_a_listing_that_is_not_whole_prunes_nothing(store: Store, given: list[str]) -> None:
    fill(given)
    del store.objects["/b/p/far.png"]
    store.objects |= {f"/b/p/{number:03}.png": PICTURE for number in range(9)}
    store.page = 2
    listed: list[str] = []

    def fault(method: str, path: str, number: int) -> str | None:
        listed.append(path)
        return "403" if len(listed) > 2 else None

    store.fault = fault
    with closing(Catalog("c.db")) as catalog:
        with pytest.raises(OutputError, match=r"s3://b/p/: nothing is pruned: .*denies access"):
            catalog.prune([PREFIX], force=True)
        assert len(paths()) == 4
        store.fault = None
        assert catalog.prune([PREFIX]) == 1


def test_a_bucket_that_lost_most_is_not_pruned_unless_it_is_forced(store: Store, given: list[str]) -> None:
    store.objects |= {f"/b/p/{number:03}.png": PICTURE for number in range(41)}
    fill(given)
    whole = dict(store.objects)
    with closing(Catalog("c.db")) as catalog:
        store.objects.clear()
        with pytest.raises(OutputError, match="s3://b/: nothing is pruned: the folder is empty, to which 43 records"):
            catalog.prune([BUCKET])
        store.objects |= {
            key: data for key, data in whole.items() if not key.startswith(("/b/p/00", "/b/p/01", "/b/p/02"))
        }
        with pytest.raises(OutputError, match="s3://b/p/: nothing is pruned: the images of 30 of 43 records are gone"):
            catalog.prune([PREFIX])
        assert len(paths()) == 45
        assert catalog.prune([PREFIX], force=True) == 30


def test_folders_of_fsspec_that_go_while_they_are_listed(given: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.pipe({"/far/a.png": PICTURE, "/far/x/b.png": PICTURE})
    root = Address("memory:///far")
    fill([f"{root}/"])
    stored = list(list_objects(root))
    assert [item.address for item in stored] == paths()[-2:] == [f"{root}/a.png", f"{root}/x/b.png"]
    listed = type(system).ls

    def ls(self: object, path: str, **options: object) -> object:
        if path.endswith("x"):
            raise FileNotFoundError(path)
        return listed(self, path, **options)

    with monkeypatch.context() as patch, closing(Catalog("c.db")) as catalog:
        patch.setattr(type(system), "ls", ls)
        with pytest.raises(OutputError, match="nothing is pruned"):
            catalog.prune([root], force=True)
    system.rm("/far/x", recursive=True)
    with closing(Catalog("c.db")) as catalog:
        assert catalog.prune([root]) == 1
    system.rm("/far", recursive=True)
    assert list(list_objects(root)) == []


def test_they_are_found_by_their_names(given: list[str]) -> None:
    fill(given)
    assert [result.path for result in search("near", "c.db")] == [f"zip://in/near.png::{os.getcwd()}/x.zip"]
    assert [result.path for result in search("far", "c.db")] == ["s3://b/p/far.png"]
    assert [result.path for result in search("path:x.zip", "c.db")] == [f"zip://in/near.png::{os.getcwd()}/x.zip"]
    with closing(sqlite3.connect("c.db")) as connection:
        folders = {folder for (folder,) in connection.execute("SELECT folder FROM images")}
    assert folders == {os.getcwd(), "s3://b/p", "s3://b/p/x", f"{os.getcwd()}/x.zip/in"}
    assert [result.path for result in search("path:near", "x.zip")] == ["zip://in/near.png::x.zip"]
