from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest

from extractor.archives.member import Archive, Damaged, Member
from extractor.archives.tables import table_members
from extractor.errors import CorruptImageError, UnsupportedFormatError
from extractor.files.address import Known
from extractor.files.bytesource import BytesSource
from extractor.limits import Limits

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(columns: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def members(data: bytes, column: str | None = None, row: int | None = None, **limits: int) -> list[tuple[str, object]]:
    archive = Archive("parquet", "x.parquet", "file:///x.parquet", Known(len(data), 5, "e"))
    found = table_members(BytesSource(data), archive, Limits(**limits), column, row)
    return [(item.name, item.data if isinstance(item, Member) else str(item.error)) for item in found]


IMAGES = [{"bytes": b"%d" % number, "path": f"{number}.png"} for number in range(50)]


def test_images_as_hugging_face_stores_them() -> None:
    data = written({"image": IMAGES, "label": list(range(50))}, row_group_size=7)
    assert members(data) == [(f"image/{number}", b"%d" % number) for number in range(50)]
    assert members(data, "image", 33) == [("image/33", b"33")]
    assert members(data, "image", 99) == []


@pytest.mark.parametrize("kind", ["binary", "large_binary"])
def test_bytes_alone(kind: str) -> None:
    data = written({"name": ["x", "y"], "jpg": pa.array([b"a", b"b"], getattr(pa, kind)())})
    assert members(data) == [("jpg/0", b"a"), ("jpg/1", b"b")]


def test_rows_without_an_image() -> None:
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    rows = [None, {"bytes": None, "path": "a.png"}, {"bytes": None, "path": None}, {"bytes": b"x", "path": None}]
    data = written({"image": pa.array([*rows, {"bytes": b"", "path": None}], kind)})
    assert members(data) == [
        ("image/1", "the row only names a file: 'a.png'"),
        ("image/3", b"x"),
        ("image/4", b""),
    ]
    assert members(data, stream_bytes=0)[1] == ("image/3", "an image of more than stream_bytes = 0")


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (None, "not clear: there are 'a', 'b'; say --image-column NAME"),
        ("c", "'c' holds no bytes"),
        ("d", "no column 'd': there are 'a', 'b', 'c'"),
    ],
)
def test_which_column(column: str | None, says: str) -> None:
    data = written({"a": [b"x"], "b": [b"y"], "c": ["z"]})
    assert members(data, "b") == [("b/0", b"y")]
    with pytest.raises(UnsupportedFormatError, match=says):
        members(data, column)


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + bytes(100) + b"PAR1", written({"a": [b"x"]})[:-6], b""])
def test_what_is_no_parquet(data: bytes) -> None:
    with pytest.raises(CorruptImageError, match=r"^parquet: "):
        members(data)


def test_a_damaged_one() -> None:
    whole = written({"image": IMAGES})
    for at in range(4, len(whole), 97):
        data = bytearray(whole)
        data[at] ^= 0xFF
        with suppress(CorruptImageError, UnsupportedFormatError):
            assert all(isinstance(item, tuple) for item in members(bytes(data)))


def test_a_member_has_the_archives_facts() -> None:
    data = written({"image": IMAGES[:1]})
    archive = Archive("parquet", "x.parquet", "file:///x.parquet", Known(len(data), 5, "e"))
    (member,) = table_members(BytesSource(data), archive, Limits(), None)
    assert not isinstance(member, Damaged)
    assert (member.known, member.url) == (Known(1, 5, "e"), "parquet://image/0::file:///x.parquet")
