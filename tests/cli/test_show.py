from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, png, text_chunk

PARAMETERS = (
    "a <lora:fine:0.8> cat,\n\n  on a mat\nNegative prompt: dog\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model hash: 0123456789, Model: real, "
    "Denoising strength: 0.4, Version: v1.10.1"
)


def test_everything_about_one_image(cli: Cli, folder: Path) -> None:
    write("a.png", png(text_chunk("parameters", PARAMETERS)))
    ran = cli("show", "a.png", "--no-hash")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[6].startswith("  url        file:///")
    assert lines[7].startswith("  id         ")
    del lines[6:8]
    assert lines == [
        "a.png",
        "  size       1 x 1",
        "  generator  a1111 v1.10.1",
        "  type       image/png",
        "  bytes      293",
        "  created    2023-11-14T22:13:20.000Z",
        "",
        "Prompt",
        "  a <lora:fine:0.8> cat,",
        "",
        "    on a mat",
        "",
        "Negative prompt",
        "  dog",
        "",
        "Parameters",
        "  seed                1",
        "  steps               20",
        "  cfgScale            7",
        "  sampler             Euler a",
        "  Model               real",
        "  Model hash          0123456789",
        "  Size                512x512",
        "  hashes              model 0123456789",
        "  Denoising strength  0.4",
        "  Version             v1.10.1",
        "",
        "Resources",
        "  type   name  weight  hash",
        "  lora   fine  0.8",
        "  model  real          0123456789",
        "",
        "Sources",
        "  png:tEXt:parameters",
        "",
    ]


def test_an_image_without_metadata_says_so(cli: Cli, folder: Path) -> None:
    ran = cli("show", "pics/empty.png", "--no-hash")
    assert ran.code == 0
    assert ran.out.splitlines()[-3:] == [
        "No generation data",
        "  No text of the file says how the picture was made.",
        "",
    ]


def test_warnings_are_shown(cli: Cli, folder: Path) -> None:
    write("cut.png", png(text_chunk("parameters", INFOTEXT))[:-20])
    ran = cli("show", "cut.png", "--no-hash")
    assert ran.code == 0
    assert "\nWarnings\n  " in ran.out


def test_the_record_as_json(cli: Cli, folder: Path) -> None:
    ran = cli("show", "pics/cat.png", "--no-hash", "--json")
    assert (ran.code, ran.out.count("\n") > 20) == (0, True)
    assert json.loads(ran.out)["meta"] == {
        "prompt": "a cat",
        "negativePrompt": "dog",
        "seed": 1,
        "steps": 20,
        "cfgScale": 7,
        "sampler": "Euler a",
        "Size": "512x512",
    }


def test_the_raw_texts(cli: Cli, folder: Path) -> None:
    write("a.png", png(text_chunk("parameters", INFOTEXT), text_chunk("Comment", "\x1b[31mred\r\n")))
    ran = cli("show", "a.png", "--raw", "--no-hash")
    assert ran.out == f"== png:tEXt:parameters ==\n{INFOTEXT}\n\n== png:tEXt:Comment ==\n\x1b[31mred\r\n\n"
    assert cli("show", "a.png", "--raw", "--no-hash", terminal=True).out == (
        f"== png:tEXt:parameters ==\n{INFOTEXT}\n\n== png:tEXt:Comment ==\n\\u001b[31mred\n\n"
    )


def test_the_infotext(cli: Cli, folder: Path) -> None:
    assert cli("show", "pics/cat.png", "--no-hash", "--infotext").out == f"{INFOTEXT}\n"
    ran = cli("show", "pics/empty.png", "--no-hash", "--infotext")
    assert ran == (1, "", "Error: pics/empty.png: there is no generation data in the file\n")


def test_standard_input(cli: Cli, folder: Path) -> None:
    ran = cli("show", "-", "--json", "--no-hash", stdin=Path("pics/cat.png").read_bytes())
    record = json.loads(ran.out)
    assert record["url"] == "urn:sha256:7ed144354e52b0f8d1850f4524426658a860124cf6e78c82c169d6e23cca7be7"
    assert record["meta"]["prompt"] == "a cat"


@pytest.mark.parametrize("form", [[], ["--json"], ["--infotext"], ["--raw"]])
def test_nothing_in_a_file_steers_the_terminal(
    cli: Cli, folder: Path, form: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    hostile = "\x1b[2J\x9b31m\u202e[red]\x07".encode()
    text = b"\n".join((hostile, b"Negative prompt: " + hostile, b"Steps: 20, Seed: 1, Sampler: " + hostile))
    write("\x1b[1m.png", png(text_chunk("parameters", text)))
    ran = cli("show", "\x1b[1m.png", "--no-hash", *form, terminal=True)
    shown = ran.out
    assert ran.code == 0
    assert "[red]" in shown
    assert {char for char in shown if not char.isprintable()} == {"\n"}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("gone.png", "Error: gone.png: No such file or directory\n"),
        ("pics/notes.txt", "Error: pics/notes.txt: not an image or video of a known kind\n"),
        ("\x1b.png", "Error: \\u001b.png: No such file or directory\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_code_1(cli: Cli, folder: Path, file: str, message: str) -> None:
    assert cli("show", file) == (1, "", message)


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        ((), "bilinear"),
        (("--hash", "bilinear"), "bilinear"),
        (("--hash", "mipmap"), "mipmap"),
        (("--no-hash",), False),
        (("--no-hash", "--hash", "mipmap"), False),
        (("--hash", "mipmap", "--no-hash"), False),
    ],
)
def test_the_hash_that_was_chosen(cli: Cli, folder: Path, arguments: tuple[str, ...], chosen: object) -> None:
    write("a.png", png())
    ran = cli("show", "a.png", "--json", *arguments)
    record = json.loads(ran.out)
    assert record["extraction"]["stamp"]["options"]["hash"] == chosen
    assert ("hash" in record) is bool(chosen)


def test_a_hash_that_there_is_not(cli: Cli, folder: Path) -> None:
    write("a.png", png())
    ran = cli("show", "a.png", "--hash", "lanczos")
    assert ran.code == 2
    assert "'lanczos' is not one of 'bilinear', 'mipmap'" in ran.err
