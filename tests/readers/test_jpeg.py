from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings

from extractor.embedded import C2pa, Embedded
from extractor.files.bytesource import BytesSource, FileSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.jpeg import read_jpeg
from tests.readers.damage import SparseSource, damaged, survives
from tests.readers.exifblocks import Entry, comment, text, tiff
from tests.support import INFOTEXT, SHARED, needs_shared

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
TABLES = segment(0xDB, bytes(65))
FRAME = segment(0xC0, b"\x08" + struct.pack(">HH", 30, 50) + b"\1\1\x11\0")
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\x34\xff\0\x56"
PICTURE = JFIF + TABLES + FRAME + SCAN + EOI


def jpeg(*segments: bytes, rest: bytes = PICTURE) -> bytes:
    return SOI + b"".join(segments) + rest


def exif(entries: list[Entry], tags: list[Entry] | None = None, order: str = ">") -> bytes:
    return segment(0xE1, b"Exif\0\0" + tiff(entries, tags, order))


def read(data: bytes, limits: Limits | None = None) -> tuple[Embedded, list[str]]:
    log = Ledger(limits or Limits())
    embedded = read_jpeg(BytesSource(data), log)
    return embedded, [warning.code for warning in log.items]


def texts(embedded: Embedded) -> list[tuple[str, str]]:
    return [(found.source, found.value) for found in embedded.texts]


HELLO = exif([text(0x010E, "hello")])
FOUND = [("jpeg:exif:ImageDescription", "hello")]
PROMPT = "prompt 日\nSteps: 20, Seed: 5"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="T"/></rdf:RDF></x:xmpmeta>'
)


def extended(guid: bytes, length: int, offset: int, data: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">II", length, offset) + data)


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(jpeg(), [], [], id="no text"),
        pytest.param(jpeg(HELLO), FOUND, [], id="EXIF"),
        pytest.param(jpeg(segment(0xE1, b"Exif\0\0")), [], [], id="empty EXIF"),
        pytest.param(jpeg(segment(0xE1, b"Exif\0\0" + HELLO[4:])), FOUND, [], id="prefix twice"),
        pytest.param(jpeg(segment(0xE1, b"Exif\0\0MM\x13*" + HELLO[14:])), [], ["exif-invalid"], id="wrong magic"),
        pytest.param(
            jpeg(HELLO, exif([text(0x010E, "second")])),
            [*FOUND, ("jpeg:exif:ImageDescription", "second")],
            [],
            id="two independent EXIF blocks",
        ),
        pytest.param(
            jpeg(segment(0xFE, INFOTEXT.encode()), segment(0xFE, b"second\0")),
            [("jpeg:COM", INFOTEXT), ("jpeg:COM", "second")],
            [],
            id="two comments",
        ),
        pytest.param(
            jpeg(segment(0xFE, "保存".encode()), segment(0xFE, b"caf\xe9"), segment(0xFE, b"")),
            [("jpeg:COM", "保存"), ("jpeg:COM", "café")],
            [],
            id="comments in UTF-8 and Latin-1",
        ),
        pytest.param(
            jpeg(segment(0xE1, XMP_HEADER + XMP)),
            [("jpeg:xmp:packet", XMP.decode()), ("jpeg:xmp:dc:title", "T")],
            [],
            id="XMP",
        ),
        pytest.param(
            jpeg(extended(b"A" * 32, 29, 20, b"<y>2</y></"), extended(b"A" * 32, 29, 0, b"<x><z>1</z><y>" + b"3</y>")),
            [("jpeg:xmp:packet", "<x><z>1</z><y>3</y>"), ("jpeg:xmp:x/z", "1"), ("jpeg:xmp:x/y", "3")],
            ["xmp-invalid"],
            id="extended XMP with a gap",
        ),
        pytest.param(
            jpeg(
                extended(b"A" * 32, 14, 7, b"i</z></"),
                extended(b"A" * 32, 14, 0, b"<x><z>h"),
                extended(b"B", 1, 0, b""),
            ),
            [("jpeg:xmp:packet", "<x><z>hi</z></"), ("jpeg:xmp:x/z", "hi")],
            ["xmp-invalid"],
            id="extended XMP in two parts, last first",
        ),
        pytest.param(
            jpeg(segment(0xED, b"Photoshop 3.0\08BIM\4\4\0\0\0\0\0\x0b\x1c\2\x78\0\6prompt\0")),
            [("jpeg:iptc:Caption-Abstract", "prompt")],
            [],
            id="IPTC caption",
        ),
        pytest.param(jpeg(b"\xff" * 5 + HELLO), FOUND, [], id="fill bytes"),
        pytest.param(jpeg(b"junk", HELLO), FOUND, ["jpeg-junk"], id="junk"),
        pytest.param(jpeg(b"\xff\xe1\0\0", HELLO), FOUND, ["jpeg-segment-invalid", "jpeg-junk"], id="length 0"),
        pytest.param(jpeg(b"\xff\xd0\xff\x01", HELLO), FOUND, [], id="markers without a length"),
        pytest.param(jpeg(HELLO, b"\xff\xfe\xff\xff", rest=b""), FOUND, ["truncated"], id="segment past the end"),
        pytest.param(jpeg(rest=HELLO[:-3]), [("jpeg:exif:ImageDescription", "hel")], ["truncated"], id="EXIF cut"),
        pytest.param(jpeg(HELLO, rest=EOI), FOUND, ["truncated"], id="no picture"),
        pytest.param(jpeg(HELLO, rest=PICTURE[:-2]), FOUND, ["truncated"], id="no end marker"),
        pytest.param(jpeg(HELLO) + b"trailer of another tool", FOUND, [], id="bytes after the end"),
        pytest.param(jpeg(HELLO) + bytes(9000), FOUND, [], id="zeros after the end"),
        pytest.param(
            jpeg(HELLO, rest=PICTURE[:-2] + b"\x11\xff\0\x22" * 3000), FOUND, ["truncated"], id="long picture cut"
        ),
    ],
)
def test_texts(data: bytes, found: list[tuple[str, str]], codes: list[str]) -> None:
    embedded, warnings = read(data)
    assert texts(embedded) == found
    assert [code for code in dict.fromkeys(warnings) if code != "exif-truncated"] == codes


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"UNICODE\0" + PROMPT.encode("utf-16-be"), id="UNICODE, big-endian"),
        pytest.param(b"UNICODE\0" + PROMPT.encode("utf-16-le"), id="UNICODE, little-endian"),
        pytest.param(b"UNICODE\0" + PROMPT.encode("utf-16"), id="UNICODE with BOM"),
        pytest.param(b"UNICODE\0" + PROMPT.encode(), id="UNICODE, really UTF-8"),
        pytest.param(b"ASCII\0\0\0" + PROMPT.encode(), id="ASCII, really UTF-8"),
        pytest.param(bytes(8) + PROMPT.encode(), id="eight NULs"),
        pytest.param(PROMPT.encode(), id="no header"),
    ],
)
def test_the_same_comment_every_time(data: bytes, order: str) -> None:
    embedded, codes = read(jpeg(exif([], [comment(data)], order)))
    assert texts(embedded) == [("jpeg:exif:UserComment", PROMPT)]
    assert codes == []


