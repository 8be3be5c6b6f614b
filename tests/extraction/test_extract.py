from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extractor import (
    CorruptImageError,
    ExtractorError,
    FileAccessError,
    ImageRecord,
    UnsupportedFormatError,
    extract,
)
from extractor.extraction.identity import record_id
from tests.extraction.records import META, PARAMETERS, PICTURE, codes, without_place
from tests.support import INFOTEXT, ROOT, chunk, ihdr, png, text_chunk

SHA256 = hashlib.sha256(PICTURE).hexdigest()
SCHEMA = json.loads((ROOT / "extractor" / "schema" / "civitai-image-schema.json").read_text())


def test_the_whole_record_of_a_path(picture: Path) -> None:
    record = extract(picture)
    url = f"file://{picture.parent}/a%20b.png"
    assert record.model_dump(by_alias=True, exclude_none=True) == {
        "id": record_id(url),
        "url": url,
        "hash": record.hash,
        "width": 1,
        "height": 1,
        "createdAt": "2023-11-14T22:13:20.123Z",
        "meta": META,
        "extraction": {
            "generator": "a1111",
            "sources": ["png:tEXt:parameters"],
            "sha256": SHA256,
            "fileSize": len(PICTURE),
            "mimeType": "image/png",
            "stamp": {
                "size": len(PICTURE),
                "mtimeNs": 1_700_000_000_123_456_789,
                "extractor": "0.1.0",
                "hashRevision": 1,
                "options": {"hash": "bilinear", "raw": False, "foreignSidecars": True},
            },
        },
    }
    assert record.hash is not None
    assert len(record.hash) == 36
    jsonschema.validate(record.to_civitai(), SCHEMA, format_checker=jsonschema.FormatChecker())
    assert ImageRecord.model_validate_json(record.model_dump_json(by_alias=True, exclude_none=True)) == record


def test_same_bytes_same_record_however_they_come(picture: Path) -> None:
    expected = without_place(extract(picture))
    stream = io.BytesIO(PICTURE)
    stream.seek(7)
    with picture.open("rb") as file:
        for source in (str(picture), PICTURE, bytearray(PICTURE), memoryview(PICTURE), stream, file):
            assert without_place(extract(source)) == expected
    assert stream.tell() == 7


def test_without_pixels_there_is_no_hash_and_no_digest(picture: Path) -> None:
    record = extract(picture, hash=False)
    assert (record.hash, record.extraction.sha256 if record.extraction else "") == (None, None)
    assert record.to_civitai()["meta"] == META


def test_bytes_have_a_name_by_their_content() -> None:
    for hash_wanted in (True, False):
        record = extract(PICTURE, hash=hash_wanted)
        assert record.url == f"urn:sha256:{SHA256}"
        assert record.id == record_id(f"urn:sha256:{SHA256}")
        assert record.created_at is None


def test_the_caller_may_say_url_and_id(picture: Path) -> None:
    assert extract(picture, url="https://x.test/1", hash=False).id == record_id("https://x.test/1")
    assert extract(picture, id=0, hash=False).id == 0
    assert extract(picture, base_url="https://x.test/i/", hash=False).url == "https://x.test/i/a%20b.png"
    assert extract(picture, base_url="https://x.test/i", url="u:", hash=False).url == "u:"


def test_raw_keeps_every_text() -> None:
    record = extract(
        png(PARAMETERS + text_chunk("Title", "x\udcff".encode("utf-8", "surrogatepass"))), raw=True, hash=False
    )
    assert record.extraction is not None
    assert [(text.source, text.text) for text in record.extraction.raw or []] == [
        ("png:tEXt:parameters", INFOTEXT),
        ("png:tEXt:Title", "x\xed\xb3\xbf"),
    ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnsupportedFormatError),
        (b"\xff", UnsupportedFormatError),
        (b"<!DOCTYPE html><html>404</html>", UnsupportedFormatError),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", UnsupportedFormatError),
        (b"BMW is a car maker", UnsupportedFormatError),
        (b"II am a text file", UnsupportedFormatError),
        (b"RIFF\x04\0\0\0WAVE", UnsupportedFormatError),
        (b"\x89PNG\r\n\x1a\n", CorruptImageError),
        (b"\xff\xd8 and then nothing of use", CorruptImageError),
    ],
)
def test_what_is_no_picture_is_an_error(data: bytes, error: type[ExtractorError]) -> None:
    for hash_wanted in (True, False):
        with pytest.raises(error) as caught:
            extract(data, hash=hash_wanted)
        assert str(caught.value)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), os.mkfifo])
