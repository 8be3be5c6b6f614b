"""Whole records against Pillow decoding the same files: ``python tests/benchmarks/bench_records.py [FOLDER]``.

For each container, and for PNG in each way there is of decoding it (with and without the kernel and isal), the
median over all files of (CPU time of `extract`) / (CPU time of Pillow's decoding); what is compared is run in turns,
the best of `ROUNDS` for each file. FOLDER: the collection of real files beside the project.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

from PIL import Image

from extractor import extract
from extractor.pixels import png
from extractor.pixels.ways import INFLATE, ROWS

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
CONTAINERS = {"PNG": (".png",), "JPEG": (".jpg", ".jpeg"), "WebP": (".webp",), "AVIF": (".avif",)}
ROUNDS = 7
REQUIRED = {"kernel and isal": 0.45, "kernel and zlib": 0.75, "Pillow": 1.12}


def decode(path: Path) -> None:
    with Image.open(path) as image:
        image.load()


def ratios(paths: list[Path], **options: Any) -> list[float]:
    def whole_record(path: Path) -> None:
        extract(path, **options)

    return [seconds[1] / seconds[0] for seconds in (_best(path, decode, whole_record) for path in paths)]


def _best(path: Path, *works: Callable[[Path], None]) -> list[float]:
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            start = process_time()
            work(path)
            best[place] = min(best[place], process_time() - start)
    return best


def told(what: str, found: list[float]) -> None:
    print(f"{what:24} {median(found):.3f}  ({min(found):.3f} to {max(found):.3f}, {len(found)} files)", flush=True)


def main(folder: Path) -> None:
    for name, suffixes in CONTAINERS.items():
        paths = sorted(path for path in folder.iterdir() if path.suffix in suffixes)
        if not paths:
            continue
        if name == "PNG":
            ways = {"kernel and isal": (ROWS, INFLATE), "kernel and zlib": (ROWS, zlib), "Pillow": (None, zlib)}
            for way, (rows, inflate) in ways.items():
                with patch.object(png, "ROWS", rows), patch.object(png, "INFLATE", inflate):
                    told(f"PNG, {way} ({REQUIRED[way]})", ratios(paths))
        else:
            told(name, ratios(paths))
        told(f"{name}, mipmap", ratios(paths, hash="mipmap"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
