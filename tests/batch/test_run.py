from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from extractor.batch import run as module
from extractor.batch.run import Run, begin, resume
from extractor.batch.runfile import Inputs
from extractor.batch.store import LocalStore
from extractor.errors import BatchError
from extractor.extraction.options import Options
from extractor.limits import Limits
from tests.batch.runs import COMMAND, batch, everything, images, urls

FILTERS: dict[str, Any] = {"include": (), "exclude": (), "hidden": False, "follow_symlinks": False}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    images(tmp_path / "pics", 5)
    begin(str(tmp_path / "run"), inputs(tmp_path / "pics", rows=2), Options(hash=False))
    return tmp_path / "run"


def inputs(*paths: Path, rows: int | None = None, **filters: Any) -> Inputs:
    return Inputs([str(path) for path in paths], {**FILTERS, **filters}, rows)


def again(run: Path, given: Inputs | None = None, **options: Any) -> Run:
    return begin(str(run), given or inputs(), Options(**{"hash": False, **options}))


def test_the_manifest_is_made_once(run: Path) -> None:
    assert everything(run) == [*(f"manifest/part-0000{number}.parquet" for number in range(3)), "run.json"]
    assert [url.rpartition("/")[2] for url in urls(run, "manifest")] == [f"0000{number}.png" for number in range(5)]
    (run.parent / "pics" / "late.png").write_bytes(b"")
    joined = again(run, inputs(run.parent / "pics"))
    assert (joined.parts, joined.files, [joined.rows_of([number]) for number in range(3)]) == (3, 5, [2, 2, 1])
    assert joined.rows_of(range(3)) == 5
    assert len(urls(run, "manifest")) == 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hash": True}, 'hash was false, is "bilinear"'),
        ({"raw": True}, "raw was false, is true"),
        ({"stealth": True}, "stealth was not given, is true"),
        ({"limits": Limits(pixels=7)}, r'limits was not given, is {"pixels": 7}'),
    ],
)
def test_other_options_are_told(run: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(BatchError, match=says):
        again(run, **change)


def test_other_inputs_are_told(run: Path) -> None:
    pics = run.parent / "pics"
    with pytest.raises(BatchError, match=rf"reads other files \({pics}\)"):
        again(run, inputs(pics / "00001.png"))
    with pytest.raises(BatchError, match="chooses them otherwise"):
        again(run, inputs(pics, exclude=("*.jpg",)))
    with pytest.raises(BatchError, match="parts of 2 rows, not of 3"):
        again(run, inputs(pics, rows=3))


def test_another_version_is_told(run: Path) -> None:
    change(run, extractor="0.0.9")
    with pytest.raises(BatchError, match=r"begun by version 0\.0\.9, this is .*: finish it with that version"):
        again(run)


def test_the_options_are_known_again(run: Path, tmp_path: Path) -> None:
    assert resume(str(run)).options == Options(hash=False, foreign_sidecars=True)
    given = Options(hash="mipmap", stealth=True, raw=True, foreign_sidecars=False, limits=Limits(pixels=7))
    begin(str(tmp_path / "other"), inputs(tmp_path / "pics"), given)
    assert resume(str(tmp_path / "other")).options == given


def test_nothing_to_join(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="there is no run in"):
        resume(str(tmp_path))
    with pytest.raises(BatchError, match="name what is to be read"):
        begin(str(tmp_path), inputs(), Options())
    with pytest.raises(BatchError, match="there is nothing at"):
        begin(str(tmp_path / "run"), inputs(tmp_path / "gone"), Options())
    assert not list(tmp_path.glob("run/**/*"))


def change(run: Path, **keys: Any) -> None:
    (run / "run.json").write_text(json.dumps({**json.loads((run / "run.json").read_text()), **keys}))


@pytest.mark.parametrize(
    "keys",
    [
        {"format": 1},
        {"format": True},
        {"parts": -1},
        {"parts": 10**9, "files": 10**12},
        {"parts": 9},
        {"parts": 10**30},
        {"files": "5"},
        {"token": "../../../../../x"},
        {"token": "../../../../../x"[:16]},
        {"token": "é" * 16},
        {"options": []},
        {"options": {"hash": "no such"}},
        {"options": {"limits": {"pixels": "x"}}},
        {"options": {"limits": [1]}},
        {"options": {"hash": False, "x": 1}},
        {"archives": -1},
        {"archives": 6},
        {"inputs": None},
        {"inputs": {"include": "*.png"}},
        {"inputs": {"exclude": [7]}},
        {"inputs": {"hidden": 1}},
        {"inputs": {"image_column": []}},
        {"digest": 3},
        {"extractor": None},
        {"extractor": "\x1b]0;x\x07" * 1000},
    ],
    ids=str,
)
def test_a_hostile_run_file_is_an_error(run: Path, keys: dict[str, Any]) -> None:
    change(run, **keys)
    before = everything(run)
    with pytest.raises(BatchError):
        resume(str(run))
    assert everything(run) == before


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"\xff" * 99, b"[" * 100_000, b'{"parts": ' + b"9" * 5000 + b"}", b" " * 5_000_000]
)
def test_what_is_no_run_file_is_an_error(run: Path, text: bytes) -> None:
    (run / "run.json").write_bytes(text)
    with pytest.raises(BatchError):
        again(run)
    ran = batch("--status", run)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("Error: run.json")
    assert len(ran.stderr) < 500


