from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.embedded import Embedded
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.blocks.iptc import read_iptc, read_photoshop


def dataset(number: int, data: bytes, record: int = 2) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(data)) + data


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    padded_name = bytes((len(name),)) + name + (b"" if len(name) % 2 else b"\0")
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + padded_name
        + struct.pack(">I", len(data))
        + data
        + b"\0" * (len(data) % 2)
    )


CAPTION = dataset(120, "日本".encode())
FOUND = [("Caption-Abstract", "日本")]


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(b"", [], [], id="nothing"),
        pytest.param(dataset(90, b"\x1b%G", record=1) + CAPTION, FOUND, [], id="caption"),
        pytest.param(
            dataset(25, b"a") + dataset(25, b"b") + dataset(40, b"caf\xe9"),
            [("Keywords", "a"), ("Keywords", "b"), ("SpecialInstructions", "café")],
            [],
            id="repeated datasets",
        ),
        pytest.param(dataset(200, b"x") + dataset(120, b"") + CAPTION, FOUND, [], id="unknown and empty ones"),
        pytest.param(b"\x1c\2\x78\x80\4\0\0\0\6" + "日本".encode(), FOUND, [], id="extended length"),
        pytest.param(b"\x1c\2\x78\xff\xff", [], ["truncated"], id="length of a length past the end"),
        pytest.param(CAPTION[:-3], [("Caption-Abstract", "日")], ["truncated"], id="cut"),
        pytest.param(CAPTION + b"junk and more", FOUND, [], id="junk after"),
    ],
)
def test_datasets(data: bytes, found: list[tuple[str, str]], codes: list[str]) -> None:
    embedded, log = Embedded("jpeg", "image/jpeg"), Ledger()
    read_iptc(data, embedded, log)
    assert [(text.key, text.value) for text in embedded.texts] == found
    assert [warning.code for warning in log.items] == codes


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (resource(0x0404, CAPTION), FOUND),
        (resource(0x03ED, b"odd") + resource(0x0404, CAPTION, b"name") + resource(0x0404, b""), FOUND),
        (resource(0x0404, CAPTION, b"odd"), FOUND),
        (b"JUNK" + resource(0x0404, CAPTION), []),
        (b"8BIM\4\4\xff\xff\xff\xff\xff\xff", []),
    ],
)
def test_photoshop_resources(data: bytes, found: list[tuple[str, str]]) -> None:
    embedded = Embedded("jpeg", "image/jpeg")
    read_photoshop(data, embedded, Ledger())
    assert [(text.key, text.value) for text in embedded.texts] == found


def test_no_more_than_the_limit() -> None:
    embedded = Embedded("jpeg", "image/jpeg")
    read_iptc(dataset(25, b"a") * 5, embedded, Ledger(Limits(chunks=3)))
    assert len(embedded.texts) == 3


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    for start in (b"", CAPTION, b"\x1c\2\x78", b"8BIM\4\4\0\0"):
        read_iptc(start + data, Embedded("jpeg", "image/jpeg"), Ledger())
        read_photoshop(start + data, Embedded("jpeg", "image/jpeg"), Ledger())