def test_paths_that_are_no_files(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "x.png"
    make(path)
    with pytest.raises(FileAccessError) as caught:
        extract(path)
    assert isinstance(caught.value, OSError)


@pytest.mark.parametrize(
    ("data", "size", "expected"),
    [
        (png(PARAMETERS)[:-30], (1, 1), ["truncated", "pixels-undecodable"]),
        (png(PARAMETERS, header=ihdr(0, 1)), (0, 1), ["pixels-undecodable", "no-dimensions"]),
        (png(PARAMETERS, header=ihdr(60000, 60000)), (60000, 60000), ["limit:pixels"]),
        (png(PARAMETERS, pixels=chunk(b"IDAT", b"garbage")), (1, 1), ["pixels-undecodable"]),
    ],
)
def test_damaged_pictures_still_give_their_texts(data: bytes, size: tuple[int, int], expected: list[str]) -> None:
    record = extract(data)
    assert record.to_civitai()["meta"] == META
    assert (record.width, record.height) == size
    assert record.hash is None
    assert codes(record) == expected
    assert record.extraction is not None
    assert record.extraction.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_that_changes_meanwhile_is_told(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = sys.modules["extractor.extraction.extract"]
    real = target.find

    def find(*arguments: Any) -> Any:
        with picture.open("ab") as file:
            file.write(b"more")
        return real(*arguments)

    monkeypatch.setattr(target, "find", find)
    assert codes(extract(picture, hash=False)) == ["changed-while-read"]


@pytest.mark.parametrize(
    ("name", "text", "prompt"),
    [
        ("a b.txt", INFOTEXT.replace("a cat", "from text"), "from text"),
        ("a b.txt", "a caption of a training set, 1girl", None),
        ("a b.png.txt", INFOTEXT, None),
        ("A b.txt", INFOTEXT, None),
    ],
)
def test_sidecars_of_other_tools_count_last(tmp_path: Path, name: str, text: str, prompt: str | None) -> None:
    path = tmp_path / "a b.png"
    path.write_bytes(png())
    (tmp_path / name).write_text(text)
    record = extract(path, hash=False)
    assert (record.meta.prompt if record.meta else None) == prompt
    assert extract(path, hash=False, foreign_sidecars=False).meta is None
    path.write_bytes(PICTURE)
    embedded = extract(path, hash=False)
    assert embedded.meta is not None
    assert embedded.meta.prompt == "a cat"


def test_dates_come_from_the_file_first() -> None:
    text = INFOTEXT + ", Created Date: 2024-05-01T12:00:00.5+09:00"
    assert extract(png(text_chunk("parameters", text)), hash=False).created_at == "2024-05-01T03:00:00.500Z"
    text = INFOTEXT + ", Created Date: 2024-05-01T12:00:00"
    assert extract(png(text_chunk("parameters", text)), hash=False).created_at is None


def test_threads_do_not_disturb_each_other() -> None:
    pictures = [png(text_chunk("parameters", INFOTEXT.replace("Seed: 1", f"Seed: {n}"))) for n in range(40)]
    seeds: dict[int, int | None] = {}

    def work(start: int) -> None:
        for number in range(start, 40, 4):
            meta = extract(pictures[number]).meta
            seeds[number] = meta.seed if meta else None

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seeds == {number: number for number in range(40)}