def test_numbers_that_are_not_in_the_folder_are_an_error(run: Path) -> None:
    change(run, parts=4, files=8)
    with pytest.raises(BatchError, match=r"manifest/part-00003\.parquet is missing"):
        again(run)


def test_a_starter_killed_between_list_and_manifest_is_helped(run: Path) -> None:
    token = json.loads((run / "run.json").read_text())["token"]
    listing = run / ".listing"
    listing.mkdir()
    for number in (1, 2):
        (run / "manifest" / f"part-0000{number}.parquet").rename(listing / f"{token}-0000{number}.parquet")
    (listing / "0123456789abcdef-00000.parquet").write_bytes(b"of a starter that lost")
    assert again(run).parts == 3
    assert everything(run) == [*(f"manifest/part-0000{number}.parquet" for number in range(3)), "run.json"]
    assert len(set(urls(run, "manifest"))) == 5


def test_who_is_second_takes_the_first_ones_list(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one's run.json comes up while the second is listing, and when it is just done."""
    for looks in (1, 2, 5):
        seen, real = [], module.read_run

        def late(store: LocalStore, looks: int = looks, seen: list[int] = seen, real: Any = real) -> Any:
            seen.append(1)
            return None if len(seen) <= looks else real(store)

        monkeypatch.setattr(module, "read_run", late)
        (tmp_path / "pics" / f"late{looks}.png").write_bytes(b"")
        joined = begin(str(run), inputs(tmp_path / "pics", rows=2), Options(hash=False))
        monkeypatch.undo()
        assert (joined.parts, joined.files) == (3, 5)
        assert everything(run) == [*(f"manifest/part-0000{number}.parquet" for number in range(3)), "run.json"]


def test_starters_at_the_same_time_agree(tmp_path: Path) -> None:
    pics = images(tmp_path / "pics", 60)
    arguments = [*COMMAND, str(pics), "-o", str(tmp_path / "run"), "--no-hash", "--rows", "7", "-q"]
    starters = [subprocess.Popen([*arguments, "--part", f"{number}/3"], stderr=subprocess.PIPE) for number in range(3)]
    for number in range(20):
        (pics / f"late{number}.png").write_bytes((pics / "00000.png").read_bytes())
    assert [(starter.communicate()[1], starter.returncode) for starter in starters] == [(b"", 0)] * 3
    listed = urls(tmp_path / "run", "manifest")
    assert len(listed) == len(set(listed)) == json.loads((tmp_path / "run" / "run.json").read_text())["files"]
    assert urls(tmp_path / "run") == listed
    assert not (tmp_path / "run" / ".listing").exists()
