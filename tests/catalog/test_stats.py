from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from extractor.catalog.query import parse_query
from extractor.catalog.search import CatalogSearch
from extractor.catalog.stats import KINDS, Stats, count
from extractor.catalog.writer import Catalog
from extractor.errors import CorruptImageError
from extractor.scanning.scan import ScanResult
from tests.scanresults import found

LORAS = [
    {"type": "lora", "name": "Fine", "weight": 1},
    {"type": "lycoris", "name": "Grain"},
    {"type": "vae", "name": "v"},
]
RESULTS = (
    found("/a.png", meta={"Model": "real", "sampler": "Euler a Karras", "resources": LORAS}),
    found("/b.png", meta={"Model": "real", "sampler": "Euler a", "Schedule type": "Karras", "resources": LORAS[:1]}),
    found("/c.png", meta={"Model": "toon", "prompt": "a cat"}, createdAt="2024-06-30T23:59:59.999Z", width=0),
    found("/d.png", meta=None, createdAt=None),
)
EXPECTED = {
    "images": 4,
    "withMetadata": 3,
    "models": [{"name": "real", "images": 2}, {"name": "toon", "images": 1}],
    "loras": [{"name": "Fine", "images": 2}, {"name": "Grain", "images": 1}],
    "samplers": [{"name": "Euler a", "images": 2}],
    "schedulers": [{"name": "karras", "images": 2}],
    "sizes": [{"name": "512x768", "images": 3}],
    "generators": [{"name": "a1111", "images": 4}],
    "months": [{"name": "2024-05", "images": 2}, {"name": "2024-06", "images": 1}],
}


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    with closing(Catalog(tmp_path / "all.db")) as writer:
        for result in RESULTS:
            writer.write(result)
    return tmp_path / "all.db"


def test_a_catalog_and_records_are_counted_alike(catalog: Path) -> None:
    stats = Stats()
    for result in RESULTS:
        stats.add_result(result)
    assert stats.as_object() == EXPECTED
    assert count([str(catalog)]).as_object() == EXPECTED


@pytest.mark.parametrize("query", ["lora:fine", "without:metadata", "after:2024-06", "cat OR model:real", "nothing"])
def test_those_that_meet_a_query(catalog: Path, query: str) -> None:
    condition = parse_query(query)
    stats, other = Stats(), Stats()
    for result in RESULTS:
        stats.add_result(result, condition)
    with closing(CatalogSearch(catalog)) as search:
        other.add_catalog(search, condition)
    assert stats.as_object() == other.as_object()


def test_the_most_frequent_and_the_latest_months() -> None:
    stats = Stats()
    stats.counts["models"].update({"b": 2, "a": 2, "c": 5})
    stats.counts["months"].update({"2024-02": 9, "2023-12": 1, "2024-01": 3})
    assert stats.top("models", 2) == [("c", 5), ("a", 2)]
    assert stats.top("months", 2) == [("2024-01", 3), ("2024-02", 9)]
    assert stats.top("loras") == []
    assert tuple(stats.as_object())[2:] == KINDS


def test_failures_are_told_apart() -> None:
    stats = Stats()
    stats.add_result(ScanResult("x.png", error=CorruptImageError("cut off")))
    assert (stats.images, stats.failed) == (0, 1)
