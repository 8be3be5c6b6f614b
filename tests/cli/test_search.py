from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clidriver import Cli
from tests.support import INFOTEXT, png, text_chunk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "pics").mkdir()
    for name, prompt in (("a", "a lighthouse"), ("b", "a castle"), ("c", "lighthouse, castle")):
        infotext = INFOTEXT.replace(INFOTEXT.split("\n")[0], prompt)
        (tmp_path / f"pics/{name}.png").write_bytes(png(text_chunk("parameters", infotext)))
    return tmp_path


def paths(out: str) -> list[str]:
    return sorted(Path(json.loads(line)["path"]).name for line in out.splitlines())


def test_a_folder_a_catalog_and_an_index_give_the_same(cli: Cli, folder: Path) -> None:
    assert cli("pics", "-q", "--no-hash", "-o", "all.db").code == 0
    for where in (["pics"], ["all.db"], ["pics", "--index"], ["pics", "--index"]):
        ran = cli("search", "lighthouse", *where)
        assert (paths(ran.out), ran.err, ran.code) == (["a.png", "c.png"], "2 images found\n", 0)


def test_the_folder_one_is_in_is_searched_when_none_is_named(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "pics")
    assert paths(cli("search", "lighthouse -castle", "-q").out) == ["a.png"]


def test_a_query_that_begins_with_a_minus_stands_behind_two(cli: Cli, folder: Path) -> None:
    assert paths(cli("search", "-q", "--", "-lighthouse", "pics").out) == ["b.png"]


def test_rows_take_the_forms_of_a_scan(cli: Cli, folder: Path) -> None:
    assert cli("search", "castle", "pics", "-q", "--fields", "prompt", "--sort", "-prompt").out == (
        "lighthouse, castle\na castle\n"
    )
    assert cli("search", "castle", "pics", "-q", "--fields", "prompt", "--limit", "1").out == "a castle\n"
    table = cli("search", "castle", "pics", "-q", "--format", "table").out
    assert "a castle" in table
    assert "a lighthouse" not in table
    assert cli("search", "castle", "pics", "-q", "-o", "found.db").code == 0
    assert paths(cli("search", "", "found.db", "-q").out) == ["b.png", "c.png"]


def test_a_failure_is_told_and_the_exit_code_is_1(cli: Cli, folder: Path) -> None:
    (folder / "pics/bad.png").write_bytes(b"no image")
    ran = cli("search", "lighthouse", "pics")
    assert paths(ran.out) == ["a.png", "c.png"]
    assert ran.code == 1
    assert ran.err.startswith("2 images found\nfailed (1): ")


@pytest.mark.parametrize(
    "command", [("search", "dog colour:red", "pics"), ("scan", "pics", "--where", "dog colour:red")]
)
def test_a_wrong_query_is_pointed_at(cli: Cli, folder: Path, command: tuple[str, ...]) -> None:
    ran = cli(*command)
    assert (ran.out, ran.code) == ("", 2)
    assert "Error: unknown key colour: (known are model, " in ran.err
    assert ran.err.endswith("  dog colour:red\n      ^\n")


def test_scan_takes_a_query_as_well(cli: Cli, folder: Path) -> None:
    ran = cli("scan", "pics", "--no-hash", "--where", "lighthouse castle")
    assert paths(ran.out) == ["c.png"]
    assert ran.code == 0
    (folder / "pics/bad.png").write_bytes(b"no image")
    ran = cli("scan", "pics", "--no-hash", "-q", "--where", "")
    assert paths(ran.out) == ["a.png", "b.png", "c.png"]
    assert ran.code == 1


def test_a_catalog_of_a_later_version_says_what_to_do(cli: Cli, folder: Path) -> None:
    import sqlite3
    from contextlib import closing

    cli("pics", "-q", "--no-hash", "-o", "all.db")
    with closing(sqlite3.connect("all.db")) as connection:
        connection.execute("PRAGMA user_version = 9")
    ran = cli("search", "x", "all.db")
    assert ran.code == 1
    assert (
        "Error: all.db: a catalog of version 9, and this program knows versions up to 2: update the program" in ran.err
    )
