"""The package's public names, whatever was imported before them."""

from __future__ import annotations

import subprocess
import sys

import pytest

import extractor


@pytest.mark.parametrize("name", extractor.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(extractor, name) is not None


@pytest.mark.parametrize(
    "statements",
    [
        "from extractor import extract, scan",
        "import extractor.extraction.extract, extractor.scanning.scan; from extractor import extract, scan",
        "from extractor import scan; from extractor import extract",
        "import extractor.cli.scan, extractor.cli.show; from extractor import extract, scan",
    ],
)
def test_functions_are_not_hidden_by_modules(statements: str) -> None:
    code = f"{statements}; print(callable(extract), callable(scan))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        extractor.nonsense  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, extractor; print({'pydantic', 'numpy', 'PIL', 'rich'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
