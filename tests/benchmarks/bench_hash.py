"""Cost of the hash stage (decode, canvas, BlurHash, stealth) against Pillow decoding the same files.

Run by hand: ``python tests/benchmarks/bench_hash.py [FOLDER]``. Sums over all files, best of five for each file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS
from extractor.pixels.read import StealthMode, read_pixels

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
CONTAINERS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".avif": "avif", ".gif": "gif"}
ROUNDS = 5


class Sample(NamedTuple):
    name: str
    container: str
    data: bytes
    size: tuple[int, int]


def load(folder: Path) -> list[Sample]:
    samples = []
    for path in sorted(folder.iterdir()):
        if path.suffix in CONTAINERS:
            with Image.open(path) as image:
                samples.append(Sample(path.name, CONTAINERS[path.suffix], path.read_bytes(), image.size))
    return samples


def decode(sample: Sample) -> None:
    with Image.open(BytesIO(sample.data)) as image:
        image.load()


def whole_stage(sample: Sample) -> None:
    read_pixels(
        BytesIO(sample.data),
        sample.container,
        width=sample.size[0],
        height=sample.size[1],
        orientation=1,
        stealth=StealthMode.ALPHA,
        log=Ledger(),
        limits=DEFAULT_LIMITS,
    )


def best_of(work: Callable[[Sample], None], sample: Sample, best: float) -> float:
    start = perf_counter()
    work(sample)
    return min(best, perf_counter() - start)


def against_pillow(samples: list[Sample]) -> None:
    decoding = dict.fromkeys(samples, float("inf"))
    hashing = dict.fromkeys(samples, float("inf"))
    for _ in range(ROUNDS):
        for sample in samples:
            decoding[sample] = best_of(decode, sample, decoding[sample])
            hashing[sample] = best_of(whole_stage, sample, hashing[sample])
    for sample in samples:
        width, height = sample.size
        base, ours = decoding[sample] * 1000, hashing[sample] * 1000
        print(f"{sample.name:40} {width:5} x {height:<5} {base:8.2f} ms {ours:8.2f} ms {ours / base:6.3f}")
    base, ours = sum(decoding.values()), sum(hashing.values())
    print(
        f"sum of {len(samples)} files: Pillow {base * 1000:.1f} ms, ours {ours * 1000:.1f} ms, ratio {ours / base:.3f}"
    )


def scaling(samples: list[Sample]) -> None:
    def run(workers: int) -> float:
        with ThreadPoolExecutor(workers) as pool:
            start = perf_counter()
            list(pool.map(whole_stage, samples * 2))
            return perf_counter() - start

    times = {workers: min(run(workers) for _ in range(ROUNDS)) for workers in (1, 2)}
    print(f"two threads: {times[1] / times[2]:.2f} x one")


if __name__ == "__main__":
    chosen = load(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
    against_pillow(chosen)
    scaling(chosen)
