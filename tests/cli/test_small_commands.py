from __future__ import annotations

import json
import os
import re
from importlib.metadata import version
from pathlib import Path

import pytest

import extractor
from tests.clidriver import Cli
from tests.support import INFOTEXT, ROOT

META = """{
  "prompt": "a cat",
  "negativePrompt": "dog",
  "seed": 1,
  "steps": 20,
  "cfgScale": 7,
  "sampler": "Euler a",
  "Size": "512x512"
}
"""

COMMANDS = (
    *("scan", "search", "stats", "show", "parse", "diff", "same", "sidecar"),
    *("embed", "copy", "strip", "check", "watch", "batch", "gallery", "report", "models", "schema"),
)


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [([INFOTEXT], b""), (["-"], INFOTEXT.encode()), ([], INFOTEXT.encode()), ([], b"\xef\xbb\xbf" + INFOTEXT.encode())],
)
def test_pasted_parameters_become_json(cli: Cli, arguments: list[str], stdin: bytes) -> None:
    assert cli("parse", *arguments, stdin=stdin) == (0, META, "")


def test_a_text_without_settings_is_a_prompt(cli: Cli) -> None:
    assert cli("parse", "a caf\u00e9").out == '{\n  "prompt": "a café"\n}\n'


def test_a_name_of_no_file_is_a_prompt_and_said_to_be(cli: Cli) -> None:
    ran = cli("parse", "gone.TXT")
    assert (ran.code, json.loads(ran.out)) == (0, {"prompt": "gone.TXT"})
    assert ran.err == "no file has that name, it is taken for a prompt: gone.TXT\n"


def test_an_image_is_not_taken_for_parameters(cli: Cli, folder: Path) -> None:
    for ran in (cli("parse", "pics/cat.png"), cli("parse", stdin=Path("pics/cat.png").read_bytes())):
        assert (ran.code, ran.out) == (2, "")
        assert "that is an image" in ran.err


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"Steps: \xed\xa0\x80, Seed: 1, Sampler: x", b""])
def test_any_bytes_can_be_pasted(cli: Cli, text: bytes) -> None:
    ran = cli("parse", stdin=text)
    assert (ran.code, ran.err) == (0, "")
    assert isinstance(json.loads(ran.out), dict)


GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "cfg": 7, "positive": ["6", 0]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
}
EDITOR = {
    "nodes": [{"id": 3, "type": "KSampler", "widgets_values": [1, "fixed", 20, 7, "euler", "karras", 1]}],
    "links": [],
}
GRAPHS = [
    (GRAPH, {"prompt": "a cat", "seed": 1, "steps": 20, "cfgScale": 7}),
    ({"prompt": GRAPH, "workflow": EDITOR}, {"prompt": "a cat", "seed": 1, "steps": 20, "cfgScale": 7}),
]


@pytest.mark.parametrize(("graph", "meta"), GRAPHS)
def test_graphs_are_parsed_from_files_and_from_text(cli: Cli, tmp_path: Path, graph: object, meta: object) -> None:
    file = tmp_path / "w.json"
    file.write_text(json.dumps(graph, indent=1), encoding="utf-8")
    for ran in (cli("parse", str(file)), cli("parse", json.dumps(graph)), cli("parse", stdin=file.read_bytes())):
        assert (ran.code, json.loads(ran.out), ran.err) == (0, meta, "")


def test_a_file_of_parameters_is_parsed(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("\ufeff" + INFOTEXT, encoding="utf-8")
    assert cli("parse", str(tmp_path / "a b.txt")) == (0, META, "")


def test_a_prompt_that_is_json_stays_a_prompt(cli: Cli) -> None:
    ran = cli("parse", '{"a": "b"}\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1')
    assert json.loads(ran.out)["prompt"] == '{"a": "b"}'
    assert json.loads(cli("parse", '{"nodes": [], "links": []}').out) == {"prompt": '{"nodes": [], "links": []}'}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_cannot_be_read_is_an_error(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "w.json").touch(mode=0)
    assert cli("parse", str(tmp_path / "w.json")).code == 1


def test_a_prompt_that_begins_with_dashes(cli: Cli) -> None:
    assert json.loads(cli("parse", "--", "--no-hash").out) == {"prompt": "--no-hash"}


def test_the_schema_is_printed_verbatim(cli: Cli) -> None:
    schema = (ROOT / "extractor/schema/civitai-image-schema.json").read_text()
    assert cli("schema") == (0, schema, "")


def test_the_version(cli: Cli) -> None:
    first, second = cli("--version").out.splitlines()
    assert first == f"extractor {extractor.__version__}"
    assert second.startswith("PNG pixels: ")
    assert extractor.__version__ == version("ai-image-metadata")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_has_an_example(cli: Cli, command: str) -> None:
    ran = cli(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert re.search(rf"\n  Examples?:\n    extractor {command}", ran.out)
    assert ran.out == cli(command, "-h").out


def test_the_help_lists_the_commands(cli: Cli, folder: Path) -> None:
    out = cli("--help").out
    assert [line.split()[0] for line in out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()] == [
        *COMMANDS
    ]


@pytest.mark.parametrize("group", [[], ["models"]])
def test_no_command_is_told_half(cli: Cli, monkeypatch: pytest.MonkeyPatch, group: list[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    commands = cli(*group, "--help").out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert all(line.endswith(".") and not line.endswith("...") for line in commands.splitlines())


@pytest.mark.parametrize(
    ("word", "command"), [("shwo", "show"), ("scna", "scan"), ("sidecars", "sidecar"), ("pars", "parse")]
)
def test_a_command_that_is_nearly_one(cli: Cli, folder: Path, word: str, command: str) -> None:
    ran = cli(word, "a.png")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(f"Error: there is no command and no file {word}; did you mean: extractor {command}\n")
    Path(word).mkdir()
    assert cli(word, "-q").code == 0


@pytest.mark.parametrize("word", ["gone", "cats", "show.png", "./shwo"])
def test_what_is_no_command_is_a_path(cli: Cli, folder: Path, word: str) -> None:
    ran = cli(word, "-q")
    assert (ran.code, json.loads(ran.out)["path"]) == (1, word)
