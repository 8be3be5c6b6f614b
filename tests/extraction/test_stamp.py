from __future__ import annotations

import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor import read_sidecar, write_sidecars
from extractor.catalog.writer import Catalog
from extractor.extraction import reading
from extractor.extraction.stamp import PIXEL_WARNINGS, kept_of, serves
from extractor.scanning.scan import ScanResult, scan
from tests.support import INFOTEXT, ROOT, png, text_chunk

STAMP: dict[str, Any] = {
    "size": 9,
    "mtimeNs": 5,
    "extractor": "1",
    "hashRevision": 1,
    "options": {"hash": "bilinear", "raw": False},
}
WITHOUT: dict[str, Any] = {"size": 9, "mtimeNs": 5, "extractor": "1", "options": {"hash": False, "raw": False}}
RECORD: dict[str, Any] = {
    "hash": "U00",
    "extraction": {"sha256": "ab", "sources": ["png:tEXt:parameters"], "stamp": STAMP},
}
KEPT = ("U00", "ab")


@pytest.mark.parametrize(
    ("stored", "wanted", "expected"),
    [
        (STAMP, STAMP, True),
        (STAMP, WITHOUT, True),
        (WITHOUT, WITHOUT, True),
        (WITHOUT, STAMP, False),
        (STAMP, {**STAMP, "hashRevision": 2}, False),
        (STAMP, {**STAMP, "extractor": "2"}, False),
        (STAMP, {**WITHOUT, "extractor": "2"}, False),
        (STAMP, {**WITHOUT, "options": {"hash": False, "raw": True}}, False),
        (None, WITHOUT, False),
        ({"options": 5}, WITHOUT, False),
    ],
)
def test_a_record_with_a_hash_does_for_a_run_without(stored: object, wanted: dict[str, Any], expected: bool) -> None:
    assert serves(stored, wanted) is expected


@pytest.mark.parametrize(
    ("extraction", "wanted", "expected"),
    [
        ({}, {**STAMP, "extractor": "2"}, KEPT),
        ({}, {**STAMP, "models": "x", "foreign": [["a.txt", 1, 2]]}, KEPT),
        ({}, {**STAMP, "size": 8}, None),
        ({}, {**STAMP, "mtimeNs": 6}, None),
        ({}, {**STAMP, "hashRevision": 2}, None),
        ({}, {**STAMP, "options": {"hash": "bilinear", "raw": True}}, None),
        ({"sources": ["png:stealth-alpha"]}, {**STAMP, "extractor": "2"}, None),
        ({"sources": ["png:stealth-alpha"]}, {**WITHOUT, "extractor": "2"}, KEPT),
        ({"warnings": [{"code": "hash-of-file-name", "message": "y"}]}, {**STAMP, "extractor": "2"}, KEPT),
        ({"warnings": [{"code": "stealth-invalid", "message": "y"}]}, {**STAMP, "extractor": "2"}, None),
        ({"warnings": [{"code": "stealth-invalid", "message": "y"}]}, {**WITHOUT, "extractor": "2"}, KEPT),
        ({"warnings": [{"code": "x", "message": "png:stealth-alpha: y"}]}, {**STAMP, "extractor": "2"}, None),
        ({"warnings": [5]}, {**STAMP, "extractor": "2"}, None),
        ({"warnings": 5}, {**STAMP, "extractor": "2"}, None),
        ({"raw": [{"source": "png:stealth-rgb", "text": "a"}]}, {**STAMP, "extractor": "2"}, None),
        ({"raw": [{"source": "png:tEXt:a", "text": ":stealth-"}, 5]}, {**STAMP, "extractor": "2"}, KEPT),
        ({}, {**WITHOUT, "extractor": "2"}, KEPT),
        ({}, {**WITHOUT, "size": 8}, None),
        ({"sha256": None}, {**STAMP, "extractor": "2"}, None),
        ({"stamp": 5}, STAMP, None),
        ({"sources": 5}, {**STAMP, "extractor": "2"}, KEPT),
    ],
)
def test_what_of_a_record_is_taken_over(extraction: dict[str, Any], wanted: dict[str, Any], expected: object) -> None:
    assert kept_of({**RECORD, "extraction": {**RECORD["extraction"], **extraction}}, wanted) == expected


