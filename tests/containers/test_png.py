from __future__ import annotations

import pytest

from extractor.containers.png import Chunk, Header, TextData, make_chunk, parse_header, parse_text, walk
from extractor.files.bytesource import BytesSource
from extractor.files.window import Window
from extractor.ledger import Ledger
from extractor.limits import Limits
from tests.readers.damage import SparseSource
from tests.support import IDAT, IEND, SIGNATURE, chunk, ihdr, png, text_chunk

TEXT = text_chunk("a", "b")


def walked(data: bytes, limits: Limits | None = None) -> tuple[list[Chunk], list[str]]:
    log = Ledger(limits or Limits())
    return list(walk(Window(BytesSource(data)), log)), [warning.code for warning in log.items]


def test_every_byte_is_in_one_piece() -> None:
    data = png(TEXT, TEXT) + TEXT
    chunks, codes = walked(data)
    assert [piece.kind for piece in chunks] == [b"IHDR", b"tEXt", b"IDAT", b"tEXt", b"IEND", b"tEXt"]
    assert b"".join(data[piece.offset : piece.end] for piece in chunks) == data[len(SIGNATURE) :]
    assert [data[piece.data : piece.data + piece.length] for piece in chunks if piece.kind == b"tEXt"] == [b"a\0b"] * 3
    assert codes == []


def test_a_run_of_pixels_is_one_piece() -> None:
    run, last = chunk(b"IDAT", b"12345678") * 300, chunk(b"IDAT", b"123")
    chunks, codes = walked(SIGNATURE + ihdr() + run + last + IEND)
    pixels = [piece for piece in chunks if piece.kind == b"IDAT"]
    assert pixels == [
        Chunk(b"IDAT", 33, 8, 33 + len(run)),
        Chunk(b"IDAT", 33 + len(run), 3, 33 + len(run) + len(last)),
    ]
    assert codes == []


def test_a_run_costs_few_looks() -> None:
    one = chunk(b"IDAT", bytes(8192))
    run = one * 1000
    source = SparseSource(SIGNATURE + ihdr() + run + IEND, len(SIGNATURE + ihdr() + run + IEND))
    assert len(list(walk(Window(source), Ledger()))) == 3
    assert source.calls < 40


@pytest.mark.parametrize(
    ("data", "kinds", "codes"),
    [
        pytest.param(png() + b"\0\0\0\1junk behind", [b"IHDR", b"IDAT", b"IEND"], ["trailing-data"], id="letters"),
        pytest.param(
            png() + b"\0\0\0\1a\0\0\0 behind", [b"IHDR", b"IDAT", b"IEND"], ["trailing-data"], id="no letters"
        ),
        pytest.param(
            png() + chunk(b"tEXt", b"a\0b"), [b"IHDR", b"IDAT", b"IEND", b"tEXt"], [], id="a text behind the end"
        ),
        pytest.param(png()[:-12], [b"IHDR", b"IDAT"], ["truncated"], id="no IEND"),
        pytest.param(png()[:-16], [b"IHDR", b"IDAT"], ["truncated"], id="cut in IDAT"),
        pytest.param(SIGNATURE + b"\0\0", [], ["truncated"], id="cut in a header"),
    ],
)
def test_ends(data: bytes, kinds: list[bytes], codes: list[str]) -> None:
    chunks, warnings = walked(data)
    assert [piece.kind for piece in chunks] == kinds
    assert warnings == codes


@pytest.mark.parametrize(
    ("limits", "kinds", "code"),
    [
        (Limits(chunks=2), [b"IHDR", b"tEXt"], "limit:chunks"),
        (Limits(pixel_chunks=0), [b"IHDR", b"tEXt", b"tEXt", b"IDAT"], "limit:pixel_chunks"),
    ],
)
def test_limits(limits: Limits, kinds: list[bytes], code: str) -> None:
    chunks, codes = walked(png(TEXT + TEXT), limits)
    assert [piece.kind for piece in chunks] == kinds
    assert code in codes


def test_chunks_are_made_as_they_are_read() -> None:
    assert make_chunk(b"tEXt", b"a\0b") == TEXT
    assert make_chunk(b"IEND", b"") == IEND
    assert make_chunk(b"IDAT", IDAT[8:-4]) == IDAT


@pytest.mark.parametrize(
    ("kind", "data", "fields"),
    [
        (b"tEXt", b"key\0text\0more", TextData(b"key", b"text\0more")),
        (b"tEXt", b"key", None),
        (b"zTXt", b"key\0\0zip", TextData(b"key", b"zip", compressed=True)),
        (b"zTXt", b"key\0\1zip", None),
        (b"iTXt", b"key\0\0\0en\0Key\0text", TextData(b"key", b"text")),
        (b"iTXt", b"key\0\1\0\0\0zip", TextData(b"key", b"zip", compressed=True)),
        (b"iTXt", b"key\0\1\1\0\0zip", None),
        (b"iTXt", b"key\0\2\0\0\0text", None),
        (b"iTXt", b"key\0\0\0en\0Key", None),
    ],
)
def test_text(kind: bytes, data: bytes, fields: TextData | None) -> None:
    assert parse_text(kind, data) == fields


def test_header() -> None:
    assert parse_header(ihdr(3, 2, 16, 6)[8:-4]) == Header(3, 2, 16, 6)
    assert parse_header(b"\0\0\0\1\0\0\0\1\x08") is None
    assert Header(1, 1, 16, 6).is_valid
    assert not Header(1, 1, 4, 6).is_valid
    assert Header(1, 1, 8, 4).has_alpha
    assert not Header(1, 1, 8, 3).has_alpha
