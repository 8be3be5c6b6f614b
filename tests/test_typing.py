from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import typed_caller

CALLER = Path(typed_caller.__file__)
ROOT = CALLER.parent.parent
WRONG = """
from extractor import ImageRecord, Meta
Meta(negative_prompt=5)
Meta(prompt="x", nonsense=1)
ImageRecord(created_at=1)
"""


def checked(*command: str) -> tuple[int, str]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_mypy_accepts_a_caller_in_its_strict_mode(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed")
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary")
    code, errors = checked(*mypy, str(CALLER), str(wrong))
    assert code == 1
    places = [Path(line.split(": error:")[0]).name for line in errors.splitlines() if ": error:" in line]
    assert places == ["wrong.py:3", "wrong.py:4", "wrong.py:5"], errors


def test_pyright_accepts_a_caller() -> None:
    pyright = shutil.which("pyright", path=str(Path(sys.executable).parent)) or shutil.which("pyright")
    if pyright is None:
        pytest.skip("pyright is not installed")
    code, found = checked(pyright, "--pythonpath", sys.executable, str(CALLER))
    assert "0 errors" in found, found
    assert code == 0


def test_the_caller_runs() -> None:
    record = typed_caller.build()
    assert typed_caller.read(record) == ("a catFine Hair", 2**64, 7.0, None)
    assert typed_caller.copy(record).to_civitai() == {**record.to_civitai(), "postId": 5}