_WARNED = re.compile(r"""log\.(add|limit)\(\s*"([^"]+)\"""")


def test_every_warning_of_the_pixels_is_in_the_table() -> None:
    files = [*(ROOT / "extractor" / "pixels").glob("*.py"), ROOT / "extractor" / "extraction" / "reading.py"]
    warned = [found for file in files for found in _WARNED.findall(file.read_text("utf-8"))]
    assert {f"limit:{code}" if kind == "limit" else code for kind, code in warned} == PIXEL_WARNINGS


@pytest.mark.parametrize("record", [{}, {"extraction": 5}, {"hash": 5, "extraction": RECORD["extraction"]}])
def test_odd_records_give_nothing(record: dict[str, Any]) -> None:
    assert kept_of(record, {**STAMP, "extractor": "2"}) is None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics/a.png").write_bytes(png(text_chunk("parameters", INFOTEXT)))
    return tmp_path


def no_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(reading, "_read_pixels", refused)
    monkeypatch.setattr("extractor.extraction.stamp.__version__", "99")


def stored(catalog: str, **options: Any) -> list[ScanResult]:
    with closing(Catalog(catalog)) as writer:
        results = list(scan(["pics/a.png"], workers=1, skip=writer.skip, **options))
        for result in results:
            writer.write(result)
        return results


def test_a_new_version_reads_texts_again_and_no_pixels(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = stored("all.db")
    list(write_sidecars(["pics/a.png"], workers=1))
    no_pixels(monkeypatch)
    (again,) = stored("all.db")
    list(write_sidecars(["pics/a.png"], workers=1))
    assert first.record is not None
    assert again.record is not None
    for record in (again.record, read_sidecar("pics/a.png.json")):
        assert (record.hash, record.meta) == (first.record.hash, first.record.meta)
        assert record.extraction is not None
        assert record.extraction.stamp is not None
        assert record.extraction.stamp.extractor == "99"
        before = first.record.model_dump()
        before["extraction"]["stamp"]["extractor"] = "99"
        assert record.model_dump() == before
    assert [result.skipped for result in stored("all.db")] == [True]
    assert [result.status for result in write_sidecars(["pics/a.png"], workers=1)] == ["unchanged"]


def test_a_warning_about_texts_costs_no_pixels(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = text_chunk("parameters", INFOTEXT.replace("a cat", "a dog")) + text_chunk("parameters", INFOTEXT)
    (folder / "pics/a.png").write_bytes(png(chunks))
    list(write_sidecars("pics/a.png", workers=1))
    first = read_sidecar("pics/a.png.json")
    assert first.hash is not None
    assert first.extraction is not None
    assert [warning.code for warning in first.extraction.warnings or ()] == ["repeated-keyword"]
    no_pixels(monkeypatch)
    list(write_sidecars("pics/a.png", workers=1))
    again = read_sidecar("pics/a.png.json")
    assert again.extraction is not None
    assert (again.hash, again.extraction.warnings) == (first.hash, first.extraction.warnings)


def test_a_run_without_hash_leaves_what_has_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = stored("all.db")
    list(write_sidecars(["pics/a.png"], workers=1))
    assert [result.skipped for result in stored("all.db", hash=False)] == [True]
    assert [result.status for result in write_sidecars(["pics/a.png"], hash=False, workers=1)] == ["unchanged"]
    no_pixels(monkeypatch)
    (again,) = stored("all.db", hash=False)
    list(write_sidecars(["pics/a.png"], hash=False, workers=1))
    assert first.record is not None
    for record in (again.record, read_sidecar("pics/a.png.json")):
        assert record is not None
        assert record.hash == first.record.hash
        assert record.extraction is not None
        assert record.extraction.sha256 == first.record.extraction.sha256  # type: ignore[union-attr]
        assert record.extraction.stamp is not None
        assert record.extraction.stamp.options["hash"] is False


def test_another_file_of_the_same_name_is_read_whole(folder: Path) -> None:
    (first,) = stored("all.db")
    (folder / "pics/a.png").write_bytes(png(text_chunk("parameters", INFOTEXT + " ")))
    os.utime("pics/a.png", (1, 1))
    (again,) = stored("all.db", hash=False)
    assert first.record is not None
    assert again.record is not None
    assert first.record.hash is not None
    assert again.record.hash is None
