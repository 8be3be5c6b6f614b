"""Files that may be sent: regular ones below the folders that are served, opened so that no link leads elsewhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, NamedTuple, TypeAlias

from extractor.containers.kinds import HEAD, KINDS, Kind, sniff
from extractor.errors import FileAccessError, access_error
from extractor.files.paths import FOLDER, NO_FOLLOW, READ_HERE

_CAN_WALK: Final = os.open in os.supports_dir_fd and NO_FOLLOW != 0
_GONE: Final = (FileNotFoundError, NotADirectoryError)


class NotServedError(FileAccessError):
    """The file stands outside of what is served, or is of a kind that is not sent."""


class GoneError(FileAccessError):
    """There is no such file any more."""


class Place(NamedTuple):
    """A file below a folder that is served."""

    root: str
    path: str
    """The real path; below `root`."""

    def open(self) -> int:
        """A descriptor. Raises `GoneError` or `FileAccessError`.

        Each folder from the root on is opened by itself and follows no links: what is swapped for one after the place
        was found is not followed either.
        """
        try:
            return _opened(self)
        except (OSError, ValueError) as error:
            raise _told(error) from error


Rooted: TypeAlias = "Callable[[str], Iterable[str]]"
"""Path in the catalog -> the real folders below which its file may be."""


@dataclass(frozen=True, slots=True)
class ServedFile:
    """An open file, and what its first bytes say it is. The descriptor is the holder's to close."""

    descriptor: int
    size: int
    modified_ns: int
    kind: Kind


def place_of(path: str, folders: Iterable[str]) -> Place:
    """Where a file of the catalog really stands, below one of `folders` (real paths).

    Raises `GoneError`, `NotServedError`, or `FileAccessError` where the system says no.
    """
    try:
        real = os.path.realpath(path, strict=True)
    except (OSError, ValueError) as error:
        raise _told(error) from error
    for folder in folders:
        if real.startswith(folder.rstrip(os.sep) + os.sep):
            return Place(folder, real)
    raise NotServedError(None, "the file stands outside of the folders that are shown")


def open_image(place: Place) -> ServedFile:
    """Open a file that is an image. Raises as `place_of`."""
    descriptor = place.open()
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotServedError(None, "no regular file")
        kind = KINDS.get(sniff(os.read(descriptor, HEAD)) or "")
        if kind is None:
            raise NotServedError(None, "no image")
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, OSError) and not isinstance(error, FileAccessError):
            raise _told(error) from error
        raise
    return ServedFile(descriptor, status.st_size, status.st_mtime_ns, kind)


def _opened(place: Place) -> int:
    if not _CAN_WALK:
        return os.open(place.path, READ_HERE)
    *folders, name = PurePath(place.path).relative_to(place.root).parts
    at = os.open(place.root, FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, FOLDER | NO_FOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(name, READ_HERE, dir_fd=at)
    finally:
        os.close(at)


def _told(error: OSError | ValueError) -> FileAccessError:
    if isinstance(error, _GONE):
        return GoneError(error.errno, "the file is gone")
    return access_error(error, FileAccessError)
