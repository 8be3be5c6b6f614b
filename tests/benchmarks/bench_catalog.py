"""How fast a catalog is written and searched, by hand: `python tests/benchmarks/bench_catalog.py`.

Makes a catalog of `--images` N (default 200,000) whose prompts share words as real ones do: a few words are in most of
them, most words in few. `--keep FILE` keeps it, or takes the one made before. Prints the rate of writing, what opening
for search takes, and for each kind of query the median and the 95th percentile in milliseconds: of finding all images,
and with the first 100 records.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

from extractor.catalog.query import parse_query
from extractor.catalog.search import CatalogSearch
from extractor.catalog.writer import Catalog
from extractor.record import ImageRecord
from extractor.scanning.scan import ScanResult

WORDS = [f"word{number}" for number in range(5_000)]
COMMON = ("masterpiece", "best", "quality", "1girl", "solo", "lighthouse")
SAMPLERS = ("Euler a", "DPM++ 2M Karras", "DPM++ SDE", "Euler", "UniPC")
ROUNDS = 40

QUERIES = {
    "a common word": "masterpiece",
    "a rare word": "word{n}",
    "two words": "masterpiece word{n}",
    "a phrase": '"best quality"',
    "a prefix": "light*",
    "a word left out": "word{n} -solo",
    "either word": "word{n} OR word1",
    "model": "model:model{n}",
    "LoRA and word": "lora:lora{n} masterpiece",
    "sampler, steps": "sampler:karras steps:20..30",
    "seed": "seed:{n}",
    "dates": "after:2024-02 before:2024-03",
    "size and cfg": "size:>1024 cfg:7",
    "part of a path": "path:folder{n}/",
    "without": "without:lora with:negative",
    "everything": "",
}


def results(count: int) -> Iterator[ScanResult]:
    chance = random.Random(1)
    for number in range(count):
        words = [WORDS[int(chance.paretovariate(0.6)) % len(WORDS)] for _ in range(30)]
        loras = [f"lora{chance.randrange(300)}" for _ in range(chance.randrange(3))]
        meta = {
            "prompt": ", ".join([*(word for word in COMMON if chance.random() < 0.7), *words]),
            "negativePrompt": "blurry, " * 10,
            "seed": chance.randrange(2**32) if number % 3 else chance.randrange(2**64),
            "steps": chance.choice((20, 25, 28, 30, 40)),
            "cfgScale": chance.choice((4, 5.5, 7, 7.5)),
            "sampler": chance.choice(SAMPLERS),
            "Model": f"model{int(chance.paretovariate(1)) % 500}",
            "resources": [{"type": "lora", "name": name, "weight": 0.8} for name in loras],
        }
        month, day = number % 12 + 1, number % 28 + 1
        record = {
            "id": number,
            "url": f"file:///pictures/{number}.png",
            "width": chance.choice((512, 832, 1024)),
            "height": chance.choice((512, 1216, 1024)),
            "hash": "UBBZ4e@TsDtQ_es;j[n+sqj[fQjtw}jbjtju",
            "createdAt": f"2024-{month:02}-{day:02}T{number % 24:02}:00:00.000Z",
            "meta": meta,
            "extraction": {"generator": "a1111", "stamp": {"size": 1, "extractor": "0", "options": {"hash": True}}},
        }
        yield ScanResult(f"/pictures/folder{number // 1000}/{number:07}.png", ImageRecord.model_validate(record))


def milliseconds(work: Callable[[int], object]) -> str:
    times = []
    for number in range(ROUNDS):
        start = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return f"{statistics.median(times):7.1f} {times[int(ROUNDS * 0.95) - 1]:7.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with nullcontext(arguments.keep.parent) if arguments.keep else tempfile.TemporaryDirectory() as folder:
        path = arguments.keep or Path(folder) / "catalog.db"
        if not path.exists():
            start = time.perf_counter()
            catalog = Catalog(path)
            for result in results(arguments.images):
                catalog.write(result)
            written = time.perf_counter()
            catalog.close()
            rate = arguments.images / (written - start)
            print(f"written: {rate:,.0f} images/s; packed for searching in {time.perf_counter() - written:.1f} s")
        print(f"{'opened':20}", milliseconds(lambda _: CatalogSearch(path).close()))
        with closing(CatalogSearch(path)) as search:
            for name, text in QUERIES.items():
                queries = [parse_query(text.format(n=1 + number * 7)) for number in range(ROUNDS)]
                ids = milliseconds(lambda number: search.ids(queries[number]))  # noqa: B023 - called at once
                pages = milliseconds(lambda number: list(search.results(queries[number], 100)))  # noqa: B023
                print(f"{name:20}", ids, "  with records", pages, f"{len(search.ids(queries[1])):9,} images")


if __name__ == "__main__":
    main()
