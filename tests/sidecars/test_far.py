"""Sidecars of remote files and of members of archives: in a tree of their own, under names that are safe."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from extractor import SidecarResult, read_sidecar, write_sidecars
from tests.rangeserver import Store
from tests.support import INFOTEXT, png, text_chunk

PICTURE = png(text_chunk("parameters", INFOTEXT))


def came(results: Any) -> list[tuple[str, str]]:
    return [(result.path, str(result.status)) for result in results]


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def zipped(path: Path, *names: str) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, PICTURE)
    return str(path)


@pytest.mark.parametrize("hash", [False, True])
def test_a_bucket(store: Store, tmp_path: Path, hash: bool) -> None:
    store.objects |= {"/b/p/a.png": PICTURE, "/b/p/x/b.png": PICTURE, "/b/p/x/note.txt": b"x"}

    def run(given: str = "s3://b/p/") -> list[tuple[str, str]]:
        return came(write_sidecars(given, remote=True, out_dir=tmp_path, hash=hash, workers=1))

    assert run() == [
        ("s3://b/p/a.png", "written"),
        ("s3://b/p/x/b.png", "written"),
        ("s3://b/p/x/note.txt", "passed-over"),
    ]
    assert written(tmp_path) == ["p/a.png.json", "p/x/b.png.json"]
    record = read_sidecar(tmp_path / "p/a.png.json")
    assert (record.url, record.hash is not None) == ("s3://b/p/a.png", hash)
    store.clear()
    assert [status for _, status in run()][:2] == ["unchanged", "unchanged"]
    assert [request for request in store.gets if request[1].endswith(".png")] == []
    store.objects["/b/p/a.png"] = PICTURE + b"x"
    assert [status for _, status in run()][:2] == ["written", "unchanged"]
    store.objects["/b/q/p/a.png"] = PICTURE
    ((_, status),) = run("s3://b/q/p/")
    assert status == "conflict"  # it is the sidecar of another one


def test_members(tmp_path: Path) -> None:
    given = zipped(tmp_path / "x.zip", "a.png", "../../up.png", "/abs/b.png", "d\\c.png", "x/NUL.png")
    out = tmp_path / "out"
    assert [status for _, status in came(write_sidecars(given, out_dir=out, hash=False))] == ["written"] * 5
    assert written(out) == [
        "x.zip/a.png.json", "x.zip/abs/b.png.json", "x.zip/d/c.png.json", "x.zip/up.png.json", "x.zip/x/_NUL.png.json",
    ]  # fmt: skip
    assert written(tmp_path) == sorted(["x.zip", *(f"out/{name}" for name in written(out))])
    assert read_sidecar(out / "x.zip/a.png.json").url == f"zip://a.png::{Path(given).as_uri()}"
    assert [status for _, status in came(write_sidecars(given, out_dir=out, hash=False))] == ["unchanged"] * 5


def test_two_members_for_one_sidecar(tmp_path: Path) -> None:
    given = zipped(tmp_path / "x.zip", "a.png", "../a.png")
    results = list(write_sidecars(given, out_dir=tmp_path / "out", hash=False))
    assert [str(result.status) for result in results] == ["written", "conflict"]
    assert str(results[1].error) == f"it is also the sidecar of zip://a.png::{given}"


@pytest.mark.parametrize("prune", [{"prune": True}, {"force_prune": True}])
def test_what_is_far_is_never_pruned(store: Store, tmp_path: Path, prune: dict[str, bool]) -> None:
    given = zipped(tmp_path / "x.zip", "a.png", "b.png")
    store.objects |= {"/b/p/a.png": PICTURE, "/b/p/b.png": PICTURE}
    out = tmp_path / "out"
    for source in (given, "s3://b/p/"):
        list(write_sidecars(source, remote=True, out_dir=out, hash=False))
    zipped(tmp_path / "x.zip", "a.png")
    del store.objects["/b/p/b.png"]
    for source in (given, "s3://b/p/"):
        list(write_sidecars(source, remote=True, out_dir=out, hash=False, **prune))
    assert len(written(out)) == 4


def test_without_a_folder_there_is_no_place(store: Store, tmp_path: Path) -> None:
    given = zipped(tmp_path / "x.zip", "a.png", "note.txt")
    store.objects["/b/p/a.png"] = PICTURE
    for source in (given, "s3://b/p/", "s3://b/p/a.png"):
        results: list[SidecarResult] = list(write_sidecars(source, remote=True))
        assert [(result.path, str(result.status)) for result in results] == [(source, "failed")]
        assert "give --out-dir" in str(results[0].error)
    assert written(tmp_path) == ["x.zip"]