def test_exif_that_continues_in_the_next_segments() -> None:
    prompt = PROMPT * 4000
    block = tiff([], [comment(b"UNICODE\0" + prompt.encode("utf-16-be"))])
    parts = [segment(0xE1, b"Exif\0\0" + block[at : at + 65000]) for at in range(0, len(block), 65000)]
    assert len(parts) == 4
    embedded, codes = read(jpeg(*parts))
    assert texts(embedded) == [("jpeg:exif:UserComment", prompt)]
    assert codes == []


@pytest.mark.parametrize(
    ("segments", "orientation"),
    [
        ([exif([(0x0112, 3, 1, b"\0\6")])], 6),
        ([HELLO, exif([(0x0112, 3, 1, b"\0\6")])], 1),
        ([exif([(0x0112, 3, 1, b"\0\3")]), exif([(0x0112, 3, 1, b"\0\6")])], 3),
        ([segment(0xE1, XMP_HEADER + XMP.replace(b'dc:title="T"', b'tiff:Orientation="6" xmlns:tiff="t"'))], 1),
    ],
)
def test_orientation_is_that_of_the_first_exif_block(segments: list[bytes], orientation: int) -> None:
    embedded, _ = read(jpeg(*segments))
    assert embedded.orientation == orientation
    assert (embedded.width, embedded.height, embedded.has_alpha) == (50, 30, False)
    assert embedded.displayed_size == ((30, 50) if orientation == 6 else (50, 30))


@pytest.mark.parametrize(
    ("rest", "size"),
    [
        (segment(0xC2, b"\x08\0\x07\0\x05\1\1\x11\0") + SCAN + EOI, (5, 7)),
        (segment(0xC4, b"\x08\0\x07\0\x05\1\1\x11\0") + SCAN + EOI, (0, 0)),
        (segment(0xCF, b"\x08\0\x07\0\x05\1\1\x11\0") + FRAME + SCAN + EOI, (5, 7)),
        (b"\xff\xc0\0\4\x08\0" + EOI, (0, 0)),
    ],
)
def test_size_is_that_of_the_first_frame(rest: bytes, size: tuple[int, int]) -> None:
    embedded, _ = read(jpeg(rest=rest))
    assert (embedded.width, embedded.height) == size


def test_a_decoder_sees_no_metadata() -> None:
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
    data = jpeg(HELLO, segment(0xFE, b"comment"), segment(0xE2, b"ICC_PROFILE\0"), adobe, b"junk", rest=PICTURE)
    embedded, _ = read(data)
    assert embedded.pixel_ranges is not None
    seen = b"".join(data[at : at + length] for at, length in embedded.pixel_ranges)
    assert seen == SOI + adobe + PICTURE
    assert len(embedded.pixel_ranges) == 3


@pytest.mark.parametrize("rest", [b"", EOI, SCAN + EOI, FRAME])
def test_nothing_to_decode(rest: bytes) -> None:
    assert read(jpeg(HELLO, rest=rest))[0].pixel_ranges is None


