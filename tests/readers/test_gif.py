from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings

from extractor.embedded import C2pa, Carrier, Text
from extractor.errors import CorruptImageError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.gif import read_gif
from tests.readers.boxes import box
from tests.readers.cborbytes import encode
from tests.readers.damage import SparseSource, damaged, survives

FRAME = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
CONTROL = b"!\xf9\4\1\0\0\1\0"
LOOP = b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"


def gif(*blocks: bytes, width: int = 3, height: int = 2, flags: int = 0x80) -> bytes:
    table = bytes(3 << (flags & 7) + 1) if flags & 0x80 else b""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + table + b"".join(blocks)


def chain(data: bytes, step: int = 255) -> bytes:
    pieces = [data[i : i + step] for i in range(0, len(data), step)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def comment(text: bytes, step: int = 255) -> bytes:
    return b"!\xfe" + chain(text, step)


def comments(*values: str) -> list[Text]:
    return [Text("gif", "comment", "", value, Carrier.COMMENT) for value in values]


LONG = "a cat, masterpiece, " * 40

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Draw Things"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
MAGIC = b"\1" + bytes(range(255, -1, -1)) + b"\0"


@pytest.mark.parametrize(
    ("data", "texts", "codes"),
    [
        pytest.param(gif(FRAME, b";"), [], [], id="no-text"),
        pytest.param(gif(comment(b"hello"), FRAME, b";"), ["hello"], [], id="before"),
        pytest.param(gif(FRAME, comment(b"hello"), b";"), ["hello"], [], id="after"),
        pytest.param(gif(LOOP, CONTROL, FRAME, CONTROL, FRAME, comment(b"x"), b";"), ["x"], [], id="animation"),
        pytest.param(gif(comment(b"one"), FRAME, comment(b"two"), b";"), ["one", "two"], [], id="both-in-order"),
        pytest.param(gif(comment(LONG.encode()), b";"), [LONG], [], id="full-blocks"),
        pytest.param(gif(comment(LONG.encode(), 7), b";"), [LONG], [], id="short-blocks"),
        pytest.param(gif(comment("日本語".encode()), b";"), ["日本語"], [], id="utf-8"),
        pytest.param(gif(comment(b"caf\xe9\0"), b";"), ["café"], [], id="latin-1-nul"),
        pytest.param(gif(comment(b""), FRAME, b";"), [], [], id="empty-comment"),
        pytest.param(gif(FRAME, b"\0\0", comment(b"x"), b";"), ["x"], [], id="doubled-terminator"),
        pytest.param(gif(comment(b"x"), FRAME), ["x"], ["truncated"], id="no-trailer"),
        pytest.param(gif(b"!\xfe\xff" + b"A" * 9), ["A" * 9], ["truncated"], id="cut-comment"),
        pytest.param(gif(comment(b"x"), FRAME[:4]), ["x"], ["truncated"], id="cut-descriptor"),
        pytest.param(gif(comment(b"x"), b"?junk"), ["x"], ["container-invalid"], id="unknown-block"),
        pytest.param(gif(FRAME, b";", comment(b"x")), [], [], id="nothing-after-the-trailer"),
    ],
)
def test_comments(data: bytes, texts: list[str], codes: list[str]) -> None:
    log = Ledger()
    embedded = read_gif(BytesSource(data), log)
    assert embedded.texts == comments(*texts)
    assert [warning.code for warning in log.items] == codes
    assert (embedded.container, embedded.mime, embedded.displayed_size) == ("gif", "image/gif", (3, 2))


@pytest.mark.parametrize(
    "block",
    [b"!\xff\x0bXMP DataXMP" + XMP + MAGIC, b"!\xff\x0bXMP DataXMP" + chain(XMP)],
    ids=["as-specified", "in-sub-blocks"],
)
def test_xmp(block: bytes) -> None:
    embedded = read_gif(BytesSource(gif(block, FRAME, comment(b"x"), b";")), Ledger())
    assert [text.value for text in embedded.texts if text.key == "xmp:CreatorTool"] == ["Draw Things"]
    assert embedded.texts[-1] == comments("x")[0]


def test_c2pa() -> None:
    claim = box(b"jumb", box(b"jumd", bytes(16) + b"\3c2pa.claim\0"), box(b"cbor", encode({"claim_generator": "x"})))
    store = box(b"jumb", box(b"jumd", b"c2pa" + bytes(12) + b"\3c2pa\0"), claim)
    data = gif(b"!\xff\x0bC2PA_GIF\1\0\0" + chain(store, 50), FRAME, b";")
    assert read_gif(BytesSource(data), Ledger()).c2pa == C2pa("x")


def test_first_frame_enlarges_the_screen() -> None:
    frame = b"," + struct.pack("<HHHHB", 10, 20, 30, 40, 0) + b"\2" + chain(b"D\1")
    embedded = read_gif(BytesSource(gif(frame, FRAME, b";")), Ledger())
    assert (embedded.width, embedded.height) == (40, 60)


def test_decoder_gets_the_first_frame_only() -> None:
    data = gif(comment(b"x" * 999), CONTROL, comment(b"y"), FRAME, CONTROL, FRAME, b";")
    embedded = read_gif(BytesSource(data), Ledger())
    assert embedded.pixel_ranges is not None
    assert b"".join(data[o : o + n] for o, n in embedded.pixel_ranges) == gif(CONTROL, FRAME)


def test_header_cut() -> None:
    with pytest.raises(CorruptImageError, match="logical screen descriptor"):
        read_gif(BytesSource(b"GIF89a\1\0\1\0"), Ledger())


@pytest.mark.parametrize(
    ("data", "limits", "code", "texts"),
    [
        (gif(comment(b"abcdef"), b";"), Limits(text_bytes=5), "limit:text_bytes", ["abcd"]),
        (
            gif(comment(b"abc"), comment(b"def"), b";"),
            Limits(text_total_bytes=7),
            "limit:text_total_bytes",
            ["abc", "d"],
        ),
        (gif(comment(b"a"), comment(b"b"), b";"), Limits(chunks=1), "limit:chunks", ["a"]),
        (gif(comment(b"abcdef" * 500, 2), comment(b"x"), b";"), Limits(sub_blocks=9), "limit:sub_blocks", []),
        (gif(FRAME, bytes(99), comment(b"x"), b";"), Limits(junk_bytes=50), "limit:junk_bytes", []),
        (gif(FRAME[:11], chain(b"D" * 9999), b";"), Limits(skip_bytes=99), "limit:skip_bytes", []),
    ],
)
def test_limits(data: bytes, limits: Limits, code: str, texts: list[str]) -> None:
    log = Ledger(limits)
    embedded = read_gif(BytesSource(data), log)
    assert code in [warning.code for warning in log.items]
    assert [text.value for text in embedded.texts][: len(texts)] == texts


def test_zeros_cost_nothing() -> None:
    source = SparseSource(gif(), 1 << 30)
    log = Ledger()
    read_gif(source, log)
    assert source.read < 2 << 20
    assert [warning.code for warning in log.items] == ["limit:junk_bytes"]


def test_full_sub_blocks_are_stepped_over_in_runs() -> None:
    log = Ledger(Limits(sub_blocks=100))
    data = gif(FRAME[:11], (b"\xff" + b"D" * 255) * 4000 + b"\0", comment(b"x"), b";")
    assert read_gif(BytesSource(data), log).texts == comments("x")
    assert log.items == []


SEEDS = {
    "comment": gif(LOOP, comment(LONG.encode(), 100), CONTROL, FRAME, comment(b"x"), b";"),
    "xmp": gif(b"!\xff\x0bXMP DataXMP" + XMP + MAGIC, FRAME, b";"),
}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_any_bytes(data: bytes) -> None:
    survives(read_gif, data)
