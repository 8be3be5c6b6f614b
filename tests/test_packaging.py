"""What the package says about itself, and what it tells people to install."""

from __future__ import annotations

import re
import tomllib

import pytest

from extractor.errors import extra_command
from tests.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
SOURCES = [*sorted((ROOT / "extractor").rglob("*.py")), ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
INSTALLED = re.compile(r"pip install[^\n]{0,40}?([\w-]*)\[([\w,]+)\]")


def test_the_command_for_an_extra_names_the_distribution() -> None:
    assert extra_command("heif") == f"pip install '{PROJECT['name']}[heif]'"


def test_every_extra_that_the_code_names_exists() -> None:
    named = {
        name
        for source in SOURCES
        if source.suffix == ".py"
        for name in re.findall(r"extra_command\([\"'](\w+)[\"']\)", source.read_text())
    }
    assert named <= EXTRAS.keys()
    assert "parquet" in named


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_extras_are_asked_of_the_right_distribution(source: object) -> None:
    """Another program on the index is called `extractor`."""
    text = source.read_text()  # type: ignore[attr-defined]
    for name, extras in INSTALLED.findall(text):
        assert name in ("", PROJECT["name"]), name  # without a name: '.[dev]', this folder
        assert set(extras.split(",")) <= EXTRAS.keys() or "{" in extras


def test_the_command_and_the_import_name_stay() -> None:
    assert PROJECT["scripts"] == {"extractor": "extractor.cli:main"}


def test_no_licence_is_claimed() -> None:
    assert "license" not in PROJECT
    assert not any(classifier.startswith("License") for classifier in PROJECT["classifiers"])
