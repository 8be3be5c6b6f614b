from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from extractor.export import parquet as module
from extractor.export.parquet import ParquetWriter
from extractor.scanning.scan import ScanResult
from tests.scanresults import ALL, found, found_meta

pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def rows(*results: ScanResult) -> list[dict[str, Any]]:
    stream = io.BytesIO()
    writer = ParquetWriter(stream)
    for result in results:
        writer.write(result)
    writer.close()
    table: list[dict[str, Any]] = parquet.read_table(stream).to_pylist()
    return table


def test_records_and_failures_with_nested_types() -> None:
    assert rows(*ALL) == [
        {
            "path": "pics/a.png",
            "id": 7,
            "url": "https://example.org/a.png",
            "hash": "U00000",
            "width": 512,
            "height": 768,
            "createdAt": "2024-05-01T03:00:00.000Z",
            "meta": {
                "prompt": "a cat, <lora:Fine Hair:0.8>",
                "negativePrompt": "dog",
                "seed": Decimal("18446744073709551615"),
                "steps": 20,
                "cfgScale": 7.5,
                "sampler": "Euler a",
                "scheduler": None,
                "denoise": None,
                "clipSkip": 2,
                "Size": "512x768",
                "Model": "real",
                "Model hash": "0123456789",
                "VAE": None,
                "resources": [
                    {
                        "type": "lora",
                        "name": "Fine Hair",
                        "hash": None,
                        "weight": 0.8,
                        "strengthClip": None,
                        "modelVersionId": None,
                    },
                    {
                        "type": "model",
                        "name": "real",
                        "hash": "0123456789",
                        "weight": None,
                        "strengthClip": None,
                        "modelVersionId": None,
                    },
                ],
                "hashes": [("model", "0123456789")],
                "other": [("Version", "v1.10.1")],
            },
            "extraction": {
                "generator": "a1111",
                "version": "v1.10.1",
                "aiGenerated": None,
                "sources": ["png:tEXt:parameters"],
                "sha256": "ab" * 32,
                "fileSize": 1234,
                "mimeType": "image/png",
                "warnings": [{"code": "hash-unsupported", "message": "no"}],
                "raw": None,
            },
            "error": None,
        },
        {
            "path": "pics/b.png",
            **dict.fromkeys(("id", "url", "hash", "width", "height", "createdAt", "meta", "extraction")),
            "error": {"type": "UnsupportedFormatError", "message": "not an image"},
        },
    ]


@pytest.mark.parametrize(
    ("key", "value", "column", "other"),
    [
        ("seed", -1, Decimal(-1), []),
        ("seed", 10**38 - 1, Decimal(10**38 - 1), []),
        ("seed", 10**38, None, [("seed", "1" + "0" * 38)]),
        ("seed", "12x", None, [("seed", "12x")]),
        ("steps", 2**63, None, [("steps", "9223372036854775808")]),
        ("steps", True, None, [("steps", "true")]),
        ("cfgScale", 7, 7.0, []),
        ("prompt", "", "", []),
        ("prompt", ["a"], None, [("prompt", '["a"]')]),
    ],
)
def test_what_a_column_cannot_hold_stands_in_other(
    key: str, value: Any, column: Any, other: list[tuple[str, str]]
) -> None:
    meta = rows(found_meta(**{key: value}))[0]["meta"]
    assert (meta[key], meta["other"]) == (column, other)


def test_absent_is_not_empty() -> None:
    assert rows(found(meta=None))[0]["meta"] is None
    assert rows(found_meta())[0]["meta"]["prompt"] is None
    assert rows(found_meta(resources=[]))[0]["meta"]["resources"] == []


def test_a_path_that_is_not_utf8() -> None:
    assert rows(found("caf\udce9.png"))[0]["path"] == "caf\ufffd.png"


@pytest.mark.parametrize("bound", ["_GROUP_ROWS", "_GROUP_CHARACTERS"])
def test_row_groups_are_written_as_they_fill(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(module, bound, 2 if bound == "_GROUP_ROWS" else 600)
    stream = io.BytesIO()
    writer = ParquetWriter(stream)
    sizes = []
    for _ in range(5):
        writer.write(found())
        sizes.append(stream.tell())
    writer.close()
    assert sizes[0] < sizes[1] == sizes[2] < sizes[3] == sizes[4]
    assert parquet.ParquetFile(stream).metadata.num_row_groups == 3
    assert parquet.read_table(stream).num_rows == 5
