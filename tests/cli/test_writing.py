"""The commands that write to pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractor import extract
from tests.clidriver import Cli, write
from tests.support import INFOTEXT, png, text_chunk
from tests.writers.pictures import ASCII, PICTURES

OTHER = INFOTEXT.replace("a cat", "a dog")


def prompt(path: str) -> str | None:
    meta = extract(path, hash=False, foreign_sidecars=False).meta
    return meta.prompt if meta is not None else None  # type: ignore[return-value]


def test_embed_in_place(cli: Cli, folder: Path) -> None:
    ran = cli("embed", "pics/empty.png", "--text", ASCII, "--in-place")
    assert (ran.code, ran.out) == (0, "changed: pics/empty.png\n  wrote png:tEXt:parameters\n")
    assert ran.err.endswith(": 1 changed, 0 unchanged, 0 failed\n")
    assert prompt("pics/empty.png") == "a cat"
    again = cli("embed", "pics/empty.png", "--text", ASCII, "--in-place")
    assert again.out.startswith("unchanged: pics/empty.png\n")


@pytest.mark.parametrize(("arguments", "stdin"), [(["--text", "-"], OTHER), (["--text-file", "-"], OTHER + "\n")])
def test_embed_from_standard_input(cli: Cli, folder: Path, arguments: list[str], stdin: str) -> None:
    assert cli("embed", "pics/cat.png", *arguments, "-o", "new.png", stdin=stdin.encode()).code == 0
    assert (prompt("new.png"), prompt("pics/cat.png")) == ("a dog", "a cat")


def test_embed_single_fields(cli: Cli, folder: Path) -> None:
    assert (
        cli("embed", "pics/cat.png", "--set", "seed=77", "--set", "prompt=x=y", "--set", "steps=", "--in-place").code
        == 0
    )
    meta = extract("pics/cat.png", hash=False).meta
    assert meta is not None
    assert (meta.prompt, meta.seed, meta.steps, meta.sampler) == ("x=y", 77, None, "Euler a")


def test_a_field_of_many_digits_is_exact(cli: Cli, folder: Path) -> None:
    assert cli("embed", "pics/cat.png", "--set", f"cfgScale={'9' * 400}", "-o", "new.png").code == 0
    assert cli("embed", "pics/cat.png", "--set", f"seed={2**64 - 1}", "-o", "new.png").code == 0
    assert extract("new.png", hash=False).meta.seed == 2**64 - 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("seed=many", "seed is a whole number"),
        ("seed=1.5", "seed is a whole number"),
        ("steps=true", "steps is a whole number"),
        ("cfgScale=NaN", "cfgScale is a number"),
        ("denoise=1e400", "denoise is a number"),
        ("cfgScale=" + "9" * 400 + ".", "cfgScale is a number"),
        ("resources=x", "resources holds more than one value"),
        ("extra={}", "extra holds more than one value"),
    ],
)
def test_fields_that_cannot_be_set(cli: Cli, folder: Path, field: str, message: str) -> None:
    before = Path("pics/cat.png").read_bytes()
    ran = cli("embed", "pics", "--set", field, "--in-place")
    assert ran.code == 2
    assert message in " ".join(ran.err.split())
    assert Path("pics/cat.png").read_bytes() == before


def test_embed_for_civitai_and_check(cli: Cli, folder: Path) -> None:
    write("pics/bad.png", png(text_chunk("parameters", INFOTEXT + ', Model: "a, b"')))
    ran = cli("check", "pics/bad.png")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        "pics/bad.png: some of it is not read\n"
        "  loses all: Model has a comma, colon or quote in it: a, b\n"
        "  Model without a hash attaches nothing\n"
    )
    assert cli("embed", "pics/bad.png", "--civitai", "--in-place").code == 0
    assert cli("check", "pics/bad.png").code == 0
    shown = cli("show", "pics/bad.png", "--infotext-as", "civitai", "--no-hash")
    assert shown.out == INFOTEXT + ", Model: a b\n"
    assert cli("check", "-", stdin=b"Steps: 2, Sampler: x, Seed: 1").out == "-: all of it is read\n"
    assert cli("check", "pics/empty.png").code == 1
    assert cli("check", "pics/notes.txt").code == 1


def test_strip_a_folder(cli: Cli, folder: Path) -> None:
    ran = cli("strip", "pics", "--dry-run")
    assert ran.out == "would change: pics/cat.png\n  took  png:tEXt:parameters\nunchanged: pics/empty.png\n"
    assert prompt("pics/cat.png") == "a cat"
    assert cli("strip", "pics", "-o", "clean").code == 0
    assert sorted(os.listdir("clean")) == ["cat.png", "empty.png"]
    assert prompt("clean/cat.png") is None
    assert cli("strip", "pics", "--in-place", "-q") == (0, "", "")
    assert prompt("pics/cat.png") is None


def test_copy_files_and_folders(cli: Cli, folder: Path) -> None:
    os.makedirs("small/sub")
    os.makedirs("pics/sub")
    for name in ("cat", "other", "sub/dog"):
        write(f"small/{name}.jpg", PICTURES["jpeg"]())
    write("pics/sub/dog.png", png(text_chunk("parameters", OTHER)))
    assert cli("copy", "pics/cat.png", "small/other.jpg", "--in-place").code == 0
    assert prompt("small/other.jpg") == "a cat"
    ran = cli("copy", "pics", "small", "--in-place")
    assert ran.code == 0
    assert [prompt(f"small/{name}.jpg") for name in ("cat", "sub/dog")] == ["a cat", "a dog"]
    assert "other" not in ran.out
    assert "passed over: 1 files that have no partner of their name in pics\n" in ran.err
    assert "passed over" not in cli("copy", "pics", "small", "--in-place", "--quiet").err
    ran = cli("copy", "pics/empty.png", "small/cat.jpg", "--in-place")
    assert (ran.code, ran.out) == (1, "")
    assert "failed: small/cat.jpg: there is no generation data to copy\n" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["strip", "pics"],
        ["strip", "pics", "--in-place", "-o", "x"],
        ["embed", "pics/cat.png", "--in-place"],
        ["embed", "pics/cat.png", "--in-place", "--text", "x", "--set", "a=b"],
        ["embed", "pics/cat.png", "--in-place", "--set", "nothing"],
        ["copy", "pics", "pics/cat.png", "--in-place"],
        ["strip", "pics", "--in-place", "--keep", "everything"],
    ],
)
def test_wrong_usage(cli: Cli, folder: Path, arguments: list[str]) -> None:
    before = Path("pics/cat.png").read_bytes()
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.err
    assert Path("pics/cat.png").read_bytes() == before


def test_one_bad_file_never_stops_the_rest(cli: Cli, folder: Path) -> None:
    write("pics/bad.png", b"no picture")
    ran = cli("strip", "missing.png", "pics", "--in-place")
    assert ran.code == 1
    assert "failed: missing.png: No such file or directory\n" in ran.err
    assert "failed: pics/bad.png: not an image of a known kind\n" in ran.err
    assert prompt("pics/cat.png") is None


@pytest.mark.parametrize("command", [["embed", "gone.png", "--set", "seed=1"], ["copy", "gone.png", "pics/cat.png"]])
def test_the_file_that_is_missing_is_named_once(cli: Cli, folder: Path, command: list[str]) -> None:
    ran = cli(*command, "-o", "new.png")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("failed: gone.png: No such file or directory\n")
