"""A record depends on its file alone: not on what was read before, on the order, or on what other threads read."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from extractor import ExtractorError, extract
from tests.hostile import jpeg_files, other_files, png_files, text_files
from tests.realfiles import MADE, REAL

SOURCES: list[Path | bytes] = [
    *MADE,
    *REAL,
    *(
        case.make()
        for cases in (png_files.CHUNKS, png_files.HEADERS, text_files.JSON, jpeg_files.CASES, other_files.CASES)
        for case in cases
    ),
]


def written(source: Path | bytes) -> str:
    try:
        return extract(source, hash=False, raw=True).model_dump_json(by_alias=True)
    except ExtractorError as error:
        return f"{type(error).__name__}: {error}"


@pytest.fixture(scope="module")
def first() -> list[str]:
    return [written(source) for source in SOURCES]


def test_again_in_the_same_order(first: list[str]) -> None:
    assert [written(source) for source in SOURCES] == first


@pytest.mark.parametrize("seed", [1, 2])
def test_in_another_order(first: list[str], seed: int) -> None:
    order = list(range(len(SOURCES)))
    random.Random(seed).shuffle(order)
    found = {number: written(SOURCES[number]) for number in order}
    assert [found[number] for number in range(len(SOURCES))] == first


def test_by_several_threads_at_once(first: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(written, [*SOURCES, *SOURCES])) == [*first, *first]


def test_records_of_different_files_differ(first: list[str]) -> None:
    """Else the comparisons above would hold for a reader that always says the same."""
    assert len(set(first)) > len(SOURCES) / 2
