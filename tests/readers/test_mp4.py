from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings

from extractor.embedded import C2pa, Carrier, Text
from extractor.errors import CorruptImageError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.mp4 import read_mp4
from tests.readers.boxes import XMP, box, full_box, large_box, u16, u32
from tests.readers.cborbytes import encode
from tests.readers.damage import SparseSource, damaged, survives

FTYP = box(b"ftyp", b"isom", u32(512), b"isomiso2avc1mp41")
QT = box(b"ftyp", b"qt  ", u32(512), b"qt  ")
JSON = '{"prompt": "a cat", "n": 1}'
UPRIGHT = (1, 0, 0, 1)


def trak(
    width: int = 64, height: int = 48, matrix: tuple[int, ...] = UPRIGHT, kind: bytes = b"vide", version: int = 0
) -> bytes:
    a, b, c, d = (part * 65536 for part in matrix)
    tail = struct.pack(">9iII", a, b, 0, c, d, 0, 0, 0, 1 << 30, width << 16, height << 16)
    tkhd = full_box(b"tkhd", bytes(48 if version else 36), tail, version=version, flags=3)
    hdlr = full_box(b"hdlr", u32(0), kind, bytes(13))
    return box(b"trak", tkhd, box(b"edts", b"x"), box(b"mdia", full_box(b"mdhd", bytes(20)), hdlr))


def data(text: bytes, kind: int = 1) -> bytes:
    return box(b"data", u32(kind), u32(0), text)


def ilst(*items: bytes) -> bytes:
    return box(b"ilst", *items)


def meta(*boxes: bytes, handler: bytes = b"mdir", plain: bool = False) -> bytes:
    inside = full_box(b"hdlr", u32(0), handler, bytes(13)) + b"".join(boxes)
    return box(b"meta", inside) if plain else full_box(b"meta", inside)


def keys(*names: bytes) -> bytes:
    return full_box(b"keys", u32(len(names)), *[u32(8 + len(name)) + b"mdta" + name for name in names])


def string(kind: bytes, *texts: bytes) -> bytes:
    return box(kind, *[u16(len(text)) + u16(0x55C4) + text for text in texts])


def mp4(*inside: bytes, ftyp: bytes = FTYP) -> bytes:
    return ftyp + box(b"free") + box(b"mdat", b"x" * 99) + box(b"moov", full_box(b"mvhd", bytes(96)), trak(), *inside)


def freeform(name: bytes, text: bytes) -> bytes:
    return box(b"----", full_box(b"mean", b"com.apple.iTunes"), full_box(b"name", name), data(text))


def found(place: str, **texts: str) -> list[Text]:
    return [Text("mp4", place, key, value, Carrier.CHUNK) for key, value in texts.items()]


