"""What holds for `extract` and any bytes: a record that is valid JSON of the schema, or an `ExtractorError`."""

from __future__ import annotations

import json
import struct
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from extractor import ExtractorError, ImageRecord, extract
from tests.hostile import jpeg_files, other_files
from tests.readers.exifblocks import comment, text, tiff
from tests.support import IDAT, IEND, SIGNATURE, chunk, ihdr, itext_chunk, text_chunk, ztext_chunk

SCHEMA = json.loads((files("extractor") / "schema" / "civitai-image-schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
MAGIC = (
    SIGNATURE + ihdr(),
    SIGNATURE,
    jpeg_files.picture()[:20],
    b"\xff\xd8\xff",
    b"RIFF\x40\0\0\0WEBP",
    b"GIF89a\1\0\1\0\0\0\0",
    b"BM" + bytes(12) + b"\x28\0\0\0",
    b"II*\0\x08\0\0\0",
    b"MM\0+\0\x08\0\0",
    other_files.FTYP,
    other_files.JXL_HEAD,
    b"\xff\x0a",
    b"\0\0\0\x10ftypisom\0\0\0\0",
    b"\x1a\x45\xdf\xa3",
)
EXAMPLES = settings(deadline=None, derandomize=True, max_examples=150)


def check(data: bytes, *, hash: bool) -> None:
    try:
        record = extract(data, hash=hash, raw=True)
    except ExtractorError as error:
        assert str(error)
        return
    written = record.model_dump_json(by_alias=True, exclude_none=True)
    plain = json.loads(written.encode().decode(), parse_constant=_refuse)
    VALIDATOR.validate(plain)
    assert ImageRecord.model_validate_json(written).model_dump_json(by_alias=True, exclude_none=True) == written
    for text_found in record.extraction.raw or () if record.extraction else ():
        text_found.text.encode()


def _refuse(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@EXAMPLES
@given(st.sampled_from(MAGIC), st.binary(max_size=300), st.booleans())
def test_any_bytes_behind_a_magic(magic: bytes, rest: bytes, hash: bool) -> None:
    check(magic + rest, hash=hash)


@EXAMPLES
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(data, hash=True)


LENGTHS = st.sampled_from([None, 0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
KEYS = st.sampled_from(
    ["parameters", "prompt", "workflow", "Comment", "Software", "Dream", "generation_data", "XML:com.adobe.xmp", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["prompt", "1", "class_type", "inputs", "seed", "steps", "a"]), inner)
    ),
    max_leaves=12,
)
SETTINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["Steps", "Seed", "CFG scale", "Sampler", "Size", "Model", "Model hash", "Hashes", "Own", "prompt"]
        ),
        st.sampled_from(
            ["20", "-1", "1e999", "nan", "9" * 50, "Euler a", "512x512", '"a: b"', '{"a": 1}', "", "\ud800"]
        ),
    ),
    max_size=8,
).map(lambda pairs: "a <lora:b:1>\nNegative prompt: c\n" + ", ".join(f"{key}: {value}" for key, value in pairs))
TEXTS = st.text(max_size=40) | JSON.map(json.dumps) | SETTINGS


def encoded(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


PNG_CHUNKS = st.one_of(
    st.builds(lambda key, value: text_chunk(key, encoded(value)), KEYS, TEXTS),
    st.builds(lambda key, value: ztext_chunk(key, encoded(value)), KEYS, TEXTS),
    st.builds(lambda key, value, zip: itext_chunk(key, encoded(value), compressed=zip), KEYS, TEXTS, st.booleans()),
    st.builds(
        lambda kind, data, length: chunk(kind, data, length=length),
        st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"IHDR", b"IDAT", b"tRNS", b"PLTE", b"caBX", b"abCd"]),
        st.binary(max_size=40),
        LENGTHS,
    ),
    st.builds(lambda value: chunk(b"eXIf", tiff([text(0x010E, encoded(value))])), TEXTS),
)


@EXAMPLES
@given(st.lists(PNG_CHUNKS, max_size=5), st.lists(PNG_CHUNKS, max_size=2), st.booleans())
def test_png_of_any_chunks(before: list[bytes], after: list[bytes], hash: bool) -> None:
    check(SIGNATURE + ihdr() + b"".join(before) + IDAT + b"".join(after) + IEND, hash=hash)


SEGMENTS = st.one_of(
    st.builds(lambda value: jpeg_files.segment(0xFE, encoded(value)), TEXTS),
    st.builds(
        lambda value, order: jpeg_files.app1(tiff([], [comment(encoded(value))], order)), TEXTS, st.sampled_from("<>")
    ),
    st.builds(
        lambda value, order: jpeg_files.app1(tiff([], [comment(b"UNICODE\0" + value.encode(order, "surrogatepass"))])),
        TEXTS,
        st.sampled_from(["utf-16-le", "utf-16-be"]),
    ),
    st.builds(jpeg_files.segment, st.integers(0xC0, 0xFE), st.binary(max_size=40)),
    st.builds(
        lambda number, kind, count, data: jpeg_files.app1(tiff([(number, kind, count, data)])),
        st.integers(0, 0xFFFF),
        st.integers(0, 20),
        st.sampled_from([0, 1, 8, 0xFFFFFFFF]),
        st.binary(max_size=12),
    ),
)


@EXAMPLES
@given(st.lists(SEGMENTS, max_size=5), st.booleans())
def test_jpeg_of_any_segments(segments: list[bytes], hash: bool) -> None:
    check(jpeg_files.jpeg(*segments), hash=hash)


WEBP_CHUNKS = st.one_of(
    st.builds(lambda value: other_files.chunk(b"EXIF", tiff([text(0x010E, encoded(value))])), TEXTS),
    st.builds(lambda value: other_files.chunk(b"XMP ", encoded(value)), TEXTS),
    st.builds(
        lambda kind, length, data: kind + struct.pack("<I", len(data) if length is None else length) + data,
        st.sampled_from([b"EXIF", b"XMP ", b"VP8X", b"VP8L", b"VP8 ", b"ALPH", b"ANMF", b"abcd"]),
        LENGTHS,
        st.binary(max_size=30),
    ),
)


@EXAMPLES
@given(st.lists(WEBP_CHUNKS, max_size=4), st.booleans())
def test_webp_of_any_chunks(chunks: list[bytes], hash: bool) -> None:
    check(other_files.webp(other_files.canvas(), other_files.pixels(), *chunks), hash=hash)


@pytest.mark.parametrize("value", ["\ud800 x", "a\udfffb", "\0", "\x1b[31m"])
def test_texts_that_cannot_be_written_are_replaced(value: str) -> None:
    graph = {"class_type": "CLIPTextEncode", "inputs": {"text": value}}
    sampler = {"class_type": "KSampler", "inputs": {"seed": 1, "positive": ["1", 0]}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}
    data = text_chunk("prompt", json.dumps({"1": graph, "2": sampler, "3": save}))
    check(SIGNATURE + ihdr() + data + IDAT + IEND, hash=False)
