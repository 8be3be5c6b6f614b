from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.archives.member import Archive, Damaged, Member
from extractor.archives.opening import open_member
from extractor.archives.zips import zip_members
from extractor.errors import CorruptImageError, ExtractorError, LimitExceededError, UnsupportedFormatError
from extractor.files.address import Known
from extractor.files.bytesource import BytesSource
from extractor.limits import Limits
from tests.archives.zipfiles import Item, zipped

DATA = bytes(range(256)) * 40
A, B = Item(b"a.png", DATA), Item(b"x/b.png", DATA[::-1], method=8)


def archive_of(data: bytes, path: str = "x.zip") -> Archive:
    return Archive("zip", path, "file:///x.zip", Known(len(data), 5, "e"))


def members(data: bytes, **limits: int) -> list[Member | Damaged]:
    return list(zip_members(BytesSource(data), archive_of(data), Limits(**limits)))


def told(data: bytes) -> list[tuple[str, str]]:
    """(name, why it is not read) of each."""
    return [(found.name, str(found.error) if isinstance(found, Damaged) else "") for found in members(data)]


def contents(data: bytes, folder: Path) -> dict[str, bytes | str]:
    """What each member holds, or why not."""
    path = folder / "x.zip"
    path.write_bytes(data)
    from extractor.archives.opening import opened_archive

    found: dict[str, bytes | str] = {}
    with opened_archive(str(path), None, Limits()) as (source, known):
        for member in zip_members(source, Archive("zip", str(path), "u", known), Limits()):
            try:
                if isinstance(member, Damaged):
                    raise member.error
                opened = open_member(member, Limits())
                try:
                    found[member.name] = opened.bytes.read_at(0, opened.bytes.size)
                finally:
                    assert opened.close is not None
                    opened.close()
            except ExtractorError as error:
                found[member.name] = f"{type(error).__name__}: {error}"
    return found


@pytest.mark.parametrize("comment", [b"", b"hello", b"PK\5\6" * 20, b"x" * 65535])
@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n" * 50])
def test_what_is_in_it(before: bytes, comment: bytes, tmp_path: Path) -> None:
    data = zipped(A, B, before=before, comment=comment)
    assert contents(data, tmp_path) == {"a.png": DATA, "x/b.png": DATA[::-1]}


def test_as_the_standard_library_writes_it(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("é/日.png", DATA)
        archive.writestr("folder/", b"")
        with archive.open("wide.png", "w", force_zip64=True) as file:
            file.write(DATA)
    assert contents(stream.getvalue(), tmp_path) == {"é/日.png": DATA, "wide.png": DATA}


def test_a_directory_of_64_bits(tmp_path: Path) -> None:
    wide = Item(
        b"a.png", DATA, size=0xFFFFFFFF, length=0xFFFFFFFF, offset=0xFFFFFFFF,
        extra=struct.pack("<HHQQQ", 1, 24, len(DATA), len(DATA), 0),
    )  # fmt: skip
    plain = zipped(wide)
    at = plain.rindex(b"PK\5\6")
    size, offset = struct.unpack_from("<2L", plain, at + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert contents(plain[:at] + record + locator + end, tmp_path) == {"a.png": DATA}
    with pytest.raises(CorruptImageError, match="64 bit"):
        members(plain[:at] + end)
    with pytest.raises(CorruptImageError, match="64 bit"):
        members(plain[:at] + locator + end)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (Item(b"a.png", DATA, flags=0x0801), "encrypted"),
        (Item(b"a.png", DATA, flags=0x2800), "encrypted"),
        (Item(b"a.png", DATA, method=12), "bzip2"),
        (Item(b"a.png", DATA, method=93), "Zstandard"),
        (Item(b"a.png", DATA, method=77), "method 77"),
        (Item(b"a.png", DATA, disk=3), "another file"),
        (Item(b"a.png", DATA, length=10**9, size=10**9), "ends before"),
        (Item(b"a.png", DATA, offset=10**9), "ends before"),
        (Item(b"a.png", DATA, size=5), "two sizes"),
    ],
)
def test_members_that_are_not_read(item: Item, says: str) -> None:
    (first, _) = told(zipped(item, B))
    assert first[0] == "a.png"
    assert says in first[1]
    assert told(zipped(item, B))[1] == ("x/b.png", "")


