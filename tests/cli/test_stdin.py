"""``-``: an image on standard input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractor import extract
from tests.clidriver import Cli
from tests.support import INFOTEXT, png, text_chunk

CAT = png(text_chunk("parameters", INFOTEXT))


def prompt(path: str) -> str | None:
    meta = extract(path, hash=False).meta
    return None if meta is None else meta.prompt  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["scan", "-", "--fields", "seed"], "1\n"),
        (["-", "--fields", "seed"], "1\n"),
        (["show", "-", "--infotext-as", "args"], '--prompt "a cat" --negative_prompt "dog"'),
        (["search", "cat", "-", "--fields", "seed,steps", "--format", "csv"], "seed,steps\n1,"),
        (["search", "dog", "-", "--fields", "seed"], ""),
        (["stats", "-", "--json"], '{\n  "images": 1,\n  "withMetadata": 1,'),
        (["stats", "-", "--where", "dog", "--json"], '{\n  "images": 0,'),
        (["diff", "-", "pics/cat.png"], ""),
        (["check", "-"], "-: all of it is read\n"),
    ],
)
def test_it_is_read(cli: Cli, folder: Path, arguments: list[str], expected: str) -> None:
    ran = cli(*arguments, stdin=CAT)
    assert (ran.code, ran.out.replace("\r", "")[: len(expected) or None]) == (0, expected)


def test_it_stands_among_files(cli: Cli, folder: Path) -> None:
    ran = cli("search", "cat", "pics", "-", "-q", stdin=CAT)
    assert [json.loads(line)["path"] for line in ran.out.splitlines()] == ["-", "pics/cat.png"]
    assert cli("stats", "-", "pics", stdin=CAT).out.startswith("3 images, 2 with metadata\n")


@pytest.mark.parametrize("arguments", [["search", "cat", "-"], ["stats", "-"], ["show", "-"], ["-"]])
def test_what_cannot_be_read_fails(cli: Cli, folder: Path, arguments: list[str]) -> None:
    assert cli(*arguments, stdin=b"").code == 1


def test_it_is_written_to_a_file(cli: Cli, folder: Path) -> None:
    ran = cli("strip", "-", "-o", "new.png", stdin=CAT)
    assert (ran.code, ran.out) == (0, "changed: - -> new.png\n  took  png:tEXt:parameters\n")
    assert ran.err.startswith("1 file in ")
    assert prompt("new.png") is None
    assert cli("embed", "-", "--set", "prompt=a dog", "-o", "new.png", stdin=CAT).code == 0
    assert prompt("new.png") == "a dog"
    assert cli("copy", "-", "pics/empty.png", "-o", "new.png", stdin=CAT).code == 0
    assert prompt("new.png") == "a cat"
    assert cli("copy", "pics/cat.png", "-", "-o", "other.png", stdin=png()).code == 0
    assert prompt("other.png") == "a cat"
    assert cli("strip", "-", "--dry-run", stdin=CAT).out == "would change: -\n  took  png:tEXt:parameters\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["strip", "-"],
        ["strip", "-", "--in-place"],
        ["strip", "-", "pics/cat.png", "-o", "out"],
        ["copy", "-", "-", "-o", "new.png"],
        ["copy", "pics", "-", "-o", "new.png"],
        ["same", "-"],
        ["sidecar", "-"],
        ["scan", "-", "-o", "all.db", "--verify"],
    ],
)
def test_where_it_makes_no_sense_it_is_wrong_usage(cli: Cli, folder: Path, arguments: list[str]) -> None:
    ran = cli(*arguments, stdin=CAT)
    assert (ran.code, ran.out) == (2, "")
    assert "Error: " in ran.err


def test_a_failure_is_told_without_names_of_classes(cli: Cli, folder: Path) -> None:
    for command in (["strip", "-", "-o", "a.png"], ["check", "-"]):
        ran = cli(*command, stdin=b"\x89PNG\r\n\x1a\nbroken" if command[0] == "check" else b"")
        assert ran.code == 1
        assert ran.err.startswith("failed: -: ")
        assert "Error:" not in ran.err
