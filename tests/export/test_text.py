from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.export.text import CsvWriter, JsonLinesWriter, JsonWriter
from extractor.rows.base import RowWriter
from extractor.scanning.scan import ScanResult
from tests.scanresults import ALL, FAILED, found, found_meta

ROW = (
    '{"path":"pics/a.png","id":7,"url":"https://example.org/a.png","hash":"U00000","width":512,"height":768,'
    '"createdAt":"2024-05-01T03:00:00.000Z","meta":{"prompt":"a cat, <lora:Fine Hair:0.8>","negativePrompt":"dog",'
    '"seed":18446744073709551615,"steps":20,"cfgScale":7.5,"sampler":"Euler a","Model":"real",'
    '"Model hash":"0123456789","resources":[{"name":"Fine Hair","type":"lora","weight":0.8},{"name":"real",'
    '"type":"model","hash":"0123456789"}],"clipSkip":2,"Size":"512x768","hashes":{"model":"0123456789"},'
    '"Version":"v1.10.1"},"extraction":{"generator":"a1111","version":"v1.10.1","sources":["png:tEXt:parameters"],'
    '"sha256":"abababababababababababababababababababababababababababababababab","fileSize":1234,'
    '"mimeType":"image/png","warnings":[{"code":"hash-unsupported","message":"no"}],"stamp":{"size":1234,"mtimeNs":5,'
    '"extractor":"0.1.0","options":{"hash":true}}}}'
)
FAILED_ROW = '{"path":"pics/b.png","error":{"type":"UnsupportedFormatError","message":"not an image"}}'


def written(make: Callable[[BinaryIO], RowWriter], *results: ScanResult) -> str:
    stream = io.BytesIO()
    writer = make(stream)
    for result in results:
        writer.write(result)
    writer.close()
    return stream.getvalue().decode()


def cells(*results: ScanResult) -> dict[str, str]:
    rows = list(csv.reader(io.StringIO(written(CsvWriter, *results), newline="")))
    return dict(zip(rows[0], rows[1], strict=True))


@pytest.mark.parametrize(
    ("make", "text"),
    [(JsonLinesWriter, f"{ROW}\n{FAILED_ROW}\n"), (JsonWriter, f"[\n{ROW},\n{FAILED_ROW}\n]\n")],
)
def test_rows_of_records_and_failures(make: Callable[[BinaryIO], RowWriter], text: str) -> None:
    assert written(make, *ALL) == text


@pytest.mark.parametrize(("make", "text"), [(JsonLinesWriter, ""), (JsonWriter, "[]\n")])
def test_no_rows(make: Callable[[BinaryIO], RowWriter], text: str) -> None:
    assert written(make) == text


def test_a_csv_row_has_every_field_once() -> None:
    assert cells(found()) == {
        "path": "pics/a.png",
        "url": "https://example.org/a.png",
        "id": "7",
        "width": "512",
        "height": "768",
        "hash": "U00000",
        "createdAt": "2024-05-01T03:00:00.000Z",
        "generator": "a1111",
        "generatorVersion": "v1.10.1",
        "prompt": "a cat, <lora:Fine Hair:0.8>",
        "negativePrompt": "dog",
        "seed": "18446744073709551615",
        "steps": "20",
        "cfgScale": "7.5",
        "sampler": "Euler a",
        "baseSampler": "Euler a",
        "scheduler": "",
        "denoise": "",
        "clipSkip": "2",
        "Size": "512x768",
        "Model": "real",
        "Model hash": "0123456789",
        "VAE": "",
        "resources": '[{"name": "Fine Hair", "type": "lora", "weight": 0.8}, '
        '{"name": "real", "type": "model", "hash": "0123456789"}]',
        "hashes": '{"model": "0123456789"}',
        "civitaiResources": "",
        "characterPrompts": "",
        "extra": "",
        "otherMeta": '{"Version": "v1.10.1"}',
        "aiGenerated": "",
        "sources": '["png:tEXt:parameters"]',
        "warnings": '[{"code": "hash-unsupported", "message": "no"}]',
        "sha256": "ab" * 32,
        "fileSize": "1234",
        "mimeType": "image/png",
        "errorType": "",
        "errorMessage": "",
    }


def test_a_csv_row_of_a_failure() -> None:
    row = cells(FAILED)
    assert {key: value for key, value in row.items() if value} == {
        "path": "pics/b.png",
        "errorType": "UnsupportedFormatError",
        "errorMessage": "not an image",
    }


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        (" =1", " =1"),
        ("a=1", "a=1"),
        ("'quoted'", "'quoted'"),
        ('a "b", c\r\nd', 'a "b", c\r\nd'),
        ("", ""),
    ],
)
def test_text_never_becomes_a_formula(value: str, cell: str) -> None:
    assert cells(found_meta(prompt=value))["prompt"] == cell
    assert cells(found(path=value or "a"))["path"] == (cell or "a")


def test_numbers_stay_numbers() -> None:
    row = written(CsvWriter, found_meta(seed=-1, cfgScale=-0.5, denoise=1)).splitlines()[1]
    assert ",-1,,-0.5,,,,1," in row


@pytest.mark.parametrize("make", [JsonLinesWriter, JsonWriter, CsvWriter])
@given(
    st.text(st.characters(codec=None), min_size=1, max_size=20),
    st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.none(), max_size=4),
)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_any_row_can_be_read_back(make: Callable[[BinaryIO], RowWriter], path: str, other: dict[str, object]) -> None:
    result = found_meta(path, prompt=path.encode("utf-8", "replace").decode(), **other)
    text = written(make, result, FAILED)
    if make is CsvWriter:
        rows = list(csv.DictReader(io.StringIO(text.replace("\0", ""), newline="")))
        assert len(rows) == 2
        assert not any(str(row["path"]).startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)
    else:
        rows = json.loads(text) if make is JsonWriter else [json.loads(line) for line in text.split("\n")[:-1]]
        assert [row["path"] for row in rows] == [path, "pics/b.png"]
