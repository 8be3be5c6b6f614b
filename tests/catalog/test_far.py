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


def test_they_are_found_by_their_names(given: list[str]) -> None:
    fill(given)
    assert [result.path for result in search("near", "c.db")] == [f"zip://in/near.png::{os.getcwd()}/x.zip"]
    assert [result.path for result in search("far", "c.db")] == ["s3://b/p/far.png"]
    assert [result.path for result in search("path:x.zip", "c.db")] == [f"zip://in/near.png::{os.getcwd()}/x.zip"]
    with closing(sqlite3.connect("c.db")) as connection:
        folders = {folder for (folder,) in connection.execute("SELECT folder FROM images")}
    assert folders == {os.getcwd(), "s3://b/p", "s3://b/p/x", f"{os.getcwd()}/x.zip/in"}
    assert [result.path for result in search("path:near", "x.zip")] == ["zip://in/near.png::x.zip"]
