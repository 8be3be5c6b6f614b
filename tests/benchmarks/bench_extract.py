"""How fast one process extracts, by hand: `python tests/benchmarks/bench_extract.py [FOLDER] [--against TREE]`.

Prints, for all files of FOLDER (default: the collection of real files beside the project): files per second
without pixels, whole records against Pillow decoding the same files, and the cost of a PNG with a 200 KB graph.
With the extra `bench` and exiftool installed, also their figures for the same files. What is compared is run in
turns, the best of five for each file (for each run over all copies where a whole program is timed), so that both
meet the same machine.

With `--against` another checkout of the project: only its figures and ours, texts alone and starting the command, for
the same files in turns (`--rounds` of five each). Both are compiled before, in copies.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import io
import json
import os
import resource
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


_READER = """
import sys, time
from extractor import extract
files = sys.argv[1:]
for file in files * 2:
    extract(file, hash=False)
print("ready", flush=True)
for line in sys.stdin:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        extract(files[int(line)], hash=False)
        times.append(time.perf_counter() - start)
    print(min(times), flush=True)
"""
"""Reads the file of each number that is asked for, and answers with the seconds of the best of five times."""
STARTS = {"--version": ["--version"], "show --no-hash": ["show", "--no-hash"]}


def in_turns(trees: list[Path], files: list[Path], rounds: int) -> list[float]:
    """Seconds for all files, of each tree: the sum of the best for each file."""
    with contextlib.ExitStack() as stack:
        readers = []
        for tree in trees:
            command = [sys.executable, "-c", _READER, *map(str, files)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            readers.append(stack.enter_context(subprocess.Popen(command, cwd=tree, env=_only(tree), **pipes)))
        for reader in readers:
            reader.stdout.readline()
        best_of = [[float("inf")] * len(files) for _ in trees]
        for number in [*range(len(files))] * rounds:
            for reader, seconds in zip(readers, best_of, strict=True):
                print(number, file=reader.stdin, flush=True)
                seconds[number] = min(seconds[number], float(reader.stdout.readline()))
        for reader in readers:
            reader.stdin.close()
    return [sum(seconds) for seconds in best_of]


def _only(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree)}


def starting(tree: Path, arguments: list[str]) -> float:
    """CPU seconds of one run of the command."""
    code = f"import sys; sys.argv = {['extractor', *arguments]!r}; from extractor.cli import main; main()"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=tree, env=_only(tree), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def compare(theirs: Path, files: list[Path], rounds: int) -> None:
    """Print their figures and ours."""
    with tempfile.TemporaryDirectory() as folder:
        trees = []
        for name, tree in (("theirs", theirs), ("ours", Path(__file__).resolve().parents[2])):
            copy = Path(folder, name)
            shutil.copytree(tree / "extractor", copy / "extractor", ignore=shutil.ignore_patterns("__pycache__"))
            compileall.compile_dir(copy, quiet=2)
            trees.append(copy)
        before, after = (seconds / len(files) * 1e6 for seconds in in_turns(trees, files, rounds))
        print(f"{len(files)} files, no pixels: theirs {before:.0f} us a file, ours {after:.0f}, {after / before:.2f} x")
        for name, arguments in STARTS.items():
            given = [*arguments, str(files[0])] if arguments[0] == "show" else arguments
            runs = [[starting(tree, given) for tree in trees] for _ in range(4 * rounds)]
            before, after = (min(times) * 1e3 for times in zip(*runs, strict=True))
            print(f"{name}: theirs {before:.0f} ms of CPU, ours {after:.0f}, {after / before:.2f} x")


def main() -> None:
    parser = argparse.ArgumentParser()
    default = Path(__file__).resolve().parents[3] / "shared" / "samples"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--against", type=Path, metavar="TREE")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    files = sorted(file for file in given.folder.iterdir() if file.suffix in (".png", ".jpg", ".jpeg", ".webp"))
    if given.against is not None:
        compare(given.against, files, given.rounds)
        return
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
