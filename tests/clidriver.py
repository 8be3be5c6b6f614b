"""Runs the command line in this process, and makes the files it is run on."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from extractor.cli.program import run

_TIME = 1_700_000_000


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


class Cli:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"", terminal: bool = False) -> Ran:
        """Run with these arguments; `terminal` makes stdout one (stderr never is)."""
        out, err = io.BytesIO(), io.BytesIO()
        kind = _Terminal if terminal else io.TextIOWrapper
        with self._monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            patched.setattr(sys, "stdout", kind(out, encoding="utf-8"))
            patched.setattr(sys, "stderr", io.TextIOWrapper(err, encoding="utf-8"))
            code = run(arguments)
            sys.stderr.flush()
            return Ran(code, out.getvalue().decode(), err.getvalue().decode())


def write(path: str, data: bytes) -> None:
    """A file whose modification time is known."""
    Path(path).write_bytes(data)
    os.utime(path, (_TIME, _TIME))
