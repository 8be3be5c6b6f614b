"""Folders of images, and what stands in the folder of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clidriver import Cli
from tests.support import INFOTEXT, png, text_chunk

COMMAND = [sys.executable, "-m", "extractor", "batch"]


def images(folder: Path, count: int) -> Path:
    """A folder of so many images, each with its number as seed."""
    folder.mkdir()
    for number in range(count):
        text = INFOTEXT.replace("Seed: 1", f"Seed: {number}")
        (folder / f"{number:05}.png").write_bytes(png(text_chunk("parameters", text)))
    return folder


def batch(*arguments: str | Path, cwd: Path | None = None, input: str = "") -> subprocess.CompletedProcess[str]:
    """The command in this process; :data:`COMMAND` is what is run where a process is what is tested."""
    given = list(map(str, arguments))
    with pytest.MonkeyPatch.context() as patched:
        if cwd is not None:
            patched.chdir(cwd)
        ran = Cli(patched)("batch", *given, stdin=input.encode())
    return subprocess.CompletedProcess(given, ran.code, ran.out, ran.err)


def batch_process(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command as it is really run."""
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, **options)


def table(run: Path, folder: str = "rows") -> Any:
    """All parts of a run, in their order."""
    import pyarrow
    from pyarrow import parquet

    return pyarrow.concat_tables([parquet.read_table(path) for path in parts(run, folder)])


def parts(run: Path, folder: str = "rows") -> list[Path]:
    """The files of a run's parts."""
    return sorted(path for path in (run / folder).iterdir() if path.suffix == ".parquet")


def urls(run: Path, folder: str = "rows") -> list[str]:
    """The urls of all rows, in their order."""
    listed: list[str] = table(run, folder).column("url").to_pylist()
    return listed


def states(run: Path) -> dict[str, tuple[int, int]]:
    """What tells whether a part was written again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in parts(run)}


def everything(run: Path) -> list[str]:
    """All files of a run, hidden ones too."""
    return sorted(os.path.relpath(os.path.join(at, name), run) for at, _, names in os.walk(run) for name in names)
