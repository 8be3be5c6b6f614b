from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractor.export import open_writer
from extractor.export import parquet as module
from extractor.export.parquet import ParquetWriter
from extractor.scanning.scan import ScanResult
from tests.scanresults import ALL, RECORD, found, found_meta

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
            "baseSampler": "Euler a",
            "meta": {
                "prompt": "a cat, <lora:Fine Hair:0.8>",
                "negativePrompt": "dog",
                "seed": Decimal("18446744073709551615"),
                "steps": 20,
                "cfgScale": 7.5,
                "sampler": "Euler a",
                "scheduler": None,
                "denoise": None,
                "clipSkip": 2.0,
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
                "hashes": [{"key": "model", "value": "0123456789"}],
                "other": [{"key": "Version", "value": "v1.10.1"}],
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
                "contentCredentials": None,
                "models": None,
                "raw": None,
                "stamp": {
                    "size": 1234,
                    "mtimeNs": 5,
                    "etag": None,
                    "extractor": "0.1.0",
                    "hashRevision": None,
                    "options": '{"hash": true}',
                    "foreign": None,
                    "models": None,
                },
            },
            "error": None,
        },
        {
            "path": "pics/b.png",
            **dict.fromkeys(("id", "url", "hash", "width", "height", "createdAt", "baseSampler", "meta", "extraction")),
            "error": {"type": "UnsupportedFormatError", "message": "not an image", "transient": False},
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
        ("clipSkip", 1.3, 1.3, []),
        ("other", {"a": 1}, [{"key": "other", "value": '{"a": 1}'}], [("other", '{"a": 1}')]),
        ("prompt", "", "", []),
        ("prompt", ["a"], None, [("prompt", '["a"]')]),
    ],
)
def test_what_a_column_cannot_hold_stands_in_other(
    key: str, value: Any, column: Any, other: list[tuple[str, str]]
) -> None:
    meta = rows(found_meta(**{key: value}))[0]["meta"]
    assert (meta[key], [(item["key"], item["value"]) for item in meta["other"]]) == (column, other)


def test_stamp_and_content_credentials_are_columns() -> None:
    credentials = {"claimGenerator": "x", "softwareAgents": ["a 1"], "digitalSourceTypes": ["t"], "verified": False}
    stamp = {
        **RECORD["extraction"]["stamp"],
        "foreign": [["a.txt", 3, 4]],
        "hashRevision": 2,
        "models": "0123456789abcdef",
    }
    fill = {"at": "Model", "by": "name", "file": "a.ckpt", "filled": {"Model hash": "0123456789"}}
    (row,) = rows(found(extraction={"contentCredentials": credentials, "stamp": stamp, "models": [fill]}))
    assert row["extraction"]["stamp"]["models"] == "0123456789abcdef"
    assert row["extraction"]["stamp"]["hashRevision"] == 2
    assert row["extraction"]["models"] == [{**fill, "filled": '{"Model hash": "0123456789"}', "replaced": None}]
    assert row["extraction"]["contentCredentials"] == credentials
    assert row["extraction"]["stamp"]["foreign"] == [{"name": "a.txt", "size": 3, "mtimeNs": 4}]


def test_columns_of_an_infotext_are_normal_and_its_words_stay() -> None:
    (row,) = rows(found_meta(sampler="DPM++ 2M", **{"Schedule type": "SGM Uniform", "Denoising strength": "0.4"}))
    assert (row["baseSampler"], row["meta"]["scheduler"], row["meta"]["denoise"]) == ("DPM++ 2M", "sgm_uniform", 0.4)
    assert row["meta"]["other"] == [
        {"key": "Schedule type", "value": "SGM Uniform"},
        {"key": "Denoising strength", "value": "0.4"},
    ]


@pytest.mark.parametrize("reader", ["pandas", "polars", "duckdb", "datasets"])
def test_other_programs_load_it(tmp_path: Path, reader: str) -> None:
    module = pytest.importorskip(reader, reason=f"{reader} is not installed")
    path = tmp_path / "all.parquet"
    with open_writer(path) as writer:
        for result in ALL:
            writer.write(result)
    if reader == "pandas":
        prompts = [meta and meta["prompt"] for meta in module.read_parquet(path)["meta"]]
    elif reader == "polars":
        prompts = module.read_parquet(path)["meta"].struct.field("prompt").to_list()
    elif reader == "duckdb":
        prompts = [row[0] for row in module.sql(f"SELECT meta.prompt FROM '{path}'").fetchall()]
    else:
        loaded = module.load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
        prompts = [row["meta"] and row["meta"]["prompt"] for row in loaded]
    assert prompts == ["a cat, <lora:Fine Hair:0.8>", None]


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