@pytest.mark.parametrize(
    ("data", "limits", "found", "code"),
    [
        (jpeg(HELLO, HELLO), Limits(chunks=1), FOUND, "limit:chunks"),
        (jpeg(HELLO, bytes(60), HELLO), Limits(junk_bytes=50), FOUND, "limit:junk_bytes"),
        (
            jpeg(HELLO, segment(0xFE, b"x" * 90)),
            Limits(text_bytes=60),
            [*FOUND, ("jpeg:COM", "x" * 60)],
            "limit:text_bytes",
        ),
        (
            jpeg(segment(0xFE, b"x" * 20), segment(0xFE, b"y" * 20)),
            Limits(text_total_bytes=30),
            [("jpeg:COM", "x" * 20), ("jpeg:COM", "y" * 10)],
            "limit:text_total_bytes",
        ),
        (jpeg(*[HELLO] * 3), Limits(exif_blocks=2), FOUND * 2, "limit:exif_blocks"),
    ],
)
def test_limits(data: bytes, limits: Limits, found: list[tuple[str, str]], code: str) -> None:
    embedded, codes = read(data, limits)
    assert texts(embedded) == found
    assert code in codes


def test_many_exif_segments_without_a_tiff() -> None:
    embedded, codes = read(SOI + (b"\xff\xe1\xff\xff" + b"Exif\0\0" + b"A" * 65527) * 60)
    assert embedded.texts == []
    assert codes == ["exif-invalid", "truncated"]


@pytest.mark.parametrize("head", [SOI, SOI + JFIF, jpeg(HELLO, rest=b""), jpeg(HELLO, rest=FRAME) + b"\xff" * 9])
def test_a_gibibyte_of_zeros_is_not_read(head: bytes) -> None:
    source = SparseSource(head, 1 << 30)
    read_jpeg(source, Ledger())
    assert source.read < 4 << 20


def test_c2pa_parts_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def read_c2pa(jumbf: bytes, _log: Ledger) -> C2pa:
        seen.append(jumbf)
        return C2pa(claim_generator="maker")

    monkeypatch.setattr("extractor.readers.blocks.c2pa.read_c2pa", read_c2pa)
    box = b"\0\0\0\x10jumb"
    parts = [segment(0xEB, b"JP\0\1" + struct.pack(">I", at) + box + data) for at, data in ((2, b"5678"), (1, b"1234"))]
    embedded, _ = read(jpeg(*parts))
    assert seen == [box + b"12345678"]
    assert embedded.c2pa == C2pa(claim_generator="maker")


SEEDS = {
    "exif": jpeg(exif([text(0x010E, "hello")], [comment(b"UNICODE\0\0h\0i")], "<"), segment(0xFE, b"comment")),
    "xmp": jpeg(segment(0xE1, XMP_HEADER + XMP), extended(b"A" * 32, 8, 0, b"<x>hi</x")),
    "iptc": jpeg(segment(0xED, b"Photoshop 3.0\08BIM\4\4\0\0\0\0\0\x0b\x1c\2\x78\0\6prompt\0"), b"junk"),
}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_damage_never_escapes(data: bytes) -> None:
    survives(read_jpeg, SOI + data[2:])


@needs_shared
@pytest.mark.parametrize(
    ("name", "size", "beginnings"),
    [
        (
            "civitai-hires.jpg",
            (1536, 1536),
            {
                "Software": "42adebcb-68ad-45e2-9",
                "Artist": "ai",
                "UserComment": '{"resource-stack":{"',
            },
        ),
        (
            "civitai.jpeg",
            (1024, 1024),
            {
                "Software": "56c0ca36-7be1-4bce-a",
                "Artist": "ai",
                "UserComment": "general, masterpiece",
            },
        ),
        ("comfyui-comfy-image-saver.jpeg", (1024, 1024), {"UserComment": "unknown\nNegative pro"}),
        (
            "comfyui-save-image-extended.jpeg",
            (1024, 1024),
            {"ImageDescription": 'Workflow: {"id": "00', "Make": 'Prompt: {"14": {"inp'},
        ),
        ("empty.jpg", (832, 1216), {}),
        ("forge-classic.jpeg", (1024, 1024), {"UserComment": "general, masterpiece"}),
        ("gimp.jpg", (1024, 1024), {"": "GIMPで再保存しただけ"}),
        ("sd-next.jpg", (1024, 1024), {"UserComment": "general, masterpiece"}),
        ("sd-webui.jpg", (1024, 1024), {"UserComment": "general, masterpiece"}),
        ("swarmui.jpg", (1024, 1024), {"UserComment": '{\n  "sui_image_param'}),
    ],
)
def test_real_files(name: str, size: tuple[int, int], beginnings: dict[str, str]) -> None:
    source, log = FileSource(SHARED / "samples" / name), Ledger()
    try:
        embedded = read_jpeg(source, log)
    finally:
        source.close()
    assert (embedded.width, embedded.height) == size
    assert {found.key: found.value[:20] for found in embedded.texts} == beginnings
    assert log.items == []
