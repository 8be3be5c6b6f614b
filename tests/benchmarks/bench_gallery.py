"""How fast the gallery is, by hand: `python tests/benchmarks/bench_gallery.py [--images 200000 1000000] [--tries 3]`.

Makes catalogs whose prompts share words as real ones do, with real pictures behind the newest of them, starts the
command on each as a user would, and asks it over HTTP. Prints every target with what was measured, and with `--browser`
what Chromium shows (`gallery_browser.browser_figures`). `--keep FOLDER` keeps the catalogs, or takes those made before.
Making the larger one takes a quarter of an hour; measure with little else running.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from PIL import Image

from extractor.catalog.rows import image_values, sql_json
from extractor.catalog.stored import StoredRow
from extractor.catalog.writer import Catalog

WORDS = [f"word{number}" for number in range(5_000)]
COMMON = ("masterpiece", "best", "quality", "1girl", "solo", "lighthouse")
SAMPLERS = ("Euler a", "DPM++ 2M Karras", "DPM++ SDE", "Euler", "UniPC")
SIZES = ((832, 1216), (1216, 832), (1024, 1024), (512, 768), (1536, 640), (896, 1152), (640, 1536))
REAL = 600
"""Pictures that are there."""
ROUNDS = 60
HASHES = (
    "UBBZ4e@TsDtQ_es;j[n+sqj[fQjtw}jbjtju",
    "LEHV6nWB2yk8pyo0adR*.7kCMdnjS#M|%1%2",
    "LGF5]+Yk^6#M@-5c,1J5@[or[Q6.",
)


def rows(folder: Path, count: int) -> Iterator[StoredRow]:
    chance = random.Random(1)
    for number in range(count):
        words = [WORDS[int(chance.paretovariate(0.6)) % len(WORDS)] for _ in range(20)]
        loras = sorted({f"lora{int(chance.paretovariate(0.8)) % 300}" for _ in range(chance.randrange(3))})
        size = chance.choice(SIZES)
        prompt = ", ".join([*(word for word in COMMON if chance.random() < 0.7), *words])
        real = number >= count - REAL
        path = (
            folder / "real" / f"{count - number:07}.png" if real else folder / f"f{number // 2000}" / f"{number:07}.png"
        )
        day = number * 1_400 // count
        meta = {
            "prompt": prompt if number % 5 else "masterpiece, the same recipe",
            "negativePrompt": "blurry, bad hands",
            "seed": chance.randrange(2**32) if number % 3 else chance.randrange(2**64),
            "steps": chance.choice((20, 25, 28, 30, 40)),
            "cfgScale": chance.choice((4, 5.5, 7, 7.5)),
            "sampler": chance.choice(SAMPLERS),
            "Model": f"model{int(chance.paretovariate(1)) % 500}",
            "resources": [{"type": "lora", "name": name, "weight": 0.8} for name in loras],
        }
        stamp = {"size": 1, "mtimeNs": number, "extractor": "0", "options": {"hash": True}}
        record = {
            "id": number,
            "url": f"file://{path}",
            "hash": HASHES[number % 3],
            "width": size[0],
            "height": size[1],
            "createdAt": f"{2021 + day // 360}-{day % 360 // 30 + 1:02}-{day % 30 + 1:02}T{number % 24:02}:00:00.000Z",
            "meta": meta,
            "extraction": {
                "generator": ("a1111", "forge", "comfyui")[number % 3],
                "mimeType": "image/png",
                "stamp": stamp,
            },
        }
        resources = [(place, "lora", name, None, 0.8, None, None) for place, name in enumerate(loras)]
        yield StoredRow(
            str(path), (*image_values(str(path), record), sql_json(record), sql_json(stamp)), True, resources, []
        )


def make_pictures(folder: Path) -> None:
    """Some real files: gradients with grain, as large as small pictures are."""
    folder.mkdir(parents=True, exist_ok=True)
    grain = Image.effect_noise((416, 608), 24)
    for number in range(1, REAL + 1):
        if not (folder / f"{number:07}.png").exists():
            tint = Image.new("RGB", grain.size, ((number * 37) % 256, (number * 91) % 256, (number * 53) % 256))
            Image.blend(tint, grain.convert("RGB"), 0.25).save(folder / f"{number:07}.png", compress_level=1)


def make_catalog(folder: Path, count: int) -> Path:
    path = folder / f"gallery-{count}.db"
    make_pictures(folder / "real")
    if not path.exists():
        started = time.perf_counter()
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with closing(Catalog(part)) as catalog:
            for row in rows(folder, count):
                catalog.write_ready(row)
        part.rename(path)
        print(f"made a catalog of {count:,} in {time.perf_counter() - started:.0f} s")
    return path


class Page:
    """A server, asked over one connection as a page does."""

    def __init__(self, address: str, process: int) -> None:
        parts = urlsplit(address)
        self.address = address
        self.process = process
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def get(self, path: str, **asked: Any) -> bytes:
        self._connection.request("GET", f"{self._path}{path}?{urlencode(asked, doseq=True)}")
        answer = self._connection.getresponse()
        data = answer.read()
        assert answer.status == 200, (answer.status, data[:200])
        return data

    def memory(self) -> tuple[float, float]:
        """MiB of the server: now, and at most."""
        status = Path(f"/proc/{self.process}/status").read_text()
        found = {
            line.split(":")[0]: int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("Vm")
        }
        return found["VmRSS"], found["VmHWM"]


@contextmanager
def served(catalog: Path, cache: Path) -> Iterator[tuple[Page, float, float]]:
    """The page of a catalog; seconds until its address was printed, and until its first view came."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "extractor", "gallery", str(catalog), "--no-open"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        printed = time.perf_counter() - started
        page = Page(address, process.pid)
        page.get("view")
        yield page, printed, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGINT)
        ended = time.perf_counter()
        process.wait(10)
        print(f"    ended {1000 * (time.perf_counter() - ended):.0f} ms after Ctrl-C")


