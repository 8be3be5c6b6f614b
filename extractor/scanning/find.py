"""Whatever was given, as one stream of files: paths, folders, archives, and what stands at remote addresses."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from extractor.errors import ExtractorError
from extractor.files.address import Address, Remote, name_of
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.scanning.walk import FileEntry, Filters, Found, Unreadable, walk


class Finding(NamedTuple):
    """How files are found, beyond the filters."""

    limits: Limits = DEFAULT_LIMITS
    column: str | None = None
    """Of the images in tables."""
    foreign: bool = False
    """Whether other tools' sidecars in buckets count; each of them is a request when its picture is read."""


def find(paths: Iterable[str], filters: Filters, how: Finding) -> Iterator[Found]:
    """Each file at `paths`, one argument after the other.

    An archive is opened when it is one of these itself. One that was met in a folder is where the filters say so, and
    one in another archive never.
    """
    for path in paths:
        for found in _met(path, filters, how):
            if not isinstance(found, FileEntry):
                yield found
            elif found.folder is None or filters.goes_into(found.name):
                yield from _opened(found, filters, how)
            else:
                yield found


def _met(path: str, filters: Filters, how: Finding) -> Iterator[Found]:
    """What is at a path, with archives as they are."""
    if isinstance(path, Address):
        from extractor.scanning.remote import walk_remote

        return walk_remote(path, filters, foreign=how.foreign)
    return iter((FileEntry(path, os.path.basename(path)),)) if _is_file(path) else walk((path,), filters)


def _opened(entry: FileEntry, filters: Filters, how: Finding) -> Iterator[Found]:
    """What is in an archive, or the file itself where it is none."""
    members: Iterator[Found] | None = None
    known = entry.origin.known if isinstance(entry.origin, Remote) else None
    if may_be_archive(entry.path):
        from extractor.scanning.archives import walk_archive

        below = "" if entry.folder is None else entry.relative
        try:
            members = walk_archive(entry.path, filters, how.limits, column=how.column, known=known, below=below)
        except ExtractorError as error:
            yield Unreadable(entry.path, error)
            return
    if members is not None:
        yield from members
    elif entry.folder is not None or filters.wants_file(entry.name, entry.name):
        yield entry


def may_be_archive(path: str) -> bool:
    """Whether a file is worth a look at its first bytes: not one that is an image by its name."""
    name = name_of(path) if isinstance(path, Address) else path
    return not has_suffix(name, IMAGE_SUFFIXES | VIDEO_SUFFIXES)


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_archive(path: str) -> bool:
    """Whether a file that is named will be opened as an archive."""
    if isinstance(path, Address) or not (may_be_archive(path) and _is_file(path)):
        return False
    from extractor.archives.opening import opened_archive
    from extractor.archives.registry import archive_kind

    try:
        with opened_archive(path, None, DEFAULT_LIMITS) as (source, _):
            return archive_kind(source, path) is not None
    except ExtractorError:
        return False
