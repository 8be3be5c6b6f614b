from __future__ import annotations

from pathlib import Path

import pytest

from extractor import extract, scan_rows
from extractor.rows.rows import CSV_COLUMNS
from tests.scanresults import RECORD, found
from tests.support import INFOTEXT, png, text_chunk

FLAT = {
    "path": None,
    "url": "https://example.org/a.png",
    "id": 7,
    "width": 512,
    "height": 768,
    "hash": "U00000",
    "createdAt": "2024-05-01T03:00:00.000Z",
    "generator": "a1111",
    "generatorVersion": "v1.10.1",
    "prompt": "a cat, <lora:Fine Hair:0.8>",
    "negativePrompt": "dog",
    "seed": 2**64 - 1,
    "steps": 20,
    "cfgScale": 7.5,
    "sampler": "Euler a",
    "baseSampler": "Euler a",
    "scheduler": None,
    "denoise": None,
    "clipSkip": 2,
    "Size": "512x768",
    "Model": "real",
    "Model hash": "0123456789",
    "VAE": None,
    "resources": '[{"name": "Fine Hair", "type": "lora", "weight": 0.8}, '
    '{"name": "real", "type": "model", "hash": "0123456789"}]',
    "hashes": '{"model": "0123456789"}',
    "civitaiResources": None,
    "characterPrompts": None,
    "extra": None,
    "otherMeta": '{"Version": "v1.10.1"}',
    "aiGenerated": None,
    "sources": '["png:tEXt:parameters"]',
    "warnings": '[{"code": "hash-unsupported", "message": "no"}]',
    "sha256": "ab" * 32,
    "fileSize": 1234,
    "mimeType": "image/png",
    "errorType": None,
    "errorMessage": None,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.png").write_bytes(png(text_chunk("parameters", INFOTEXT)))
    (tmp_path / "b.png").write_bytes(b"no image")
    (tmp_path / "c.md").write_bytes(b"passed over")
    return tmp_path


def test_a_record_as_a_flat_row() -> None:
    assert RECORD["meta"]["seed"] == FLAT["seed"]
    record = found().record
    assert record is not None
    assert record.flat() == FLAT
    assert list(record.flat()) == [name for name, _ in CSV_COLUMNS]


def test_rows_of_a_scan(folder: Path) -> None:
    good, bad = scan_rows(folder, hash=False, workers=1)
    assert good == {**extract(folder / "a.png", hash=False).flat(), "path": str(folder / "a.png")}
    assert {name: value for name, value in bad.items() if value is not None} == {
        "path": str(folder / "b.png"),
        "errorType": "UnsupportedFormatError",
        "errorMessage": bad["errorMessage"],
    }


def test_pandas_takes_them(folder: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(scan_rows([folder], hash=False))
    assert list(frame.columns) == [name for name, _ in CSV_COLUMNS]
    assert len(frame) == 2


def test_polars_takes_them(folder: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.from_dicts(list(scan_rows([folder], hash=False)), infer_schema_length=None)
    assert frame.columns == [name for name, _ in CSV_COLUMNS]
    assert frame["path"].to_list() == [str(folder / "a.png"), str(folder / "b.png")]
