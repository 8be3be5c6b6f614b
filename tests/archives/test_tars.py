from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.archives.member import Archive, Damaged, Member
from extractor.archives.tars import is_tar, tar_members
from extractor.errors import LimitExceededError
from extractor.files.address import Known
from extractor.files.bytesource import BytesSource
from extractor.limits import Limits

DATA = bytes(range(256)) * 5
MTIME = 1_700_000_000


def packed(*items: tuple[str, dict[str, Any]], form: int = tarfile.PAX_FORMAT, **options: Any) -> bytes:
    """A tar of (name, attributes of its `TarInfo`), each with `DATA` if it is a regular file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form, **options) as archive:
        for name, attributes in items:
            info = tarfile.TarInfo(name)
            info.mtime = MTIME
            for key, value in attributes.items():
                setattr(info, key, value)
            if info.isreg() and "size" not in attributes:
                info.size = len(DATA)
            archive.addfile(info, io.BytesIO(DATA) if info.isreg() else None)
    return stream.getvalue()


def members(data: bytes, **limits: int) -> list[Member | Damaged]:
    archive = Archive("tar", "x.tar", "file:///x.tar", Known(len(data), 5, "e"))
    return list(tar_members(BytesSource(data), archive, Limits(**limits)))


def told(data: bytes) -> list[tuple[str, object]]:
    """(name, its bytes or why it is not read) of each."""
    return [
        (
            found.name,
            str(found.error) if isinstance(found, Damaged) else data[found.place.offset :][: found.place.length],  # type: ignore[union-attr]
        )
        for found in members(data)
    ]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("name", ["a.png", "x/" * 40 + "a.png", "é/日.png", "a" * 99])
def test_what_is_in_it(name: str, form: int) -> None:
    data = packed((name, {}), ("b.png", {}), form=form)
    assert is_tar(data[:512])
    assert told(data) == [(name, DATA), ("b.png", DATA)]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names(form: int) -> None:
    name = "x" * 300 + ".png"
    assert told(packed((name, {}), ("b.png", {}), form=form)) == [(name, DATA), ("b.png", DATA)]


def test_facts_of_a_member() -> None:
    (member,) = members(packed(("a.png", {"mtime": MTIME + 0.25})))
    assert isinstance(member, Member)
    assert member.known == Known(len(DATA), MTIME * 10**9 + 250_000_000, "e")
    assert (member.url, member.address) == ("tar://a.png::file:///x.tar", "tar://a.png::x.tar")
    (member,) = members(packed(("a.png", {"mtime": 0})))
    assert member.known.mtime_ns == 5  # type: ignore[union-attr]


def test_a_name_for_all_that_follow() -> None:
    data = packed(("a.png", {}), pax_headers={"comment": "x", "mtime": "17.5"})
    assert members(data)[0].known.mtime_ns == 17_500_000_000  # type: ignore[union-attr]


def test_what_is_no_file_or_has_no_bytes() -> None:
    data = packed(
        ("folder", {"type": tarfile.DIRTYPE}),
        ("link.png", {"type": tarfile.SYMTYPE, "linkname": "a.png"}),
        ("pipe.png", {"type": tarfile.FIFOTYPE}),
        ("a.png", {}),
        ("hard.png", {"type": tarfile.LNKTYPE, "linkname": "a.png"}),
        ("old.png", {"type": tarfile.AREGTYPE}),
        ("sparse.png", {"type": tarfile.GNUTYPE_SPARSE, "size": 0}),
        ("a.png", {}),
    )
    assert told(data) == [
        ("a.png", DATA),
        ("hard.png", "a hard link, which has no bytes of its own"),
        ("old.png", DATA),
        ("sparse.png", "a sparse file"),
        ("a.png", "the archive has another member of this name before it"),
    ]


def test_sparse_files_of_pax() -> None:
    data = packed(("a.png", {"pax_headers": {"GNU.sparse.realsize": "9"}}), ("b.png", {}))
    assert told(data) == [("a.png", "a sparse file"), ("b.png", DATA)]


def test_an_archive_that_is_cut_off() -> None:
    data = packed(("a.png", {}), ("b.png", {}))
    at = data.index(b"b.png")
    assert told(data[: at + 600]) == [("a.png", DATA), ("b.png", "the archive ends before it does")]
    assert told(data[: at + 100]) == [("a.png", DATA), ("", f"tar: no header where one must stand, at byte {at}")]
    assert told(data[:at]) == [("a.png", DATA)]


def broken(data: bytes, at: int, value: bytes) -> bytes:
    """With a field of the first header changed and its checksum right again."""
    header = bytearray(data[:512])
    header[at : at + len(value)] = value
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data[512:]


def test_sizes() -> None:
    data = packed(("a.png", {}), ("b.png", {}), form=tarfile.USTAR_FORMAT)
    wide = broken(data, 124, b"\x80" + len(DATA).to_bytes(11, "big"))
    assert told(wide) == told(data)
    assert told(broken(data, 124, b"nonsense\0\0\0\0")) == [("", "tar: a size that is no number, at byte 0")]
    assert told(broken(data, 124, b"\xff" * 12)) == [("a.png", "the archive ends before it does")]
    about = broken(packed(("x" * 200, {}), form=tarfile.GNU_FORMAT), 124, b"77777777777\0")
    assert told(about) == [("", "tar: 8589934591 bytes about one member")]


def test_limits_and_what_is_no_tar() -> None:
    with pytest.raises(LimitExceededError, match="members = 1 "):
        members(packed(("a.png", {}), ("b.png", {})), members=1)
    for data in (b"", bytes(512), b"x" * 512, packed(("a.png", {}))[:511]):
        assert not is_tar(data)


BASE = packed(("a.png", {}), ("x" * 200 + ".png", {"mtime": 1.5}), ("c.png", {}))


@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_damage_is_told(changes: list[tuple[int, int]]) -> None:
    data = bytearray(BASE)
    for at, value in changes:
        data[at] = value
    for found in members(broken(bytes(data), 0, b"")):
        assert isinstance(found, (Member, Damaged))
