from __future__ import annotations

import struct

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.embedded import Carrier, Embedded, Text
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.blocks.exif import TAG_NAMES, ExifFacts, read_exif
from tests.readers.exifblocks import EXIF_POINTER, Entry, comment, text, tiff

HELLO = text(0x010E, "hello")
PROMPT = "prompt 日\nSteps: 20, Seed: 5"


def read(data: bytes, limits: Limits | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    log, embedded = Ledger(limits or Limits()), Embedded("jpeg", "image/jpeg")
    read_exif(data, embedded, log)
    assert all(found.place == "exif" and found.carrier is Carrier.EXIF for found in embedded.texts)
    return [(found.key, found.value) for found in embedded.texts], [warning.code for warning in log.items]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("entries", "exif", "found"),
    [
        pytest.param([HELLO], None, [("ImageDescription", "hello")], id="a tag"),
        pytest.param(
            [text(0x010D, "doc"), HELLO, text(0x010F, "workflow:{}"), text(0x0110, "prompt:{}"), text(0x0131, "ui")],
            None,
            [
                ("DocumentName", "doc"),
                ("ImageDescription", "hello"),
                ("Make", "workflow:{}"),
                ("Model", "prompt:{}"),
                ("Software", "ui"),
            ],
            id="text tags of IFD0",
        ),
        pytest.param([text(0x010C, "extra:{}")], None, [("0x010C", "extra:{}")], id="text in a tag without a name"),
        pytest.param([], [comment(b"ASCII\0\0\0hi")], [("UserComment", "hi")], id="UserComment"),
        pytest.param([], [comment(b"ASCII\0\0\0hi", 1)], [("UserComment", "hi")], id="UserComment of type BYTE"),
        pytest.param([comment(b'{"prompt": {}}\0', 2)], None, [("UserComment", '{"prompt": {}}')], id="in IFD0"),
        pytest.param(
            [(0x010E, 2, 6, b"hello!")], None, [("ImageDescription", "hello!")], id="no NUL, last character kept"
        ),
        pytest.param([text(0x010E, "\0\0\0\0" + PROMPT)], None, [("ImageDescription", PROMPT)], id="NULs first"),
        pytest.param([text(0x010E, "ab")], None, [("ImageDescription", "ab")], id="value inside the entry"),
        pytest.param([text(0x010E, b"caf\xe9")], None, [("ImageDescription", "café")], id="Latin-1"),
        pytest.param([(0x010E, 129, 6, b"hello\0")], None, [("ImageDescription", "hello")], id="type UTF-8"),
        pytest.param([(0x010E, 7, 5, b"hello")], None, [("ImageDescription", "hello")], id="type UNDEFINED"),
        pytest.param(
            [(0x9C9C, 1, 8, "日本a".encode("utf-16-le") + bytes(2))], None, [("XPComment", "日本a")], id="XPComment"
        ),
        pytest.param([], [(0x927C, 7, 7, b"fooocus")], [("MakerNote", "fooocus")], id="MakerNote with a word"),
        pytest.param([], [(0x927C, 7, 8, b"\1\2Nikon\xff")], [], id="a camera's MakerNote"),
        pytest.param([text(0x010E, "")], [comment(b"ASCII\0\0\0" + bytes(9))], [], id="blank tags"),
        pytest.param([HELLO, HELLO], None, [("ImageDescription", "hello")], id="the same tag twice"),
    ],
)
def test_texts(order: str, entries: list[Entry], exif: list[Entry] | None, found: list[tuple[str, str]]) -> None:
    assert read(tiff(entries, exif, order)) == (found, [])


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(b"", [], [], id="nothing"),
        pytest.param(b"Exif\0\0", [], [], id="prefix alone"),
        pytest.param(b"Exif\0\0" * 3 + tiff([HELLO]), ["hello"], [], id="prefix three times"),
        pytest.param(b"../secret.txt", [], ["exif-invalid"], id="a path"),
        pytest.param(b"MM\x13*" + tiff([HELLO])[4:], [], ["exif-invalid"], id="wrong magic"),
        pytest.param(b"MM\0*\0\0", [], ["exif-invalid"], id="cut header"),
        pytest.param(b"MM\0*\0\0\xff\0", [], ["exif-invalid"], id="IFD0 outside"),
        pytest.param(tiff([(0x0103, 3, 0xFFFFFFFF, b"\0\0\0\x08"), HELLO]), ["hello"], [], id="4 GiB in another tag"),
        pytest.param(
            tiff([(0x0112, 3, 0xFFFFFFFF, b"\0\0\0\x08"), HELLO]), ["hello"], ["exif-truncated"], id="4 GiB in a tag"
        ),
        pytest.param(tiff([HELLO], following=8), ["hello"], ["exif-loop"], id="next IFD is IFD0"),
        pytest.param(
            tiff([HELLO, (EXIF_POINTER, 4, 1, b"\0\0\0\x08")]), ["hello"], ["exif-loop"], id="Exif IFD is IFD0"
        ),
        pytest.param(
            tiff([HELLO, (EXIF_POINTER, 2, 4, b"abc\0")]), ["hello"], ["exif-tag-invalid"], id="pointer of type ASCII"
        ),
        pytest.param(
            tiff([HELLO, (EXIF_POINTER, 4, 1, b"\x7f\xff\xff\xff")]), ["hello"], ["exif-tag-invalid"], id="far pointer"
        ),
        pytest.param(tiff([(0x010F, 99, 1, b"abcd"), HELLO]), ["hello"], ["exif-tag-invalid"], id="unknown type"),
        pytest.param(tiff([(0x010F, 2, 9, b"\0\xff\0\0"), HELLO]), ["hello"], ["exif-tag-invalid"], id="value outside"),
        pytest.param(tiff([(0x0112, 2, 2, b"6\0"), HELLO]), ["hello"], ["exif-tag-invalid"], id="orientation as text"),
        pytest.param(tiff([text(0x010E, "a 日本")])[:-2], ["a 日"], ["exif-truncated"], id="character cut in two"),
        pytest.param(tiff([text(0x010E, b"caf\xe9")]), ["café"], [], id="Latin-1 that ends like a cut"),
        pytest.param(tiff([HELLO])[:-3], ["hel"], ["exif-truncated"], id="value cut"),
        pytest.param(
            b"II*\0\x08\0\0\0\xff\xff" + bytes(20), [], ["exif-truncated"], id="65535 entries in twenty bytes"
        ),
        pytest.param(tiff([HELLO], following=26), ["hello"], [], id="text where the next pointer should lead"),
    ],
)
def test_hostile(data: bytes, found: list[str], codes: list[str]) -> None:
    texts, warnings = read(data)
    assert [value for _, value in texts] == found
    assert warnings == codes