class Times(NamedTuple):
    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:7.1f} / {self.p95:7.1f} ms"


def timed(work: Callable[[int], object], rounds: int = ROUNDS) -> Times:
    times = []
    for number in range(rounds):
        started = time.perf_counter()
        work(number)
        times.append(1000 * (time.perf_counter() - started))
    times.sort()
    return Times(statistics.median(times), times[int(len(times) * 0.95)])


def by_sql(catalog: Path) -> Times:
    """What the page shows of one sampler, asked of the tables."""
    facets = [
        *(f"SELECT {name}, count(*) FROM images WHERE base_sampler = ? GROUP BY 1 ORDER BY 2 DESC LIMIT 30"
          for name in ("model", "base_sampler", "scheduler", "generator", "width || 'x' || height", "folder",
                       "substr(created_at, 1, 7)", "has")),
        "SELECT name, count(DISTINCT image_id) FROM resources WHERE type = 'lora' AND image_id IN "
        "(SELECT id FROM images WHERE base_sampler = ?) GROUP BY 1 ORDER BY 2 DESC LIMIT 30",
        "SELECT count(*) FROM images WHERE base_sampler = ?",
        "SELECT id, path FROM images WHERE base_sampler = ? ORDER BY created_at DESC LIMIT 100",
    ]  # fmt: skip
    with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as connection:
        return timed(
            lambda number: [
                connection.execute(select, (("Euler a", "Euler")[number % 2],)).fetchall() for select in facets
            ],
            3,
        )


class Target(NamedTuple):
    name: str
    unit: str
    at_200k: float | None
    at_1m: float | None


TARGETS = {
    "open": Target("command started to first view", "s", None, 1.5),
    "facet": Target("a click on a facet, p95", "ms", 50, 60),
    "cached": Target("the same under a text that was asked before, p95", "ms", 50, None),
    "first": Target("a text for the first time, p95", "ms", 150, None),
    "memory": Target("memory of the server", "MiB", None, 400),
    "times": Target("times as fast as SQL", "x at least", 20, 20),
}