def test_members_that_lie(tmp_path: Path) -> None:
    found = contents(
        zipped(
            Item(b"short.png", DATA, method=8, size=len(DATA) + 1),
            Item(b"long.png", DATA, method=8, size=len(DATA) - 1),
            Item(b"other.png", DATA, local_method=8),
            Item(b"bomb.png", bytes(20 << 20), method=8),
            Item(b"right.png", DATA, local_extra=b"x" * 500),
        ),
        tmp_path,
    )
    assert found == {
        "short.png": "CorruptImageError: it inflates to fewer bytes than the archive says",
        "long.png": "CorruptImageError: it inflates to more bytes than the archive says",
        "other.png": "CorruptImageError: zip: the directory tells another way of compression than the member",
        "bomb.png": "LimitExceededError: it inflates to more than inflate_ratio = 250 times",
        "right.png": DATA,
    }


def test_a_member_that_is_not_where_the_directory_says(tmp_path: Path) -> None:
    assert contents(zipped(Item(b"a.png", DATA, offset=7)), tmp_path) == {
        "a.png": "CorruptImageError: zip: there is no member where the directory says"
    }


def test_overlapping_members_are_read_once() -> None:
    """Thousands of entries for the same bytes make a bomb of any size."""
    lies = [Item(b"%d.png" % number, b"", offset=0, length=len(DATA), size=len(DATA)) for number in range(5)]
    found = told(zipped(A, *lies, B))
    assert found[0] == ("a.png", "")
    assert [says for _, says in found[1:6]] == ["its bytes in the archive are those of another member"] * 5
    assert found[6] == ("x/b.png", "")
    inside = Item(b"inside.png", b"", offset=60, length=100, size=100)
    assert told(zipped(A, inside))[1][1] == "its bytes in the archive are those of another member"


def test_of_one_name_the_last_counts() -> None:
    assert told(zipped(A, Item(b"a.png", b"other"))) == [
        ("a.png", "the archive has another member of this name behind it"),
        ("a.png", ""),
    ]


def test_folders_and_links_are_no_files() -> None:
    link = Item(b"link.png", b"a.png", attributes=0o120777 << 16)
    folder = Item(b"folder.png", b"", attributes=0o040755 << 16)
    assert told(zipped(A, link, folder, Item(b"x/", b""))) == [("a.png", "")]


def test_names() -> None:
    odd = [Item(b"\x82.png", DATA, flags=0), Item(b"\xff.png", DATA), Item(b"a\0.exe", DATA)]
    assert [name for name, _ in told(zipped(*odd))] == ["é.png", "\udcff.png", "a"]


def test_times() -> None:
    (member, other) = members(zipped(Item(b"a.png", DATA, extra=struct.pack("<HHBl", 0x5455, 5, 1, 1_700_000_000)), B))
    assert isinstance(member, Member) and isinstance(other, Member)
    assert member.known == Known(len(DATA), 1_700_000_000 * 10**9, "e")
    assert other.known == Known(len(DATA), 5, "e")  # those without a zone do not count
    assert member.url == "zip://a.png::file:///x.zip"
    assert member.address == "zip://a.png::x.zip"


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"PK\5\6", zipped(A)[:-9], DATA, bytes(100_000)])
def test_no_directory(data: bytes) -> None:
    with pytest.raises(CorruptImageError, match=r"^zip: "):
        members(data)


def test_a_directory_cut_short_gives_what_is_there() -> None:
    data = zipped(A, B)
    at = data.rindex(b"PK\1\2")
    assert told(data[: at + 2] + b"xx" + data[at + 4 :]) == [("a.png", "")]
    assert told(zipped(A, B, after=b"appended")) == [("a.png", ""), ("x/b.png", "")]


def test_limits() -> None:
    with pytest.raises(LimitExceededError, match="members = 1 "):
        members(zipped(A, B), members=1)
    with pytest.raises(LimitExceededError, match="directory_bytes = 99"):
        members(zipped(A, B), directory_bytes=99)


BASE = zipped(A, B, Item(b"c.png", DATA, extra=struct.pack("<HHQ", 1, 8, 9)), comment=b"hello")


@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), min_size=1, max_size=8), st.booleans())
def test_damage_is_an_error_of_ours(changes: list[tuple[int, int]], at_the_end: bool) -> None:
    data = bytearray(BASE)
    for at, value in changes:
        data[max(at, len(BASE) - 220) if at_the_end else at] = value
    try:
        for found in members(bytes(data)):
            assert isinstance(found, (Member, Damaged))
    except (CorruptImageError, LimitExceededError, UnsupportedFormatError):
        pass
