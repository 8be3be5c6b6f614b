from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from extractor.catalog.writer import Catalog
from tests.clidriver import Cli
from tests.scanresults import found


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "40")
    with closing(Catalog("all.db")) as writer:
        for number in range(12):
            model = "toon" if number < 2 else "a very long name of a model \x1b[31m that goes on"
            writer.write(found(f"{number}.png", meta={"Model": model, "sampler": "Euler a"}))


@pytest.mark.usefixtures("catalog")
def test_bars_fit_the_width_and_names_cannot_steer_the_terminal(cli: Cli) -> None:
    ran = cli("stats", "all.db")
    assert ran.out == (
        "12 images, 12 with metadata\n"
        "\nModels\n"
        "  a very long name of a…  10  █████████\n"
        "  toon                     2  █▊\n"
        "\nSamplers\n"
        "  Euler a  12  ████████████████████████\n"
        "\nSizes\n"
        "  512x768  12  ████████████████████████\n"
        "\nGenerators\n"
        "  a1111  12  ██████████████████████████\n"
        "\nMonths\n"
        "  2024-05  12  ████████████████████████\n"
    )
    assert (ran.err, ran.code) == ("", 0)


@pytest.mark.usefixtures("catalog")
def test_what_is_left_out_is_said(cli: Cli) -> None:
    assert "  and 1 more\n" in cli("stats", "all.db", "--top", "1").out


@pytest.mark.usefixtures("catalog")
def test_json_has_all_that_meet_a_query(cli: Cli) -> None:
    ran = cli("stats", "all.db", "--json", "--top", "1", "--where", "model:toon OR model:long")
    counts = json.loads(ran.out)
    assert [model["images"] for model in counts["models"]] == [10, 2]
    assert json.loads(cli("stats", "all.db", "--json", "--where", "model:toon").out)["images"] == 2
    assert cli("stats", "all.db", "--where", "colour:red").code == 2


@pytest.mark.usefixtures("catalog")
def test_a_folder_is_scanned_and_failures_are_told(cli: Cli) -> None:
    Path("pics").mkdir()
    Path("pics/bad.png").write_bytes(b"no image")
    ran = cli("stats", "pics")
    reason = "not an image or video of a known kind"
    assert (ran.out, ran.err, ran.code) == ("0 images, 0 with metadata\n", f"failed (1): {reason}: pics/bad.png\n", 1)


@pytest.mark.usefixtures("catalog")
def test_a_catalog_of_a_later_version_is_named(cli: Cli) -> None:
    with closing(sqlite3.connect("all.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    for command in (["stats", "all.db"], ["search", "cat", "all.db"]):
        ran = cli(*command)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("Error: all.db: a catalog of version 99, ")
