from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extractor import OutputError, QueryError, search
from extractor.catalog.place import index_path
from extractor.catalog.query import parse_query
from extractor.catalog.writer import Catalog
from extractor.scanning import scan as scan_module
from extractor.scanning.scan import ScanResult, scan
from tests.support import INFOTEXT, png, text_chunk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / "pics/sub").mkdir(parents=True)
    for name, prompt in (("a", "a lighthouse"), ("b", "a castle"), ("sub/c", "lighthouse and castle")):
        infotext = INFOTEXT.replace(INFOTEXT.split("\n")[0], prompt)
        (tmp_path / f"pics/{name}.png").write_bytes(png(text_chunk("parameters", infotext)))
    (tmp_path / "pics/bad.png").write_bytes(b"no image")
    return tmp_path


def found(results: Iterator[ScanResult]) -> list[str]:
    return sorted(f"{result.path}{' failed' if result.error is not None else ''}" for result in results)


LIGHTHOUSES = ["pics/a.png", "pics/bad.png failed", "pics/sub/c.png"]


def test_folders_are_scanned(folder: Path) -> None:
    assert found(search("lighthouse", "pics")) == LIGHTHOUSES
    assert found(search(parse_query("lighthouse -castle"), [Path("pics/a.png"), "pics/sub"])) == ["pics/a.png"]
    assert found(search("", ["pics"], limit=1)) == ["pics/a.png"]
    assert found(search("", [])) == []


def test_catalogs_are_asked(folder: Path) -> None:
    with closing(Catalog("all.db")) as catalog:
        for result in scan(["pics"], hash=False):
            catalog.write(result)
    (folder / "pics/a.png").unlink()
    assert found(search("lighthouse", "all.db")) == [f"{folder}/pics/a.png", f"{folder}/pics/sub/c.png"]
    assert len(found(search("lighthouse", "all.db", limit=1))) == 1
    assert os.listdir(folder) == ["pics", "all.db"] or sorted(os.listdir(folder)) == ["all.db", "pics"]


def test_an_index_reads_only_what_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(search("lighthouse", "pics", index=True)) == LIGHTHOUSES
    opened = []
    real = scan_module.opened
    monkeypatch.setattr(
        scan_module, "opened", lambda path, *rest, **how: opened.append(path) or real(path, *rest, **how)
    )
    (folder / "pics/a.png").unlink()
    (folder / "pics/d.png").write_bytes((folder / "pics/b.png").read_bytes())
    assert found(search("castle", "pics/", index=True, workers=1)) == [
        "pics/b.png", "pics/bad.png failed", "pics/d.png", "pics/sub/c.png"
    ]  # fmt: skip
    assert [os.path.basename(path) for path in opened] == ["bad.png", "d.png"]
    index = Path(index_path("pics"))
    assert index.parent == folder / "cache/ai-image-metadata/indexes"
    assert index.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(index.parent) == [index.name]


def test_no_index_without_being_asked(folder: Path) -> None:
    found(search("lighthouse", "pics"))
    assert os.listdir(folder) == ["pics"]


def test_what_is_wrong_is_said_at_once(folder: Path) -> None:
    with pytest.raises(QueryError, match="unknown key colour"):
        search("colour:red", "pics")
    (folder / "late.db").write_bytes(b"SQLite format 3\0" + bytes(52) + b"EXTR" + bytes(100))
    with pytest.raises(OutputError, match=r"^late\.db: the catalog cannot be used"):
        list(search("", "late.db"))
    (folder / "cache").write_bytes(b"")
    with pytest.raises(OutputError, match="no index can be kept"):
        list(search("", "pics", index=True))