@pytest.mark.parametrize(
    ("inside", "texts"),
    [
        pytest.param((), [], id="no-text"),
        pytest.param(
            (
                box(
                    b"udta",
                    meta(
                        ilst(
                            box(b"\xa9nam", data(b"ttl")),
                            box(b"\xa9cmt", data(JSON.encode())),
                            box(b"desc", data(b"d")),
                        )
                    ),
                ),
            ),
            found("ilst", title="ttl", comment=JSON, description="d"),
            id="itunes",
        ),
        pytest.param(
            (box(b"udta", meta(ilst(freeform(b"Workflow", b"{}"), freeform(b"prompt", "日本".encode())))),),
            found("ilst", workflow="{}", prompt="日本"),
            id="free-form",
        ),
        pytest.param(
            (
                meta(
                    keys(b"comment", b"prompt", b"com.apple.quicktime.description"),
                    ilst(
                        *[box(u32(index), data(text)) for index, text in ((1, b"c"), (2, b"p"), (3, b"d"), (9, b"?"))]
                    ),
                    handler=b"mdta",
                    plain=True,
                ),
            ),
            found("ilst", comment="c", prompt="p", description="d", **{"9": "?"}),
            id="keys-quicktime",
        ),
        pytest.param(
            (box(b"udta", meta(keys(b"Prompt"), ilst(box(u32(1), data(b"p"))), handler=b"mdta")),),
            found("ilst", prompt="p"),
            id="keys-in-udta",
        ),
        pytest.param(
            (
                box(
                    b"udta",
                    string(b"\xa9cmt", JSON.encode()),
                    string(b"\xa9swr", b"Lavf"),
                    string(b"\xa9abc", b"z"),
                    u32(0),
                ),
            ),
            found("udta", comment=JSON, software="Lavf", **{"©abc": "z"}),
            id="quicktime-strings",
        ),
        pytest.param(
            (box(b"udta", string(b"\xa9cmt", b"one", b"two")),),
            [*found("udta", comment="one"), *found("udta", comment="two")],
            id="two-languages",
        ),
        pytest.param(
            (
                box(
                    b"udta",
                    meta(ilst(box(b"\xa9cmt", data("ü".encode("utf-16-be"), 2)), box(b"\xa9day", data(b"2026", 0)))),
                ),
            ),
            found("ilst", comment="ü", date="2026"),
            id="utf-16-and-untyped",
        ),
        pytest.param(
            (
                box(
                    b"udta",
                    meta(
                        ilst(
                            box(b"trkn", data(b"\0\0\0\1\0\2\0\0", 0)),
                            box(b"covr", data(b"\xff\xd8", 13)),
                            box(b"tmpo", data(b"\0\1", 21)),
                        )
                    ),
                ),
            ),
            [],
            id="no-texts",
        ),
        pytest.param(
            (box(b"trak", box(b"udta", string(b"\xa9cmt", b"t"))),), found("udta", comment="t"), id="of-a-track"
        ),
    ],
)
@pytest.mark.parametrize("ftyp", [FTYP, QT, b""])
def test_texts(inside: tuple[bytes, ...], texts: list[Text], ftyp: bytes) -> None:
    log = Ledger()
    embedded = read_mp4(BytesSource(mp4(*inside, ftyp=ftyp)), log)
    assert embedded.texts == texts
    assert log.items == []
    assert embedded.displayed_size == (64, 48)
    assert embedded.mime == ("video/mp4" if ftyp is FTYP else "video/quicktime")
    assert embedded.pixel_ranges is None


@pytest.mark.parametrize(
    ("matrix", "orientation", "shown"),
    [
        ((1, 0, 0, 1), 1, (64, 48)),
        ((-1, 0, 0, 1), 2, (64, 48)),
        ((-1, 0, 0, -1), 3, (64, 48)),
        ((1, 0, 0, -1), 4, (64, 48)),
        ((0, 1, 1, 0), 5, (48, 64)),
        ((0, 1, -1, 0), 6, (48, 64)),
        ((0, -1, -1, 0), 7, (48, 64)),
        ((0, -1, 1, 0), 8, (48, 64)),
        ((0, 0, 0, 0), 1, (64, 48)),
        ((1, 1, -1, 1), 1, (64, 48)),
    ],
)
@pytest.mark.parametrize("version", [0, 1])
def test_size(matrix: tuple[int, ...], orientation: int, shown: tuple[int, int], version: int) -> None:
    file = FTYP + box(b"moov", trak(0, 0, kind=b"soun"), trak(64, 48, matrix, version=version), trak(9, 9))
    embedded = read_mp4(BytesSource(file), Ledger())
    assert (embedded.orientation, embedded.displayed_size) == (orientation, shown)


def test_xmp_and_c2pa() -> None:
    claim = box(b"jumb", box(b"jumd", bytes(16) + b"\3c2pa.claim\0"), box(b"cbor", encode({"claim_generator": "x"})))
    store = box(b"jumb", box(b"jumd", b"c2pa" + bytes(12) + b"\3c2pa\0"), claim)
    c2pa = box(b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481"), u32(0), b"manifest\0", bytes(8), store)
    xmp = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), XMP)
    log = Ledger()
    for file in (FTYP + c2pa + xmp + mp4(), FTYP + c2pa + mp4(box(b"udta", box(b"XMP_", XMP)))):
        embedded = read_mp4(BytesSource(file + box(b"uuid", bytes(20))), log)
        assert embedded.c2pa == C2pa("x")
        assert Text("mp4", "xmp", "xmp:Label", "red", Carrier.XMP) in embedded.texts
    assert log.items == []


