"""The package's public names, whatever was imported before them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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


def test_all_names_are_listed_before_they_are_used() -> None:
    code = "import extractor; print({*extractor.__all__} <= {*dir(extractor)})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: extractor.sidecar_path(Path("a.png")), "image must be str, not .*Path: pass os.fspath"),  # type: ignore[arg-type]
        (lambda: extractor.sidecar_path(b"a.png"), "image must be str, not bytes"),  # type: ignore[arg-type]
        (lambda: extractor.differences("a.png", "b.png"), "must be ImageRecord, not str: extract"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_is_told_what_to_pass(call: Callable[[], object], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        call()


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        extractor.nonsense  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, extractor; print({'pydantic', 'numpy', 'PIL', 'rich'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
