"""A member of an archive by its address."""

from __future__ import annotations

import errno
import os
from typing import Final
from urllib.parse import unquote_to_bytes

from extractor.archives.member import TABLE, Archive, Damaged, Member
from extractor.archives.opening import opened_archive
from extractor.archives.registry import archive_kind, members_of
from extractor.errors import FileAccessError, UnsupportedFormatError
from extractor.files.address import address_of, split_member
from extractor.files.bytesource import ByteSource
from extractor.limits import Limits
from extractor.text.printable import encodable

_FILE: Final = "file://"


def find_member(address: str, limits: Limits) -> Member:
    """The member that an address like ``zip://a.png::x.zip`` means.

    The archive is looked through for it. Raises `FileAccessError` where there is none, and what `members_of` raises.
    """
    scheme, name, place = split_member(address) or ("", "", address)
    path = _path(place)
    with opened_archive(path, None, limits) as (source, known):
        if archive_kind(source, path) != scheme:
            raise UnsupportedFormatError(f"the archive is no {scheme}")
        found = _found(source, Archive(scheme, path, place, known), name, limits)
    if found is None:
        raise FileAccessError(errno.ENOENT, "there is no such member in the archive")
    if isinstance(found, Damaged):
        raise found.error
    return found


def _found(source: ByteSource, archive: Archive, name: str, limits: Limits) -> Member | Damaged | None:
    column, row = None, None
    if archive.scheme == TABLE:
        column, _, number = name.rpartition("/")
        row = int(number) if number.isdigit() and number.isascii() and len(number) < 20 else -1
    members = members_of(source, archive, limits, column, row)
    return next((member for member in members if encodable(member.name) == name), None)


def _path(place: str) -> str:
    """Where an archive stands: a path, the path of a ``file://`` URI, or an address."""
    if place.startswith(_FILE):
        path = os.fsdecode(unquote_to_bytes(place.removeprefix(_FILE)))
        return path.removeprefix("/") if os.name == "nt" else path
    return address_of(place) or place
