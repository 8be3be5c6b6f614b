"""Archives gone through as folders are: each file in them that may be an image, under a name of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Final

from extractor.archives.member import TABLE, Archive, Damaged, Member
from extractor.archives.opening import opened_archive
from extractor.archives.registry import TAR, archive_kind, members_of
from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.errors import ExtractorError
from extractor.extraction.identity import file_url
from extractor.files.address import Address, Known, member_address, name_of
from extractor.files.ahead import ReadAhead
from extractor.files.bytesource import ByteSource
from extractor.files.remote import fetch_of
from extractor.limits import MIB, Limits
from extractor.scanning.walk import FileEntry, Filters, Folder, Found, PassedOver, Unreadable

_AT_HAND: Final = 8 * MIB
"""Bytes of a member of a remote tar that is taken as it comes by; a larger one is read for itself."""


def walk_archive(
    path: str,
    filters: Filters,
    limits: Limits,
    *,
    column: str | None = None,
    known: Known | None = None,
    below: str = "",
) -> Iterator[Found] | None:
    """The files of the archive at a path or an `Address`; None where there is none.

    Args:
        path: Where it is.
        filters: Which of its files are met; globs see the path in the archive.
        limits: Bounds on what it may hold.
        column: That of the images in a table.
        known: What a listing said of a remote one.
        below: Its path below the argument it was met under, of which its files' paths are made.

    Raises `ExtractorError` where there is one that cannot be read.
    """
    with ExitStack() as stack:
        source, known = stack.enter_context(opened_archive(path, known, limits))
        kind = archive_kind(source, name_of(path) if isinstance(path, Address) else path)
        if kind is None:
            return None
        url = str(path) if isinstance(path, Address) else file_url(path)
        archive = Archive(kind, path, url, known)
        return _walk(archive, source, filters, limits, column, below, stack.pop_all())


def _walk(
    archive: Archive,
    source: ByteSource,
    filters: Filters,
    limits: Limits,
    column: str | None,
    below: str,
    stack: ExitStack,
) -> Iterator[Found]:
    with stack:
        passing = isinstance(archive.path, Address) and archive.scheme == TAR
        if passing and isinstance(archive.path, Address):
            fetch = fetch_of(archive.path, archive.known)
            source = stack.enter_context(closing(ReadAhead(fetch, archive.known.size)))
        folder = _folder(archive, below)
        yield folder
        try:
            for found in members_of(source, archive, limits, column):
                if isinstance(found, Damaged):
                    yield from _damaged(found, archive, filters)
                    continue
                relative = found.relative
                if _is_met(relative, filters):
                    taken = _taken(found, source) if passing else found
                    yield FileEntry(found.address, relative, folder, (), origin=taken)
        except ExtractorError as error:
            yield Unreadable(archive.path, error)


def _taken(member: Member, source: ByteSource) -> Member:
    """The member with its bytes, as the archive comes by but once."""
    if member.place is None or member.known.size > _AT_HAND:
        return member
    return replace(member, data=source.read_at(member.place.offset, member.place.length))


def _damaged(found: Damaged, archive: Archive, filters: Filters) -> Iterator[Found]:
    if not found.name:
        yield Unreadable(archive.path, found.error)
        return
    member = Member(archive, found.name, archive.known)
    if _is_met(member.relative, filters):
        is_image = archive.scheme == TABLE or has_suffix(member.relative, IMAGE_SUFFIXES)
        yield Unreadable(member.address, found.error) if is_image else PassedOver(member.address)


def _is_met(relative: str, filters: Filters) -> bool:
    """Whether a member passes the filters, as a file in folders of these names would."""
    if not filters.hidden and (relative[0] == "." or "/." in relative):
        return False
    if not filters.has_globs:
        return True
    parts = relative.split("/")
    folders = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return filters.wants_file(parts[-1], relative) and all(
        filters.wants_folder(folder.rpartition("/")[2], folder) for folder in folders
    )


def _folder(archive: Archive, below: str) -> Folder:
    """The archive as the folder its members were met in; its names are not known beforehand."""
    path = member_address(archive.scheme, "", archive.path)
    return Folder(path, archive.path, below, {}, False, False, "", f"{below}/" if below else "")
