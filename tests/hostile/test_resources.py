"""What a file may cost: memory above the interpreter and processor time, measured in another process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.pixels.ways import ROWS
from tests.hostile import bombs, probe
from tests.support import ROOT, chunk, ihdr, png

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")

SECONDS = 5.0
"""A second is promised; machines that run tests are slow and shared."""
MEGABYTES = 256
PICTURE_SECONDS = 2.0
"""More for each 10 megapixels."""
PICTURE_MEGABYTES = 128
PIXEL_BYTES = 5
BATCH = 10
"""Files of one process: starting it costs more than reading them."""


def measure(folder: Path, mode: str, paths: list[Path]) -> list[dict[str, Any]]:
    warm = folder / "warm.png"
    warm.write_bytes(png())
    done = subprocess.run(
        [sys.executable, "-W", "error", str(Path(probe.__file__)), mode, str(warm), *map(str, paths)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_files_of_a_gibibyte_without_the_hash(tmp_path: Path) -> None:
    results = measure(tmp_path, "plain", bombs.write_sparse(tmp_path))
    assert len(results) == len(bombs.SPARSE)
    for name, result in zip(bombs.SPARSE, results, strict=True):
        assert result["seconds"] < SECONDS, (name, result)
        assert result["megabytes"] < MEGABYTES, (name, result)


def written(folder: Path, makers: list[Callable[[], bytes]]) -> list[Path]:
    paths = [folder / str(number) for number in range(len(makers))]
    for path, make in zip(paths, makers, strict=True):
        path.write_bytes(make())
    return paths


@pytest.mark.parametrize("start", range(0, len(bombs.BOMBS), BATCH))
def test_bombs_without_the_hash(start: int, tmp_path: Path) -> None:
    names = list(bombs.BOMBS)[start : start + BATCH]
    paths = written(tmp_path, [bombs.BOMBS[name] for name in names])
    for name, result in zip(names, measure(tmp_path, "plain", paths), strict=True):
        assert result["seconds"] < SECONDS, (name, result)
        assert result["megabytes"] < MEGABYTES, (name, result)


SMALL_PICTURES = [name for name, (pixels, _) in bombs.PICTURES.items() if pixels <= 1_000_000]
"""The others do not share a process: what one leaves behind would count as the next one's."""


@pytest.mark.parametrize(
    "names",
    [SMALL_PICTURES, *([name] for name in bombs.PICTURES if name not in SMALL_PICTURES)],
    ids=lambda names: names[0],
)
def test_pictures_with_the_hash(names: list[str], tmp_path: Path) -> None:
    paths = written(tmp_path, [bombs.PICTURES[name][1] for name in names])
    for name, path, result in zip(names, paths, measure(tmp_path, "hash", paths), strict=True):
        pixels = bombs.PICTURES[name][0]
        held = path.stat().st_size
        assert result["seconds"] < SECONDS + PICTURE_SECONDS * (1 + pixels // 10_000_000), (name, result)
        assert result["megabytes"] < PICTURE_MEGABYTES + (PIXEL_BYTES * pixels + held) / (1 << 20), (name, result)


@pytest.mark.skipif(ROWS is None, reason="the extension in C is not built")
@pytest.mark.parametrize("channels", [3, 4])
def test_memory_of_a_usual_png(channels: int, tmp_path: Path) -> None:
    width, height = 4000, 3000
    line = random.Random(1).randbytes(width * channels)
    encoder = zlib.compressobj(1)
    parts = [encoder.compress(bytes((4,)) + (line if y % 8 == 0 else bytes(len(line)))) for y in range(height)]
    data = b"".join((*parts, encoder.flush()))
    path = tmp_path / "large.png"
    header = ihdr(width, height, 8, 2 if channels == 3 else 6)
    path.write_bytes(png(header=header, pixels=chunk(b"IDAT", data)))
    (result,) = measure(tmp_path, "hash", [path])
    assert result["codes"] == []
    assert result["megabytes"] < 0.5 * width * height / (1 << 20)
