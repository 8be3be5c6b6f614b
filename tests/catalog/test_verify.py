from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from extractor import write_sidecars
from extractor.catalog.verify import Verdict, verify_catalog, verify_sidecars
from extractor.catalog.writer import Catalog
from extractor.scanning.scan import scan
from extractor.scanning.walk import Filters
from tests.clidriver import Cli
from tests.support import INFOTEXT, png, text_chunk

NAMES = ("damaged", "folder", "gone", "modified", "same")
VERDICTS = {
    "damaged.png": Verdict.DAMAGED,
    "folder.png": Verdict.UNREADABLE,
    "gone.png": Verdict.GONE,
    "modified.png": Verdict.MODIFIED,
    "same.png": Verdict.SAME,
    "unknown.png": Verdict.UNKNOWN,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files, read and then changed in several ways."""
    monkeypatch.chdir(tmp_path)
    pics = tmp_path / "pics"
    pics.mkdir()
    data = png(text_chunk("parameters", INFOTEXT))
    for name in (*NAMES, "unknown"):
        (pics / f"{name}.png").write_bytes(data)
    with closing(Catalog("all.db")) as catalog:
        for result in (*scan(["pics"], exclude=["unknown.png"]), *scan(["pics/unknown.png"], hash=False)):
            catalog.write(result)
    list(write_sidecars(["pics"], exclude=["unknown.png"]))
    list(write_sidecars(["pics/unknown.png"], hash=False))
    status = (pics / "damaged.png").stat()
    (pics / "damaged.png").write_bytes(data[:-1] + b"\0")
    os.utime(pics / "damaged.png", ns=(status.st_atime_ns, status.st_mtime_ns))
    (pics / "modified.png").write_bytes(data + b"\0")
    (pics / "gone.png").unlink()
    (pics / "folder.png").unlink()
    (pics / "folder.png").mkdir()
    return tmp_path


def test_the_files_of_a_catalog(folder: Path) -> None:
    found = list(verify_catalog("all.db", ["pics"]))
    assert {os.path.basename(item.path): item.verdict for item in found} == VERDICTS
    assert [item.error is not None for item in found] == [item.verdict is Verdict.UNREADABLE for item in found]
    assert list(verify_catalog("all.db", ["other"])) == []
    assert [item.path for item in verify_catalog("all.db", ["pics/same.png"])] == [str(folder / "pics/same.png")]


def test_the_files_with_sidecars(folder: Path) -> None:
    (folder / "pics/other.png").write_bytes(b"x")
    (folder / "pics/other.png.json").write_bytes(b"{}")
    found = {os.path.basename(item.path): item.verdict for item in verify_sidecars(["pics"], Filters())}
    assert found == {name: VERDICTS[name] for name in ("damaged.png", "modified.png", "same.png", "unknown.png")}


@pytest.mark.parametrize("command", [("scan", "pics", "-o", "all.db"), ("sidecar", "pics")])
def test_the_command_line_tells_what_is_not_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    cli = Cli(monkeypatch)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ran = cli(*command, "--verify")
    assert "damaged: " in ran.out
    assert "modified: " in ran.out
    assert "same" not in ran.out
    assert ran.err.endswith(" 1 unknown\n")
    assert ran.code == 1
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    (folder / "pics/damaged.png").write_bytes(b"now modified")
    (folder / "pics/folder.png").rmdir()
    assert cli(*command, "--verify", "-q").code == 0


def test_it_needs_something_to_compare_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = Cli(monkeypatch)
    assert cli("scan", "pics", "--verify").code == 2
    assert cli("sidecar", "pics", "--verify", "--out-dir", "x").code == 2
