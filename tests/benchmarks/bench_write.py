"""What writing costs, by hand: ``python tests/benchmarks/bench_write.py [FOLDER]``.

Prints the time of embedding into a PNG of 1.3 megapixels beside that of reading and writing its bytes in the same way,
and files per second when 1,000 copies of the files of FOLDER (default: the pictures of the project) are stripped, with
exiftool's for the same files where it is installed. What is compared is run in turns, the best of each counts.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from extractor import embed, strip
from extractor.files.atomic import atomic_write

ROUNDS = 40
COPIES = 1000
TEXT = "a lighthouse at dusk\nSteps: 28, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1, Size: 1024x1280"
WRITTEN = (".png", ".jpg", ".jpeg", ".webp")


def best(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def picture() -> bytes:
    chance = random.Random(1)
    image = Image.frombytes("RGB", (128, 160), chance.randbytes(128 * 160 * 3)).resize((1024, 1280))
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def embedding(folder: Path) -> None:
    path, target = folder / "a.png", folder / "b.png"
    data = picture()
    path.write_bytes(data)
    ours = plain = float("inf")
    for _ in range(ROUNDS):
        plain = min(plain, best(lambda: atomic_write(str(target), path.read_bytes()), 1))
        ours = min(ours, best(lambda: embed(path, TEXT, target), 1))
    print(
        f"PNG of 1.3 megapixels, {len(data) / 1e6:.1f} MB: embed {ours * 1000:.2f} ms, "
        f"reading and writing the bytes {plain * 1000:.2f} ms, {(ours - plain) * 1000:+.2f} ms"
    )
    in_memory = best(lambda: embed(data, TEXT), ROUNDS)
    copying = best(lambda: io.BytesIO().write(data), ROUNDS)
    print(f"the same in memory: {in_memory * 1000:.2f} ms, copying the bytes {copying * 1000:.2f} ms")


def copies(files: list[Path], folder: Path) -> list[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = []
    for number in range(COPIES):
        source = files[number % len(files)]
        made.append(Path(shutil.copy(source, folder / f"{number:04}{source.suffix}")))
    return made


def stripping(files: list[Path], folder: Path) -> None:
    ours = quick = exiftool = float("inf")
    for _ in range(3):
        made = copies(files, folder / "ours")
        ours = min(ours, best(lambda: [strip(path, in_place=True) for path in made], 1))  # noqa: B023 - called at once
        made = copies(files, folder / "ours")
        quick = min(quick, best(lambda: [strip(path, in_place=True, fsync=False) for path in made], 1))  # noqa: B023
        if shutil.which("exiftool") is not None:
            names = [os.fspath(path) for path in copies(files, folder / "theirs")]
            command = ["exiftool", "-q", "-q", "-all=", "-overwrite_original", *names]
            exiftool = min(exiftool, best(lambda: subprocess.run(command, check=False, capture_output=True), 1))  # noqa: B023
    print(f"strip of {COPIES} files: {COPIES / ours:,.0f} files/s each synced to the disk, {COPIES / quick:,.0f} not")
    if exiftool < float("inf"):
        print(f"exiftool -all=, not synced: {COPIES / exiftool:,.0f} files/s; we are {exiftool / quick:.1f} x as fast")


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "sample_images"
    found = sorted((Path(sys.argv[1]) if len(sys.argv) > 1 else default).iterdir())
    files = [path for path in found if path.suffix in WRITTEN and "c2pa-google" not in path.name]
    with tempfile.TemporaryDirectory() as name:
        embedding(Path(name))
        stripping(files, Path(name))


if __name__ == "__main__":
    main()