def test_a_chained_directory_adds_what_is_new() -> None:
    first = tiff([HELLO])
    chained = struct.pack(">H", 2) + struct.pack(">HHI4s", 0x010E, 2, 2, b"hi\0\0")
    chained += struct.pack(">HHII", 0x0131, 2, 5, len(first) + 30) + bytes(4) + b"tool\0"
    data = first[:22] + struct.pack(">I", len(first)) + first[26:] + chained
    assert read(data) == ([("ImageDescription", "hello"), ("ImageDescription", "hi"), ("Software", "tool")], [])


def test_big_tiff() -> None:
    head = b"II+\0\x08\0\0\0" + struct.pack("<Q", 16)
    data = head + struct.pack("<QHHQ8sQ", 1, 0x010E, 2, 6, b"hello\0\0\0", 0)
    assert read(data) == ([("ImageDescription", "hello")], [])


def test_tags_that_share_their_bytes_are_read_up_to_twice_the_block() -> None:
    count, length = 500, 20_000
    table = b"".join(struct.pack(">HHII", 0x1000 + at, 2, length, 6100) for at in range(count))
    data = b"MM\0*\0\0\0\x08" + struct.pack(">H", count) + table + bytes(4)
    data = data.ljust(6100, b"\0") + b"x" * length
    texts, codes = read(data)
    assert [(key, len(value)) for key, value in texts] == [("0x1000", length), ("0x1001", length)]
    assert codes == ["exif-overlap"]


@pytest.mark.parametrize(
    ("limits", "found", "codes"),
    [
        (Limits(exif_entries=1), ["hello"], ["limit:exif_entries"]),
        (Limits(exif_ifds=1), ["hello", "me"], ["limit:exif_ifds"]),
        (Limits(exif_blocks=0), [], ["limit:exif_blocks"]),
        (Limits(text_bytes=5), ["hello", "me", "ASCII"], ["limit:text_bytes"]),
    ],
)
def test_limits(limits: Limits, found: list[str], codes: list[str]) -> None:
    texts, warnings = read(tiff([HELLO, text(0x013B, "me")], [comment(b"ASCII\0\0\0hi")]), limits)
    assert [value for _, value in texts] == found
    assert set(warnings) == set(codes)


def test_a_block_that_is_too_long_is_cut() -> None:
    texts, codes = read(tiff([HELLO, text(0x0131, "software")]), Limits(exif_bytes=44))
    assert texts == [("ImageDescription", "hello")]
    assert "limit:exif_bytes" in codes


