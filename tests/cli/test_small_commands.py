from __future__ import annotations

import json
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


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [([INFOTEXT], b""), (["-"], INFOTEXT.encode()), ([], INFOTEXT.encode()), ([], b"\xef\xbb\xbf" + INFOTEXT.encode())],
)
def test_pasted_parameters_become_json(cli: Cli, arguments: list[str], stdin: bytes) -> None:
    assert cli("parse", *arguments, stdin=stdin) == (0, META, "")


def test_a_text_without_settings_is_a_prompt(cli: Cli) -> None:
    assert cli("parse", "a caf\u00e9").out == '{\n  "prompt": "a café"\n}\n'


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"Steps: \xed\xa0\x80, Seed: 1, Sampler: x", b""])
def test_any_bytes_can_be_pasted(cli: Cli, text: bytes) -> None:
    ran = cli("parse", stdin=text)
    assert (ran.code, ran.err) == (0, "")
    assert isinstance(json.loads(ran.out), dict)


def test_a_prompt_that_begins_with_dashes(cli: Cli) -> None:
    assert json.loads(cli("parse", "--", "--no-hash").out) == {"prompt": "--no-hash"}


def test_the_schema_is_printed_verbatim(cli: Cli) -> None:
    schema = (ROOT / "extractor/schema/civitai-image-schema.json").read_text()
    assert cli("schema") == (0, schema, "")


def test_the_version(cli: Cli) -> None:
    assert cli("--version") == (0, "extractor 0.1.0\n", "")
    assert extractor.__version__ == version("extractor")


@pytest.mark.parametrize("command", ["scan", "show", "parse", "sidecar", "schema", "embed", "copy", "strip", "check"])
def test_each_help_has_an_example(cli: Cli, command: str) -> None:
    ran = cli(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"\n  Example:\n    extractor {command}" in ran.out
    assert ran.out == cli(command, "-h").out


def test_the_help_lists_the_commands(cli: Cli, folder: Path) -> None:
    out = cli("--help").out
    assert [line.split()[0] for line in out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()] == [
        "scan",
        "show",
        "parse",
        "sidecar",
        "schema",
        "embed",
        "copy",
        "strip",
        "check",
    ]
    assert "..." not in out.partition("Commands:\n")[2]
