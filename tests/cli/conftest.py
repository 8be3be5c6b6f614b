from __future__ import annotations

from pathlib import Path

import pytest

from tests.clidriver import Cli, write
from tests.support import INFOTEXT, png, text_chunk


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with an image that has metadata, one that has none, and a file that is no image."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "pics").mkdir()
    write("pics/cat.png", png(text_chunk("parameters", INFOTEXT)))
    write("pics/empty.png", png())
    write("pics/notes.txt", b"buy milk\n")
    return tmp_path