@pytest.mark.parametrize(
    ("kind", "value", "orientation"),
    [(3, b"\0\6\0\0", 6), (4, b"\0\0\0\3", 3), (1, b"\5\0\0\0", 5), (3, b"\0\0\0\0", 1), (3, b"\0\x09\0\0", 1)],
)
def test_orientation(kind: int, value: bytes, orientation: int) -> None:
    data = tiff([(0x0100, 3, 1, b"\x10\0\0\0"), (0x0101, 4, 1, b"\0\0\0\x20"), (0x0112, kind, 1, value)])
    facts = read_exif(data, Embedded("jpeg", "image/jpeg"), Ledger())
    assert facts == ExifFacts(orientation=orientation, width=4096, height=32)


DATE = text(0x9003, "2024:05:06 07:08:09")


@pytest.mark.parametrize(
    ("tags", "created", "codes"),
    [
        pytest.param([DATE, text(0x9011, "+09:00")], "2024-05-06T07:08:09+09:00", [], id="with its offset"),
        pytest.param([DATE, text(0x9010, "-03:30")], "2024-05-06T07:08:09-03:30", [], id="with the file's offset"),
        pytest.param([DATE, text(0x9011, "Z")], "2024-05-06T07:08:09+00:00", [], id="Z"),
        pytest.param(
            [DATE, text(0x9011, "+00:00"), text(0x9291, "25")], "2024-05-06T07:08:09.250000+00:00", [], id="fraction"
        ),
        pytest.param([DATE], None, [], id="no zone"),
        pytest.param([text(0x9011, "+09:00")], None, [], id="no date"),
        pytest.param(
            [text(0x9003, "2024:13:06 07:08:09"), text(0x9011, "+09:00")], None, ["exif-date-invalid"], id="month 13"
        ),
        pytest.param(
            [text(0x9003, "0000:00:00 00:00:00"), text(0x9011, "+09:00")], None, ["exif-date-invalid"], id="zeros"
        ),
        pytest.param([DATE, text(0x9011, "Tokyo")], None, ["exif-date-invalid"], id="no offset"),
        pytest.param([text(0x9003, "yesterday"), text(0x9011, "Z")], None, ["exif-date-invalid"], id="no date at all"),
    ],
)
def test_time_of_making(tags: list[Entry], created: str | None, codes: list[str]) -> None:
    embedded, log = Embedded("jpeg", "image/jpeg"), Ledger()
    read_exif(tiff([], tags), embedded, log)
    assert embedded.created_at == created
    assert [warning.code for warning in log.items] == codes


GRAPH = 'prompt:{"1": {"class_type": "A"}}'


@pytest.mark.parametrize(
    ("move", "more", "found"),
    [
        (0, 0, [("Make", "workflow:{}"), ("Model", GRAPH)]),
        (-5, 0, [("Make", "workflow:{}"), ("Model", "w:{}\0" + GRAPH[:-4]), ("prompt", GRAPH)]),
        (9, 0, [("Make", "workflow:{}"), ("Model", GRAPH[9:]), ("prompt", GRAPH)]),
        (-5, 5, [("Make", "workflow:{}"), ("Model", "w:{}\0" + GRAPH), ("prompt", GRAPH)]),
    ],
    ids=["honest", "too early", "too late", "too early and too long"],
)
def test_labelled_graphs_behind_stale_offsets(move: int, more: int, found: list[tuple[str, str]]) -> None:
    data = bytearray(tiff([text(0x010F, "workflow:{}"), text(0x0110, GRAPH)]))
    count, offset = struct.unpack_from(">II", data, 26)
    struct.pack_into(">II", data, 26, count + more, offset + move)
    assert read(bytes(data) + bytes(10))[0] == found


def test_packets_inside() -> None:
    xmp = b'<r xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="T"/>'
    iptc = b"\x1c\x02\x78\0\x03cap"
    embedded = Embedded("tiff", "image/tiff")
    read_exif(tiff([(0x02BC, 1, len(xmp), xmp), (0x83BB, 7, len(iptc), iptc)]), embedded, Ledger())
    assert embedded.texts[1:] == [
        Text("tiff", "xmp", "r/dc:title", "T", Carrier.XMP),
        Text("tiff", "iptc", "Caption-Abstract", "cap", Carrier.EXIF),
    ]


def test_tag_names_are_those_of_piexif() -> None:
    known = {number: tag["name"] for ifd in ("Image", "Exif") for number, tag in piexif.TAGS[ifd].items()}
    assert {number: known.get(number) for number in TAG_NAMES} == TAG_NAMES


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_damage_never_escapes(data: st.DataObject) -> None:
    order = data.draw(st.sampled_from("<>"))
    block = bytearray(tiff([HELLO, text(0x0131, "ui")], [comment(b"UNICODE\0\0h\0i"), DATE], order))
    for _ in range(data.draw(st.integers(0, 5))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    texts, _ = read(bytes(block[: data.draw(st.integers(0, len(block)))]))
    for _, value in texts:
        value.encode()
