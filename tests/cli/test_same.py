from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, png, text_chunk


@pytest.fixture
def pictures(folder: Path) -> Path:
    """A copy of a picture, one of another seed, one of another prompt, and a file that is no image."""
    shutil.copy("pics/cat.png", "pics/copy.png")
    write("pics/seed.png", png(text_chunk("parameters", INFOTEXT.replace("Seed: 1", "Seed: 2"))))
    write("pics/dog.png", png(text_chunk("parameters", INFOTEXT.replace("a cat", "a dog"))))
    return folder


def test_by_bytes(cli: Cli, pictures: Path) -> None:
    ran = cli("same", "pics")
    assert (ran.code, ran.out) == (0, "same bytes (2)\n  pics/cat.png\n  pics/copy.png\n\n")
    assert ran.err.partition(": ")[2] == "1 group, 1 more than once, 0 failed\n"


def test_by_recipe(cli: Cli, pictures: Path) -> None:
    ran = cli("same", "pics", "--by", "recipe", "--json", "-q")
    paths = ["pics/cat.png", "pics/copy.png", "pics/seed.png"]
    assert (ran.code, json.loads(ran.out), ran.err) == (0, {"by": "recipe", "paths": paths}, "")


def test_by_look(cli: Cli, pictures: Path) -> None:
    ran = cli("same", "pics", "--by", "look", "--by", "bytes", "-q", "--json")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [(row["by"], len(row["paths"])) for row in rows] == [("look", 5), ("bytes", 2)]


def test_nothing_is_the_same(cli: Cli, folder: Path) -> None:
    assert cli("same", "pics", "-q") == (0, "", "")


def test_what_cannot_be_read_is_exit_code_1(cli: Cli, pictures: Path) -> None:
    ran = cli("same", "pics", "gone.png")
    assert ran.code == 1
    assert ran.err.endswith("failed (1): No such file or directory: gone.png\n")


@pytest.mark.parametrize("arguments", [[], ["pics", "--by", "taste"], ["pics", "--threshold", "2"]])
def test_wrong_usage(cli: Cli, pictures: Path, arguments: list[str]) -> None:
    assert cli("same", *arguments).code == 2
