"""How fast one process extracts, by hand: `python tests/benchmarks/bench_extract.py [FOLDER]`.

Prints, for all files of FOLDER (default: the collection of real files beside the project): files per second
without pixels, whole records against Pillow decoding the same files, and the cost of a PNG with a 200 KB graph.
With the extra `bench` and exiftool installed, also their figures for the same files. What is compared is run in
turns, the best of five for each file (for each run over all copies where a whole program is timed), so that both
meet the same machine.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, PngImagePlugin

from extractor import extract

ROUNDS = 5
COPIES = 1000
GRAPHS = {"of all kinds": (34, 210, 50), "small": (4, 4, 2), "nothing but LoRAs": (960, 0, 1)}
"""(LoRAs, prompts of regions, later passes)"""


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of `rounds` runs."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def sums_of_best(files: list[Path], *works: Callable[[Path], object]) -> list[float]:
    """For each of `works`, the seconds of its best round with each file, summed; file by file in turns."""
    sums = [0.0] * len(works)
    for file in files:
        for place, work in enumerate(works):
            sums[place] += best(lambda: work(file))  # noqa: B023 - called at once
    return sums


def read_texts(file: Path) -> None:
    extract(file, hash=False)


def decode(file: Path) -> None:
    with Image.open(file) as image:
        image.load()


def big_graph(loras: int, regions: int, passes: int) -> tuple[int, float]:
    """(size of the JSON, milliseconds for a PNG that holds it) of so many LoRAs, regions and later passes."""
    graph: dict[str, object] = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "m.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["1", 1]}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "dog", "clip": ["1", 1]}},
        "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
    }
    model, positive, latent = ["1", 0], ["2", 0], ["4", 0]

    def add(name: str, kind: str, **inputs: object) -> list[object]:
        graph[name] = {"inputs": inputs, "class_type": kind, "_meta": {"title": f"{kind} {name}"}}
        return [name, 0]

    for n in range(loras):
        name = f"styles/lora_{n}.safetensors"
        model = add(f"lora:{n}", "LoraLoaderModelOnly", model=model, lora_name=name, strength_model=0.5)
    for n in range(regions):
        text = add(f"text:{n}", "CLIPTextEncode", clip=["1", 1], text=f"region {n}, " + "a lighthouse at dusk, " * 12)
        area = add(f"area:{n}", "ConditioningSetArea", conditioning=text, width=64, height=64, x=n, y=0, strength=1)
        positive = add(f"join:{n}", "ConditioningCombine", conditioning_1=positive, conditioning_2=area)
    for n in range(passes):
        steps = {"seed": n, "steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "normal", "denoise": 0.5}
        links = {"model": model, "positive": positive, "negative": ["3", 0], "latent_image": latent}
        bigger = add(f"pass:{n}", "KSampler", **steps, **links)
        latent = add(f"up:{n}", "LatentUpscaleBy", samples=bigger, upscale_method="nearest-exact", scale_by=1.1)
    picture = add("decode", "VAEDecode", samples=latent, vae=["1", 2])
    add("save", "SaveImage", images=picture)
    text = json.dumps(graph)
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", text)
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=info)
    data = stream.getvalue()
    assert extract(data, hash=False).meta is not None
    return len(text), best(lambda: extract(data, hash=False), 4 * ROUNDS) * 1000


def sd_parsers() -> Callable[[Path], object] | None:
    """What sd-parsers does with a file, where it is installed."""
    try:
        from sd_parsers import Eagerness, ParserManager
    except ImportError:
        return None
    manager = ParserManager(eagerness=Eagerness.FAST)

    def parse(file: Path) -> None:
        # It raises much on files it does not know.
        with contextlib.suppress(Exception):
            manager.parse(file)

    return parse


def exiftool(files: list[Path]) -> tuple[float, float] | None:
    """(exiftool's files per second on copies, ours), start-up of exiftool not counted."""
    if shutil.which("exiftool") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for number in range(COPIES):
            source = files[number % len(files)]
            copy = Path(folder) / f"{number:04}{source.suffix}"
            os.link(source, copy) if os.stat(source).st_dev == os.stat(folder).st_dev else shutil.copy(source, copy)
            copies.append(copy)
        names = [str(copy) for copy in copies]

        def run(arguments: list[str]) -> None:
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run(["exiftool", "-fast2", "-j", *arguments], check=False, **quiet)

        works = [lambda: run(["-ver"]), lambda: run(names), lambda: [read_texts(copy) for copy in copies]]
        rounds = [[best(work, 1) for work in works] for _ in range(ROUNDS)]
    start_up, theirs, ours = (min(times) for times in zip(*rounds, strict=True))
    return COPIES / (theirs - start_up), COPIES / ours


def main() -> None:
    default = Path(__file__).resolve().parents[3] / "shared" / "samples"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    files = sorted(file for file in folder.iterdir() if file.suffix in (".png", ".jpg", ".jpeg", ".webp"))
    print(f"{len(files)} files, no pixels: {len(files) / sums_of_best(files, read_texts)[0]:,.0f} files/s")
    for what, shape in GRAPHS.items():
        size, milliseconds = big_graph(*shape)
        print(f"PNG with a graph of {size // 1000} KB, {what}: {milliseconds:.1f} ms")
    parse = sd_parsers()
    if parse is not None:
        ours, theirs = sums_of_best(files, read_texts, parse)
        print(f"sd-parsers FAST: {len(files) / theirs:,.0f} files/s; we are {theirs / ours:.2f} x as fast")
    pair = exiftool(files)
    if pair is not None:
        print(
            f"exiftool -fast2, {COPIES} copies: {pair[0]:,.0f} files/s; ours {pair[1]:,.0f}; {pair[1] / pair[0]:.1f} x"
        )
    decoding, whole = sums_of_best(files, decode, extract)
    print(f"whole records: {whole / decoding:.3f} x Pillow decoding the same files")


if __name__ == "__main__":
    main()