@pytest.mark.parametrize(
    ("file", "limits", "codes", "texts"),
    [
        (mp4(box(b"udta", string(b"\xa9cmt", b"abc")))[:-1], Limits(), ["truncated"], found("udta", comment="ab")),
        (FTYP + box(b"moov", trak()[:60]), Limits(), ["truncated"], []),
        (FTYP + box(b"moov", box(b"trak", trak()[100:])), Limits(), ["container-invalid"], []),
        (
            mp4(box(b"udta", string(b"\xa9cmt", b"abc"))),
            Limits(text_bytes=6),
            ["limit:text_bytes"],
            found("udta", comment="ab"),
        ),
        (mp4(meta(full_box(b"keys", b"\xff" * 4, u32(9) + b"mdtax"), plain=True)), Limits(), [], []),
        (mp4(meta(full_box(b"keys", u32(5), bytes(4000)), plain=True)), Limits(), [], []),
        (
            mp4(*[box(b"udta", string(b"\xa9cmt", b"a"))] * 20),
            Limits(chunks=20),
            ["limit:chunks"],
            found("udta", comment="a") * 3,
        ),
    ],
)
def test_warnings(file: bytes, limits: Limits, codes: list[str], texts: list[Text]) -> None:
    log = Ledger(limits)
    embedded = read_mp4(BytesSource(file), log)
    assert sorted({warning.code for warning in log.items}) == codes
    assert embedded.texts == texts


def test_long_names_are_cut() -> None:
    log = Ledger(Limits(key_bytes=3))
    file = mp4(meta(keys(b"prompt", b"abc"), ilst(box(u32(1), data(b"p")), box(u32(2), data(b"c"))), plain=True))
    assert read_mp4(BytesSource(file), log).texts == found("ilst", pro="p", abc="c")
    assert [warning.code for warning in log.items] == ["limit:key_bytes"]


def test_empty_strings_are_counted() -> None:
    log = Ledger()
    read_mp4(BytesSource(mp4(box(b"udta", box(b"\xa9cmt", bytes(1 << 20))))), log)
    assert [warning.code for warning in log.items] == ["limit:chunks"]


def test_no_movie_box() -> None:
    with pytest.raises(CorruptImageError, match="no moov box"):
        read_mp4(BytesSource(FTYP + box(b"mdat", b"x" * 99)), Ledger())


def test_huge_media_data_is_hopped_over() -> None:
    moov = mp4(box(b"udta", string(b"\xa9cmt", b"abc")), ftyp=b"")
    file = FTYP + struct.pack(">I4sQ", 1, b"mdat", (1 << 40) - len(FTYP) - len(moov))
    calls = []

    class Source:
        size = 1 << 40

        def read_at(self, offset: int, length: int) -> bytes:
            calls.append(length)
            at = offset - (self.size - len(moov))
            return moov[at : at + length] if at >= 0 else file[offset : offset + length]

    embedded = read_mp4(Source(), Ledger())
    assert embedded.texts == found("udta", comment="abc")
    assert sum(calls) < 2000


def test_zeros_cost_nothing() -> None:
    source = SparseSource(mp4() + large_box(b"free", b""), 1 << 30)
    assert read_mp4(source, Ledger()).displayed_size == (64, 48)
    assert source.read < 1 << 10


SEEDS = {
    "itunes": mp4(box(b"udta", meta(ilst(freeform(b"workflow", b"{}"), box(b"\xa9cmt", data(b"abc")))))),
    "keys": mp4(meta(keys(b"comment", b"prompt"), ilst(box(u32(1), data(b"c"))), plain=True)),
    "strings": mp4(box(b"udta", string(b"\xa9cmt", b"abc"), box(b"XMP_", XMP)), ftyp=QT),
}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(damaged(SEEDS))
def test_any_bytes(file: bytes) -> None:
    survives(read_mp4, file)
