from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clidriver import Cli
from tests.support import INFOTEXT, png, text_chunk

pytest.importorskip("watchfiles")

COMMAND = [sys.executable, "-m", "extractor", "watch"]
PICTURE = png(text_chunk("parameters", INFOTEXT))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def seed_of(sidecar: Path) -> object:
    return json.loads(sidecar.read_text())["meta"]["seed"] if sidecar.exists() else None


@pytest.mark.usefixtures("interruptible")
def test_sidecars_come_and_go_with_their_pictures(tmp_path: Path) -> None:
    root = tmp_path / "pictures"
    root.mkdir()
    (root / "a.png").write_bytes(PICTURE)
    with subprocess.Popen(
        [*COMMAND, str(root), "--no-hash", "--prune"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for(lambda: seed_of(root / "a.png.json") == 1)
        with open(root / "b.png", "wb") as growing:  # cut off at first
            growing.write(PICTURE[:150])
            growing.flush()
            time.sleep(0.6)
            growing.write(PICTURE[150:])
        wait_for(lambda: seed_of(root / "b.png.json") == 1)
        (root / "sub").mkdir()
        (root / "sub/c.png").write_bytes(PICTURE)
        wait_for(lambda: seed_of(root / "sub/c.png.json") == 1)
        (root / "a.png").unlink()
        wait_for(lambda: not (root / "a.png.json").exists())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    lines = [line.replace(f"{root}/", "") for line in out.splitlines()]
    assert lines == ["written: a.png.json", "written: b.png.json", "written: sub/c.png.json", "pruned: a.png.json"]
    assert err.splitlines()[0] == f"1 written, 0 unchanged, 0 failed; watching {root}"


@pytest.mark.usefixtures("interruptible")
def test_a_catalog(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/a.png").write_bytes(PICTURE)
    catalog = tmp_path / "pictures/catalog.db"

    def paths() -> list[str]:
        with sqlite3.connect(f"file:{catalog}?mode=ro", uri=True) as connection:
            return [path for (path,) in connection.execute("SELECT path FROM images ORDER BY path")]

    with subprocess.Popen(
        [*COMMAND, "pictures", "--no-hash", "-o", str(catalog)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "1 read, 0 unchanged, 0 failed; watching pictures\n"
        (tmp_path / "pictures/b.png").write_bytes(PICTURE)
        assert process.stderr.readline() == "1 read, 1 unchanged, 0 failed; watching pictures\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "read: pictures/a.png\nread: pictures/b.png\n")
    assert [os.path.basename(path) for path in paths()] == ["a.png", "b.png"]


@pytest.mark.parametrize("arguments", [[], ["pics", "-o", "rows.csv"], ["pics", "-o", "c.db", "--out-dir", "records"]])
def test_wrong_usage(cli: Cli, folder: Path, arguments: list[str]) -> None:
    assert cli("watch", *arguments).code == 2
