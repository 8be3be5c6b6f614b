from __future__ import annotations

import struct

import pytest

from extractor.containers.riff import Chunk, Picture, RiffWalk, parse_picture
from extractor.files.bytesource import BytesSource
from extractor.files.window import Window
from extractor.ledger import Ledger
from extractor.limits import Limits


def chunk(kind: bytes, data: bytes, *, pad: bool = True) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1 and pad)


def webp(*chunks: bytes, extra: int = 0) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) + extra) + body


def walked(data: bytes, limits: Limits | None = None) -> tuple[list[Chunk], bool, list[str]]:
    log = Ledger(limits or Limits())
    walk = RiffWalk(Window(BytesSource(data)), log)
    return list(walk.chunks()), walk.is_whole, [warning.code for warning in log.items]


def test_every_byte_is_in_one_piece() -> None:
    data = webp(chunk(b"VP8 ", b"odd"), chunk(b"EXIF", b"even"))
    chunks, is_whole, codes = walked(data)
    assert chunks == [Chunk(b"VP8 ", 12, 3, 24), Chunk(b"EXIF", 24, 4, 36)]
    assert b"".join(data[piece.offset : piece.end] for piece in chunks) == data[12:]
    assert data[chunks[1].data : chunks[1].data + chunks[1].length] == b"even"
    assert is_whole
    assert codes == []


@pytest.mark.parametrize(
    ("data", "pieces", "codes"),
    [
        pytest.param(
            webp(chunk(b"ICCP", b"odd", pad=False), chunk(b"VP8 ", b"even")),
            [Chunk(b"ICCP", 12, 3, 23), Chunk(b"VP8 ", 23, 4, 35)],
            [],
            id="forgotten padding",
        ),
        pytest.param(webp(chunk(b"VP8 ", b"even"), extra=40), [Chunk(b"VP8 ", 12, 4, 24)], ["riff-size"], id="size"),
        pytest.param(webp(b"VP8 \xff\0\0\0ab"), [Chunk(b"VP8 ", 12, 2, 276)], ["truncated"], id="cut off"),
        pytest.param(webp(), [], [], id="nothing"),
    ],
)
def test_damage(data: bytes, pieces: list[Chunk], codes: list[str]) -> None:
    chunks, is_whole, warnings = walked(data)
    assert chunks == pieces
    assert is_whole
    assert warnings == codes


def test_limits() -> None:
    chunks, is_whole, codes = walked(webp(chunk(b"VP8 ", b"ab") * 3), Limits(chunks=2))
    assert len(chunks) == 2
    assert not is_whole
    assert codes == ["limit:chunks"]


@pytest.mark.parametrize(
    ("kind", "head", "picture"),
    [
        (b"VP8X", b"\x10\0\0\0\x02\0\0\x01\0\0", Picture(3, 2, True)),
        (b"VP8X", b"\x0c\0\0\0\xff\xff\xff\xff\xff\xff", Picture(1 << 24, 1 << 24, False)),
        (b"VP8X", b"\x10\0\0\0\x02\0\0\x01\0", None),
        (b"VP8 ", b"\0\0\0\x9d\x01\x2a\x03\x40\x02\x80", Picture(3, 2, False)),
        (b"VP8 ", b"\0\0\0\x9d\x01\x2b\x03\x40\x02\x80", None),
        (b"VP8L", b"\x2f" + ((1 << 28) | (1 << 14) | 2).to_bytes(4, "little"), Picture(3, 2, True)),
        (b"VP8L", b"\x2e\0\0\0\0", None),
        (b"ALPH", bytes(16), None),
    ],
)
def test_pictures(kind: bytes, head: bytes, picture: Picture | None) -> None:
    assert parse_picture(kind, head) == picture
