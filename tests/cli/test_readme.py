"""What README.md shows of the sample images is what comes out."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.clidriver import Cli
from tests.support import ROOT

_PASSING = re.compile(r"(in \d+\.\d s|  created .*|  url .*|  id .*)")
"""Times, and what depends on where and when the repository was unpacked."""


def shown() -> dict[str, str]:
    """Command of the README -> the output below it."""
    found = {}
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found[command] = output
    return found


COMMANDS = [command for command in shown() if command.startswith("extractor sample_images/")]


def test_there_are_some() -> None:
    assert len(COMMANDS) == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_output(cli: Cli, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "125")
    monkeypatch.setenv("NO_COLOR", "1")
    ran = cli(*shlex.split(command)[1:], terminal="--format" not in command)
    assert _PASSING.sub("", ran.out + ran.err).strip() == _PASSING.sub("", shown()[command]).strip()
