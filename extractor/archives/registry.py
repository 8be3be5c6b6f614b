"""What an archive is, as its first bytes tell, and its members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from extractor.archives.member import TABLE, Archive, Damaged, Member
from extractor.archives.tars import BLOCK, is_tar, tar_members
from extractor.archives.zips import LOCAL_MARK, zip_members
from extractor.containers.kinds import HEAD, has_suffix, sniff
from extractor.errors import UnsupportedFormatError
from extractor.files.bytesource import ByteSource
from extractor.limits import Limits

ZIP: Final = "zip"
TAR: Final = "tar"
_ZIP_SUFFIXES: Final = frozenset({".zip", ".cbz"})
ARCHIVE_SUFFIXES: Final = _ZIP_SUFFIXES | {".tar", ".parquet"}

_MAGIC: Final = ((LOCAL_MARK, ZIP), (b"PK\5\6", ZIP), (b"PK\7\x08PK\3\4", ZIP), (b"PAR1", TABLE))
_NOT_READ: Final = (
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"BZh", "bzip2", "bunzip2"),
    (b"\xfd7zXZ\0", "xz", "unxz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard", "unzstd"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", "7z x"),
    (b"Rar!\x1a\x07", "RAR", "unrar x"),
)
"""Magic, name, and what unpacks it: nothing in these can be read without all that stands before it."""

Members: TypeAlias = Callable[[ByteSource, Archive, Limits], Iterator[Member | Damaged]]


def archive_kind(source: ByteSource, name: str) -> str | None:
    """The scheme of an archive's members; None for what is none.

    A ZIP may begin with a program; so one that is called so is believed. Raises `UnsupportedFormatError` for those
    that are not read, and `FileAccessError`.
    """
    head = source.read_at(0, BLOCK)
    if sniff(head[:HEAD]) is not None:
        return None
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if is_tar(head):
        return TAR
    for magic, word, unpack in _NOT_READ:
        if head.startswith(magic):
            raise UnsupportedFormatError(f"{word} archives are not read; unpack it first: {unpack}")
    return ZIP if has_suffix(name, _ZIP_SUFFIXES) else None


def members_of(
    source: ByteSource, archive: Archive, limits: Limits, column: str | None = None, row: int | None = None
) -> Iterator[Member | Damaged]:
    """The files of an archive; `column` is that of the images in a table, of which there may be but one `row`.

    Raises `CorruptImageError`, `UnsupportedFormatError`, `LimitExceededError` or `FileAccessError`.
    """
    if archive.scheme == TABLE:
        from extractor.archives.tables import table_members

        return table_members(source, archive, limits, column, row)
    return (zip_members if archive.scheme == ZIP else tar_members)(source, archive, limits)
