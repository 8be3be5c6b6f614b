from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, png, text_chunk


@pytest.fixture
def pair(folder: Path) -> Path:
    text = (
        "a red cat, on a mat, masterpiece, best quality <lora:x:0.5>\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 8x8"
    )
    write("a.png", png(text_chunk("parameters", text)))
    write(
        "b.png",
        png(text_chunk("parameters", text.replace("red", "blue").replace("0.5", "1").replace("Seed: 1", "Seed: 2"))),
    )
    return folder


def test_what_differs(cli: Cli, pair: Path) -> None:
    assert cli("diff", "a.png", "b.png") == (
        1,
        "--- a.png\n+++ b.png\n"
        "prompt: a [-red-]{+blue+} cat, on a mat, masterpiece, best quality <lora:x:[-0.5-]{+1+}>\n"
        "seed: 1 -> 2\n"
        "lora x: weight 0.5 -> weight 1\n",
        "",
    )


def test_no_difference(cli: Cli, pair: Path) -> None:
    Path("c.png").write_bytes(Path("a.png").read_bytes() + b"trailing")
    assert cli("diff", "a.png", "c.png") == (0, "", "")
    assert cli("diff", "a.png", "a.png", "--json") == (0, "{}\n", "")


def test_as_json(cli: Cli, pair: Path) -> None:
    ran = cli("diff", "a.png", "pics/cat.png", "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["negativePrompt"], found["Size"]) == (1, [None, "dog"], ["8x8", "512x512"])


def test_colors(cli: Cli, pair: Path) -> None:
    out = cli("diff", "a.png", "b.png", "--color", "always").out
    assert "a \x1b[31m[-red-]\x1b[0m\x1b[32m{+blue+}\x1b[0m cat" in out
    assert "\x1b[1mseed\x1b[0m: \x1b[31m1\x1b[0m -> \x1b[32m2\x1b[0m\n" in out


def test_from_standard_input(cli: Cli, pair: Path) -> None:
    assert cli("diff", "-", "a.png", stdin=Path("a.png").read_bytes()) == (0, "", "")


def test_trouble_is_exit_code_2(cli: Cli, pair: Path) -> None:
    assert cli("diff", "a.png", "gone.png") == (2, "", "Error: gone.png: No such file or directory\n")
    assert cli("diff", "a.png").code == 2


def test_nothing_in_a_file_steers_the_terminal(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    write("\x1b[1m.png", png(text_chunk("parameters", INFOTEXT.replace("a cat", "\x1b[2J, " * 9))))
    write("b.png", png(text_chunk("parameters", INFOTEXT.replace("a cat", "\x1b[3J, " * 9))))
    ran = cli("diff", "\x1b[1m.png", "b.png", terminal=True)
    assert (ran.code, {char for char in ran.out if not char.isprintable()}) == (1, {"\n"})
