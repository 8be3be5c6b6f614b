"""Rows made where a file is read are those that the writer makes itself."""

from __future__ import annotations

import io
import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor import open_writer, scan
from extractor.export import writer_class
from extractor.rows.base import RowWriter
from extractor.scanning.scan import ScanResult, facts_of
from extractor.scanning.tally import Tally
from tests.support import INFOTEXT, png, text_chunk


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(png(text_chunk("parameters", INFOTEXT + ', Lora hashes: "x: 0123456789"')))
    (folder / "b.png").write_bytes(png())
    (folder / "c.png").write_bytes(b"no picture")
    (folder / "d é.png").write_bytes(
        png(text_chunk("parameters", '=cat, "quoted"\nSteps: 1, Seed: 18446744073709551615, Sampler: x'))
    )
    (folder / "e.txt").write_bytes(b"text")
    return folder


def rows_of(form: str, results: Callable[[RowWriter], Any]) -> bytes:
    stream = io.BytesIO()
    writer = writer_class(form)(stream)
    for result in results(writer):
        writer.write(result)
    writer.close()
    return stream.getvalue()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "parquet"])
def test_the_same_file(form: str, workers: int, pictures: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    plain = rows_of(form, lambda writer: scan([pictures], hash=False, workers=1))
    ready = rows_of(form, lambda writer: scan([pictures], hash=False, workers=workers, make=writer.make))
    assert ready == plain


def test_the_same_catalog(pictures: Path, tmp_path: Path) -> None:
    dumps = []
    for name, with_make in (("a.db", False), ("b.db", True)):
        with open_writer(tmp_path / name) as writer:
            for result in scan([pictures], raw=True, hash=False, make=writer.make if with_make else None):
                assert (result.row is not None) is (with_make and result.facts is not None)
                writer.write(result)
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            dumps.append(
                [
                    connection.execute(f"SELECT * FROM {table}").fetchall()
                    for table in ("images", "resources", "texts", "failures")
                ]
            )
    assert dumps[0] == dumps[1]
    assert [len(rows) for rows in dumps[0]] == [3, 1, 2, 1]


def test_results_without_a_record_are_left_as_they_are(pictures: Path) -> None:
    results = {Path(result.path).name: result for result in scan([pictures], hash=False, make=names)}
    assert results["a.png"] == ScanResult(results["a.png"].path, row="a.png", facts=results["a.png"].facts)
    assert results["c.png"].error is not None
    assert results["c.png"].row is results["c.png"].facts is None
    assert results["e.txt"].passed_over


def names(result: ScanResult) -> str:
    return Path(result.path).name


def test_what_is_counted_is_the_same(pictures: Path) -> None:
    tallies = []
    for make in (None, names):
        tally = Tally()
        for result in scan([pictures], hash=False, make=make):
            tally.add(result)
        tallies.append(tally)
    assert tallies[0] == tallies[1]
    assert (tallies[0].with_metadata, tallies[0].without_metadata, tallies[0].failed) == (2, 1, 1)
    assert tallies[0].generators == {"a1111": 2}


def test_a_row_is_small_to_hand_over(pictures: Path) -> None:
    with open_writer(pictures.parent / "x.jsonl") as writer:
        result = next(scan([pictures / "a.png"], hash=False))
        assert result.record is not None
        ready = ScanResult(result.path, row=writer.make(result), facts=facts_of(result.record))
        assert pickle.loads(pickle.dumps(ready)) == ready
        assert len(pickle.dumps(ready)) < len(ready.row) + 400