def measured(
    catalog: Path, cache: Path, browser: Callable[[str], dict[str, tuple[float, float | None]]] | None
) -> dict[str, float]:
    chance = random.Random()
    with served(catalog, cache) as (page, printed, opened):
        plain = timed(lambda number: page.get("view", f=[], sort=("newest", "oldest")[number % 2]))
        clicks = [
            lambda: {"f": f"model:model{chance.randrange(1, 30)}"},
            lambda: {
                "f": [f"sampler:{chance.choice(('Euler a', 'Euler', 'UniPC'))}", f"-model:model{chance.randrange(30)}"]
            },
            lambda: {"f": [f"lora:lora{chance.randrange(1, 40)}", f"size:{chance.choice(('832x1216', '1024x1024'))}"]},
            lambda: {"f": [f"month:{chance.randrange(2021, 2024)}-{chance.randrange(1, 12):02}", "generator:forge"]},
            lambda: {"f": [f"-lora:lora{chance.randrange(1, 40)}", "has:prompt"], "sort": "oldest"},
        ]
        facet = timed(lambda number: page.get("view", **clicks[number % 5]()), 2 * ROUNDS)
        fresh = iter(chance.sample(range(50, 5000), 400))
        texts: list[str] = []

        def first(number: int) -> None:
            kinds = (f"word{next(fresh)}", f"masterpiece word{next(fresh)}", f"lighthouse -word{next(fresh)}",
                     f"word{next(fresh)} OR solo", f"quality word{next(fresh) // 10}*")  # fmt: skip
            texts.append(kinds[number % 5])
            page.get("view", q=texts[-1])

        firsts = timed(first)
        cached = timed(lambda number: page.get("view", q=texts[-1 - number % 5], **clicks[number % 5]()))
        stacks = timed(lambda number: page.get("view", stacks=1, q=texts[-1 - number % 5], **clicks[number % 5]()), 20)
        key = json.loads(page.get("view"))["key"]
        shape = timed(lambda _: page.get(f"view/{key}/shape"), 10)
        total = json.loads(page.get("view"))["total"]
        tiles = timed(lambda _: page.get(f"view/{key}/cells", **{"from": chance.randrange(total), "n": 200}), 30)
        names = timed(lambda _: page.get("view", sort="name"), 1)
        now, most = page.memory()
        seen = browser(page.address) if browser is not None else {}
    sql = by_sql(catalog)
    print(f"    address printed {printed:.2f} s, first view {opened:.2f} s after the start")
    print(f"    memory now {now:.0f}, at most {most:.0f} MiB")
    for name, times in (("no filter", plain), ("a click on a facet", facet), ("a text, first time", firsts),
                        ("a text known, and a facet", cached), ("in stacks", stacks), ("the shape of all", shape),
                        ("200 tiles anywhere", tiles), ("by name, first time", names), ("SQL", sql)):  # fmt: skip
        print(f"    {name:28} {times}")
    figures = {
        "open": opened, "facet": facet.p95, "cached": cached.p95, "first": firsts.p95,
        "memory": most, "times": sql.p50 / facet.p50,
    }  # fmt: skip
    for name, (value, limit) in seen.items():
        print(f"    {name:28} {value:9.1f}   target {limit}")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, nargs="+", default=[200_000, 1_000_000])
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--browser", action="store_true")
    given = parser.parse_args()
    browser = None
    if given.browser:
        from tests.benchmarks.gallery_browser import browser_figures as browser
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for count in given.images:
            catalog = make_catalog(folder.absolute(), count)
            for number in range(given.tries):
                print(f"{count:,} images, try {number + 1}")
                figures = measured(catalog, Path(temporary) / "cache", browser)
                for key, target in TARGETS.items():
                    limit = target.at_1m if count >= 1_000_000 else target.at_200k
                    if limit is not None:
                        is_met = figures[key] >= limit if key == "times" else figures[key] <= limit
                        said = f"{figures[key]:8.1f} {target.unit:10} target {limit:5}"
                        print(f"  {target.name:52} {said}  {'met' if is_met else 'MISSED'}")


if __name__ == "__main__":
    main()
