from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, itext_chunk, png, text_chunk

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


def test_several_files_and_folders_one_after_another(cli: Cli, folder: Path) -> None:
    ran = cli("show", "pics", "gone.png", "pics/cat.png", "--no-hash")
    assert ran.code == 1
    assert ran.err == "Error: gone.png: No such file or directory\n"
    assert [line for line in ran.out.splitlines() if line.startswith("pics/")] == [
        "pics/cat.png",
        "pics/empty.png",
        "pics/cat.png",
    ]


def test_infotexts_of_a_folder(cli: Cli, folder: Path) -> None:
    write("pics/dog.png", png(text_chunk("parameters", INFOTEXT.replace("cat", "dog"))))
    ran = cli("show", "pics", "--no-hash", "--infotext")
    assert ran == (0, f"{INFOTEXT}\n\n{INFOTEXT.replace('cat', 'dog')}\n", "")
    ran = cli("show", "pics", "--no-hash", "--infotext-as", "args")
    line = '--prompt "a {}" --negative_prompt "dog" --steps 20 --cfg_scale 7 --seed 1 --sampler_name "Euler a" '
    assert [text.partition("--width")[0] for text in ran.out.splitlines()] == [line.format("cat"), line.format("dog")]


def test_raw_texts_in_the_json(cli: Cli, folder: Path) -> None:
    record = json.loads(cli("show", "pics/cat.png", "--no-hash", "--json", "--raw").out)
    assert record["extraction"]["raw"] == [{"source": "png:tEXt:parameters", "text": INFOTEXT}]
    assert "raw" not in json.loads(cli("show", "pics/cat.png", "--no-hash", "--json").out)["extraction"]


@pytest.mark.parametrize("name", ["png:tEXt:workflow", "tEXt:workflow", "workflow"])
def test_one_text_and_nothing_else(cli: Cli, folder: Path, name: str) -> None:
    write("a.png", png(text_chunk("workflow", '{"nodes": []}\n') + text_chunk("prompt", "{}")))
    assert cli("show", "a.png", "--raw-source", name) == (0, '{"nodes": []}\n', "")
    write("b.png", png(text_chunk("prompt", "{}")))
    assert cli("show", "b.png", "--raw-source", "prompt").out == "{}"


def test_a_text_that_is_not_there_or_not_the_only_one(cli: Cli, folder: Path) -> None:
    write("a.png", png(text_chunk("prompt", "{}"), itext_chunk("prompt", b"{}")))
    ran = cli("show", "a.png", "--raw-source", "prompt")
    assert ran == (1, "", "Error: a.png: several texts prompt; there are png:tEXt:prompt, png:iTXt:prompt\n")
    ran = cli("show", "pics/cat.png", "--raw-source", "prompt")
    assert ran == (1, "", "Error: pics/cat.png: no text prompt; there are png:tEXt:parameters\n")
    ran = cli("show", "pics/empty.png", "--raw-source", "prompt")
    assert ran == (1, "", "Error: pics/empty.png: no text prompt; it holds no text\n")
    assert cli("show", "pics", "--raw-source", "parameters").out == INFOTEXT


@pytest.mark.parametrize("options", [["--json", "--infotext"], ["--raw", "--raw-source", "x"], ["--infotext", "--raw"]])
def test_forms_that_exclude_each_other(cli: Cli, folder: Path, options: list[str]) -> None:
    ran = cli("show", "pics/cat.png", *options)
    assert (ran.code, ran.out) == (2, "")


def test_long_values_go_on_under_themselves(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = f'{"a red cat, " * 8}\nSteps: 20, Seed: 1, Sampler: Euler a, Wildcard prompt: "{"a, b c " * 8}"'
    write("a.png", png(text_chunk("parameters", text)))
    lines = cli("show", "a.png", "--no-hash").out.splitlines()
    assert all(len(line) <= 40 for line in lines if "file:///" not in line)
    start = lines.index("Prompt")
    assert lines[start : start + 5] == [
        "Prompt",
        "  a red cat, a red cat, a red cat, a red",
        "  cat, a red cat, a red cat, a red cat,",
        "  a red cat,",
        "",
    ]
    start = next(number for number, line in enumerate(lines) if "Wildcard" in line)
    assert lines[start : start + 4] == [
        "  Wildcard prompt  a, b c a, b c a, b c",
        "                   a, b c a, b c a, b c",
        "                   a, b c a, b c",
        "",
    ]


def test_objects_are_laid_out(cli: Cli, folder: Path) -> None:
    data = {
        "prompt": "a cat",
        "seed": 1,
        "steps": 20,
        "cfg_scale": 7,
        "sampler": "euler",
        "more": {"deep": {"deeper": [1, 2]}, "list": [{"a": 1, "b": "two"}, {"a": 2}], "empty": {}, "none": []},
    }
    write("a.png", png(text_chunk("parameters", json.dumps(data))))
    lines = cli("show", "a.png", "--no-hash").out.splitlines()
    start = lines.index("  more")
    assert lines[start : start + 6] == [
        "  more",
        "    deep   deeper  1, 2",
        "    list",
        "      1  a 1, b two",
        "      2  a 2",
        "    empty  {}",
    ]


def test_json_is_colored_on_a_terminal(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ran = cli("show", "pics/cat.png", "--no-hash", "--json", terminal=True)
    assert '\x1b[1m"prompt"\x1b[0m: \x1b[32m"a cat"\x1b[0m,\n' in ran.out
    assert '\x1b[1m"seed"\x1b[0m: \x1b[35m1\x1b[0m,\n' in ran.out
    assert json.loads(re.sub(r"\x1b\[\d+m", "", ran.out))["meta"]["prompt"] == "a cat"


def test_a_text_that_nobody_could_read_can_be_seen(cli: Cli, folder: Path) -> None:
    text = "Steps 20 / " + json.dumps({"steps": 20, "seed": 5, "cfg_scale": 7, "sampler_name": "x", "unknown": [1]})
    write("a b.png", png(text_chunk("parameters", json.dumps({"nodes": 1}) + "\n" + text)))
    record = json.loads(cli("show", "a b.png", "--no-hash", "--json").out)
    codes = [warning["code"] for warning in record["extraction"].get("warnings", [])]
    out = cli("show", "a b.png", "--no-hash").out
    advice = "    to see it: extractor show 'a b.png' --raw-source png:tEXt:parameters\n"
    assert (codes == ["unrecognised-text"], advice in out) == (True, True), (codes, out)


@pytest.mark.parametrize("command", ["show", "parse", "diff"])
def test_standard_input_that_is_closed_is_empty(folder: Path, command: str) -> None:
    arguments = {"show": "show -", "parse": "parse", "diff": "diff - pics/cat.png"}[command]
    shell = f"exec '{sys.executable}' -m extractor {arguments} <&-"
    ran = subprocess.run(["sh", "-c", shell], capture_output=True, check=False, text=True)
    assert ("Traceback" in ran.stderr, ran.returncode) == (False, {"show": 1, "parse": 0, "diff": 2}[command])
