from __future__ import annotations

import pytest

from extractor.containers.gif import (
    COMMENT,
    EXTENSION,
    FRAME,
    GRAPHIC_CONTROL,
    TRAILER,
    Block,
    application,
    join,
    read_screen,
    walk,
    xmp_packet,
)
from extractor.errors import CorruptImageError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits

SCREEN = b"GIF89a\x04\0\x03\0\x80\0\0" + bytes(6)
CONTROL = b"!\xf9\x04\0\0\0\0\0"
FRAME_BLOCK = b",\1\0\2\0\3\0\4\0\0" + b"\x02\x02ab\0"
COMMENT_BLOCK = b"!\xfe\x05hello\0"


def walked(blocks: bytes, limits: Limits | None = None) -> tuple[list[Block], list[str]]:
    log = Ledger(limits or Limits())
    return list(walk(BytesSource(SCREEN + blocks), len(SCREEN), log)), [warning.code for warning in log.items]


def test_screen() -> None:
    assert read_screen(BytesSource(SCREEN)) == (4, 3, len(SCREEN))
    with pytest.raises(CorruptImageError):
        read_screen(BytesSource(SCREEN[:12]))


def test_every_byte_is_in_one_piece() -> None:
    data = CONTROL + FRAME_BLOCK + COMMENT_BLOCK + b";"
    blocks, codes = walked(data)
    assert [(block.introducer, block.label) for block in blocks] == [
        (EXTENSION, GRAPHIC_CONTROL),
        (FRAME, 0),
        (EXTENSION, COMMENT),
        (TRAILER, 0),
    ]
    assert b"".join((SCREEN + data)[block.offset : block.end] for block in blocks) == data
    assert blocks[1].box == (1, 2, 3, 4)
    assert codes == []


@pytest.mark.parametrize(
    ("data", "count", "codes"),
    [
        pytest.param(COMMENT_BLOCK, 1, ["truncated"], id="no trailer"),
        pytest.param(b"\0\0\0" + COMMENT_BLOCK + b";", 2, [], id="padding"),
        pytest.param(b"?" + COMMENT_BLOCK + b";", 0, ["container-invalid"], id="an unknown block"),
        pytest.param(COMMENT_BLOCK[:-3], 1, ["truncated"], id="cut off"),
        pytest.param(FRAME_BLOCK[:6], 0, ["truncated"], id="cut in a frame's head"),
    ],
)
def test_damage(data: bytes, count: int, codes: list[str]) -> None:
    blocks, warnings = walked(data)
    assert len(blocks) == count
    assert warnings == codes


@pytest.mark.parametrize(
    ("limits", "data", "code"),
    [
        (Limits(chunks=1), COMMENT_BLOCK * 2, "limit:chunks"),
        (Limits(junk_bytes=4), bytes(5) + b";", "limit:junk_bytes"),
        (Limits(skip_bytes=1000), b"!\xfe" + (b"\xff" + bytes(255)) * 1000 + b"\0;", "limit:skip_bytes"),
        (Limits(sub_blocks=10), b"!\xfe" + b"\x01a" * 1000 + b"\0;", "limit:sub_blocks"),
    ],
)
def test_limits(limits: Limits, data: bytes, code: str) -> None:
    assert walked(data, limits)[1] == [code]


def test_chains() -> None:
    assert join(b"\3abc\1d\0ignored") == b"abcd"
    assert join(b"\5cut") == b"cut"
    data = b"!\xff\x0bXMP DataXMP<x/>" + b"\0"
    name, body = application(BytesSource(data), Block(EXTENSION, 0xFF, 0, len(data)))
    assert (name, data[body:]) == (b"XMP DataXMP", b"<x/>\0")


def test_xmp_packets() -> None:
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    assert xmp_packet(b"<x/>" + trailer) == b"<x/>"
    assert xmp_packet(b"\x04<x/>\0") == b"<x/>"
    assert xmp_packet(b"<x/>") == b"<x/>"
