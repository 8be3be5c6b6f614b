from __future__ import annotations

import pytest
from hypothesis import given, settings

from extractor.embedded import Carrier, Text
from extractor.errors import CorruptImageError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.webm import read_webm
from tests.readers.damage import SparseSource, damaged, survives

UNKNOWN = b"\x01" + b"\xff" * 7
EBML, SEGMENT, SEEK_HEAD, INFO = "1a45dfa3", "18538067", "114d9b74", "1549a966"
TRACKS, CLUSTER, TAGS, CUES = "1654ae6b", "1f43b675", "1254c367", "1c53bb6b"


def element(number: str, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return bytes.fromhex(number) + (0x10000000 | len(data)).to_bytes(4, "big") + data


def unsized(number: str, *parts: bytes) -> bytes:
    return bytes.fromhex(number) + UNKNOWN + b"".join(parts)


def simple(name: bytes, value: bytes, *inner: bytes) -> bytes:
    return element("67c8", element("45a3", name), element("4487", value), *inner)


def tags(*simples: bytes) -> bytes:
    return element(TAGS, element("7373", element("63c0"), *simples))


def seek(target: str, position: int) -> bytes:
    return element("4dbb", element("53ab", bytes.fromhex(target)), element("53ac", position.to_bytes(4, "big")))


def track(*video: bytes, kind: int = 1) -> bytes:
    return element("ae", element("d7", b"\1"), element("83", bytes([kind])), element("e0", *video))


HEAD = element(EBML, element("4286", b"\1"), element("4282", b"webm\0"))
SIZE = element("b0", b"\x02\x80") + element("ba", b"\x01\xe0")
VIDEO = element(TRACKS, track(SIZE))
CLUSTERS = element(CLUSTER, element("e7", b"\0"), element("a3", b"x" * 500)) * 3
LIVE = unsized(CLUSTER, element("e7", b"\0"), element("a3", b"x" * 500), element("a0", b"y")) * 3
COMMENT = tags(simple(b"COMMENT", b"a cat"))


def with_seek_head(*parts: bytes) -> bytes:
    """The seek head points to the last of the parts, which follow it."""
    length = len(element(SEEK_HEAD, seek(TAGS, 0)))
    return element(SEEK_HEAD, seek(TAGS, length + sum(map(len, parts[:-1])))) + b"".join(parts)


def found(**texts: str) -> list[Text]:
    return [Text("webm", "SimpleTag", key, value, Carrier.CHUNK) for key, value in texts.items()]


@pytest.mark.parametrize(
    ("segment", "texts"),
    [
        pytest.param(VIDEO + CLUSTERS, [], id="no-tags"),
        pytest.param(VIDEO + COMMENT + CLUSTERS, found(comment="a cat"), id="tags-before"),
        pytest.param(VIDEO + CLUSTERS + COMMENT, found(comment="a cat"), id="tags-behind"),
        pytest.param(VIDEO + LIVE + COMMENT, found(comment="a cat"), id="tags-behind-unsized"),
        pytest.param(with_seek_head(VIDEO, CLUSTERS, COMMENT), found(comment="a cat"), id="tags-announced"),
        pytest.param(with_seek_head(VIDEO, COMMENT) + CLUSTERS, found(comment="a cat"), id="announced-and-met"),
        pytest.param(
            with_seek_head(VIDEO, unsized(CLUSTER, b"\0" * 20), COMMENT),
            found(comment="a cat"),
            id="announced-behind-faults",
        ),
        pytest.param(
            element(SEEK_HEAD, element("bf", b"\0crc")) + VIDEO + CLUSTERS + COMMENT,
            found(comment="a cat"),
            id="checksum",
        ),
        pytest.param(
            VIDEO + tags(simple(b"PROMPT", b"{}"), simple(b"Workflow", "日本".encode()), simple(b"EMPTY", b"")),
            found(prompt="{}", workflow="日本"),
            id="several",
        ),
        pytest.param(
            VIDEO + tags(simple(b"ARTIST", b"me", simple(b"INSTRUMENTS", b"brush", simple(b"x", b"y")))),
            found(artist="me", instruments="brush", x="y"),
            id="nested",
        ),
        pytest.param(
            VIDEO + tags(element("67c8", element("4487", b"a cat\0"), element("45a3", b"COMMENT"))),
            found(comment="a cat"),
            id="value-before-name",
        ),
        pytest.param(VIDEO + COMMENT + COMMENT, found(comment="a cat") * 2, id="twice"),
        pytest.param(
            element(INFO, element("2ad7b1", b"\1"), element("7ba9", b"ttl")) + VIDEO,
            [Text("webm", "Info", "title", "ttl", Carrier.CHUNK)],
            id="title",
        ),
        pytest.param(
            element("ec", bytes(99)) + element(CUES, b"junk") + VIDEO + COMMENT, found(comment="a cat"), id="others"
        ),
    ],
)
@pytest.mark.parametrize("sized", [True, False])
def test_texts(segment: bytes, texts: list[Text], sized: bool) -> None:
    log = Ledger()
    data = HEAD + (element(SEGMENT, segment) if sized else unsized(SEGMENT, segment))
    embedded = read_webm(BytesSource(data), log)
    assert embedded.texts == texts
    assert log.items == []
    assert (embedded.container, embedded.mime, embedded.displayed_size) == ("webm", "video/webm", (640, 480))
    assert embedded.pixel_ranges is None


@pytest.mark.parametrize(
    ("tracks", "size"),
    [
        (track(SIZE), (640, 480)),
        (element("ae", element("83", b"\2"), element("e1", b"")) + track(SIZE), (640, 480)),
        (track(SIZE, kind=2), (0, 0)),
        (track(SIZE) + track(element("b0", b"\1"), element("ba", b"\1")), (640, 480)),
        (track(SIZE, element("54cc", b"\4"), element("54dd", b"\6"), element("54bb", b"\x50")), (630, 400)),
        (track(SIZE, element("54cc", b"\xff\xff")), (0, 480)),
        (track(element("b0", bytes(12) + b"\1")), (0, 0)),
        (track(), (0, 0)),
    ],
)
def test_size(tracks: bytes, size: tuple[int, int]) -> None:
    embedded = read_webm(BytesSource(HEAD + element(SEGMENT, element(TRACKS, tracks))), Ledger())
    assert (embedded.width, embedded.height) == size


def test_matroska() -> None:
    head = element(EBML, element("4282", b"matroska"))
    assert read_webm(BytesSource(head + element(SEGMENT, VIDEO)), Ledger()).mime == "video/x-matroska"


def nested(depth: int) -> bytes:
    inner = simple(b"last", b"x")
    for _ in range(depth):
        inner = simple(b"a", b"b", inner)
    return inner


@pytest.mark.parametrize(
    ("data", "limits", "codes", "texts"),
    [
        ((HEAD + element(SEGMENT, VIDEO + COMMENT))[:-2], Limits(), ["truncated"], found(comment="a c")),
        (HEAD + element(SEGMENT, VIDEO + bytes(30)), Limits(), ["container-invalid"], []),
        (HEAD + element(SEGMENT, VIDEO + COMMENT), Limits(text_bytes=3), ["limit:text_bytes"], found(comment="a c")),
        (HEAD + element(SEGMENT, VIDEO + COMMENT), Limits(key_bytes=3), ["limit:key_bytes"], found(com="a cat")),
        (HEAD + element(SEGMENT, VIDEO + tags(nested(20))), Limits(), ["limit:box_depth"], found(a="b") * 17),
        (
            HEAD + element(SEGMENT, VIDEO + COMMENT * 50),
            Limits(chunks=35),
            ["limit:chunks"],
            found(comment="a cat") * 4,
        ),
        (HEAD + element(SEGMENT, VIDEO + LIVE + COMMENT), Limits(pixel_chunks=8), ["limit:pixel_chunks"], []),
        (HEAD + element(SEGMENT, element(SEEK_HEAD, seek(TAGS, 2**31)) + VIDEO), Limits(), [], []),
        (HEAD + element(SEGMENT, element(SEEK_HEAD, seek(SEEK_HEAD, 0)) + VIDEO), Limits(), [], []),
    ],
)
def test_warnings(data: bytes, limits: Limits, codes: list[str], texts: list[Text]) -> None:
    log = Ledger(limits)
    embedded = read_webm(BytesSource(data), log)
    assert sorted({warning.code for warning in log.items}) == codes
    assert embedded.texts == texts


@pytest.mark.parametrize("data", [HEAD, HEAD[:8], b"\x1a\x45\xdf\xa3", HEAD + bytes(99)])
def test_no_segment(data: bytes) -> None:
    with pytest.raises(CorruptImageError, match="no segment"):
        read_webm(BytesSource(data), Ledger())


def test_zeros_cost_nothing() -> None:
    source = SparseSource(HEAD + unsized(SEGMENT, VIDEO), 1 << 30)
    assert read_webm(source, Ledger()).displayed_size == (640, 480)
    assert source.read < 1 << 10


def test_clusters_are_hopped_over() -> None:
    cluster = bytes.fromhex(CLUSTER) + (0x10000000 | 1 << 27).to_bytes(4, "big")
    source = SparseSource(HEAD + unsized(SEGMENT, VIDEO, cluster), 1 << 30)
    read_webm(source, Ledger())
    assert source.read < 1 << 10


SEEDS = {
    "announced": HEAD + element(SEGMENT, with_seek_head(VIDEO, CLUSTERS[:40], COMMENT)),
    "live": HEAD + unsized(SEGMENT, VIDEO, LIVE[:60], COMMENT),
    "nested": HEAD + element(SEGMENT, VIDEO + tags(nested(3))),
}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_any_bytes(data: bytes) -> None:
    survives(read_webm, data)
