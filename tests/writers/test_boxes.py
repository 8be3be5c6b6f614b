"""AVIF, HEIC and JPEG XL: what is refused, and how items move."""

from __future__ import annotations

import struct

import pytest

from extractor import WriteRefusedError, embed, extract, strip
from extractor.containers.bmff import make_box
from tests.support import ROOT
from tests.writers.pictures import ASCII, META, PICTURES

SAMPLES = ROOT / "sample_images"


def heif(*, iloc: bytes, before: bytes = b"", inside: bytes = b"", media: bytes = b"picture!") -> bytes:
    """A still of one item; `iloc` gets the offset of the media where it says ``@@@@``."""
    iinf = make_box(b"iinf", bytes(4) + b"\0\1" + make_box(b"infe", b"\2\0\0\0\0\1\0\0av01\0"))
    pitm = make_box(b"pitm", bytes(4) + b"\0\1")
    ftyp = make_box(b"ftyp", b"avif\0\0\0\0mif1") + before

    def meta(offset: int) -> bytes:
        table = iloc.replace(b"@@@@", struct.pack(">I", offset))
        return make_box(b"meta", bytes(4) + pitm + iinf + make_box(b"iloc", table) + inside)

    offset = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(offset) + make_box(b"mdat", media)


def place(construction: int = 0, reference: int = 0, offset: bytes = b"@@@@") -> bytes:
    """An ``iloc`` of version 1 with one extent of four-byte fields."""
    head = b"\1\0\0\0\x44\0\0\1"
    return head + struct.pack(">HHHH", 1, construction, reference, 1) + offset + struct.pack(">I", 8)


def media_of(data: bytes) -> bytes:
    """The bytes of item 1, as the table of places says."""
    at = data.index(b"iloc") + 4
    width = data[at + 4] >> 4
    count = 2 if data[at] < 2 else 4
    entry = at + 6 + count + 2 + (2 if data[at] else 0) + 2 + 2
    offset = int.from_bytes(data[entry : entry + width], "big")
    length = int.from_bytes(data[entry + width : entry + 2 * width], "big")
    return data[offset : offset + length]


def test_items_follow_what_moves() -> None:
    data = heif(iloc=place())
    assert media_of(data) == b"picture!"
    new = embed(data, ASCII).data
    assert new is not None
    assert media_of(new) == b"picture!"
    assert extract(new, hash=False).meta == META["ascii"]
    assert new.count(b"cdsc") == 1
    gone = strip(new).data
    assert gone is not None
    assert media_of(gone) == b"picture!"
    assert b"cdsc" not in gone
    assert len(gone) < len(new) - len(ASCII)


def test_items_in_idat() -> None:
    data = heif(iloc=place(1, offset=bytes(4)), inside=make_box(b"idat", b"picture!"))
    new = embed(data, ASCII).data
    assert new is not None
    assert b"picture!" in new
    assert extract(new, hash=False).meta == META["ascii"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (heif(iloc=place(), before=make_box(b"moov", b"")), "sequences"),
        (heif(iloc=place(2)), "another file or item"),
        (heif(iloc=place(0, 1)), "another file or item"),
        (heif(iloc=place(offset=struct.pack(">I", 40))), "lies in the meta box"),
        (heif(iloc=b"\0\0\0\0\x04\0\0\1" + struct.pack(">HHHI", 1, 0, 1, 8)), "cannot be written anew"),
    ],
)
def test_what_cannot_be_rewritten(data: bytes, reason: str) -> None:
    with pytest.raises(WriteRefusedError, match=reason):
        embed(data, ASCII)


def test_a_last_box_that_goes_on_to_the_end() -> None:
    data = bytearray(heif(iloc=place()))
    at = data.index(b"mdat") - 4
    data[at : at + 4] = bytes(4)
    new = embed(bytes(data), ASCII).data
    assert new is not None
    assert media_of(new) == b"picture!"
    assert extract(new, hash=False).meta == META["ascii"]


def test_embedding_leaves_the_old_text_nowhere() -> None:
    data = embed(PICTURES["avif"](), ASCII.replace("a cat", "first secret")).data or b""
    new = embed(data, ASCII).data or b""
    for encoding in ("utf-8", "utf-16-be"):
        assert "first secret".encode(encoding) not in new
        assert "an old secret".encode(encoding) not in new


CODESTREAM = (SAMPLES / "a1111.jxl").read_bytes()
SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"


def jxl(*boxes: bytes) -> bytes:
    return SIGNATURE + make_box(b"ftyp", b"jxl \0\0\0\0jxl ") + b"".join(boxes)


def test_a_bare_codestream_is_put_into_a_box() -> None:
    at = CODESTREAM.index(b"jxlc") + 4
    bare = CODESTREAM[at:]
    assert bare.startswith(b"\xff\x0a")
    new = embed(bare, ASCII).data
    assert new is not None
    assert new.startswith(SIGNATURE)
    assert new.endswith(bare)
    record = extract(new, hash=False)
    assert record.meta == META["ascii"]
    assert (record.width, record.height) == (extract(bare, hash=False).width, extract(bare, hash=False).height)
    assert embed(new, ASCII).data == new


def test_a_jpeg_that_can_be_made_again() -> None:
    stream = make_box(b"jxlc", b"\xff\x0a" + bytes(20))
    plain = jxl(make_box(b"jbrd", b"x"), stream)
    new = embed(plain, ASCII).data
    assert new is not None
    assert b"jbrd" in new
    with pytest.raises(WriteRefusedError, match="JPEG"):
        strip(new)
    with pytest.raises(WriteRefusedError, match="JPEG"):
        embed(new, ASCII.replace("cat", "dog"))
