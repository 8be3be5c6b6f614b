"""Paths: as callers give them, the flags of every open, whether a file is gone, folders that are made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from extractor.errors import OutputError, access_error
from extractor.files.address import Address, address_of, split_member
from extractor.text.printable import encodable


def _flag(name: str) -> int:
    """A flag of `os.open`; 0 where the system has none."""
    flag: int = getattr(os, name, 0)
    return flag


NO_FOLLOW: Final = _flag("O_NOFOLLOW")
"""0 where the system cannot refuse a symlink while it opens."""
_OURS: Final = _flag("O_BINARY") | _flag("O_CLOEXEC")
READ: Final = os.O_RDONLY | _OURS | _flag("O_NONBLOCK")
"""A FIFO or a device does not hang the call."""
READ_HERE: Final = READ | NO_FOLLOW
CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OURS | NO_FOLLOW
FOLDER: Final = os.O_RDONLY | _OURS | _flag("O_DIRECTORY")


def is_gone(path: str) -> bool:
    """Whether nothing stands there; what cannot be asked is not gone."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def is_under(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of `folders` or stands below one."""
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def absolute(path: str) -> str:
    """The absolute path. An address is its own, but for an archive's path in it."""
    if not isinstance(path, Address):
        return os.path.abspath(path)
    archive = archive_of(path)
    return path if archive is None else path.removesuffix(archive) + os.path.abspath(archive)


def archive_of(path: str) -> str | None:
    """The path of the archive on disk that an address names a member of; None for any other address or path."""
    parts = split_member(path)
    return None if parts is None or address_of(parts[2]) is not None else parts[2]


def stored_path(path: str) -> str | bytes:
    """The absolute path as databases hold it: text, or its bytes where these are no UTF-8."""
    whole = absolute(path)
    return whole if encodable(whole) == whole else os.fsencode(whole)


def make_folder(path: str) -> None:
    """As `os.makedirs`, which would need a stack as deep as the path. Raises `OutputError`."""
    missing = []
    while path and not os.path.isdir(path) and path != os.path.dirname(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError:
            continue  # made by another worker meanwhile, or a file: writing into it will tell
        except OSError as error:
            raise access_error(error, OutputError) from error


GivenPath: TypeAlias = "str | os.PathLike[str]"
GivenPaths: TypeAlias = "GivenPath | Iterable[GivenPath]"


class Paths:
    """One path or several, as the public functions take them. Raises `TypeError` for anything else.

    With `remote`, strings that look like addresses are these; else every string is a path.
    """

    def __init__(self, given: GivenPaths, *, remote: bool = False) -> None:
        self._remote = remote
        self._given: Iterable[GivenPath] = (given,) if isinstance(given, (str, os.PathLike)) else given
        if isinstance(given, (bytes, bytearray, memoryview)) or not isinstance(self._given, Iterable):
            raise TypeError(f"paths must be a path or several, not {type(given).__name__}")

    def __iter__(self) -> Iterator[str]:
        """Each as text, one by one as they come."""
        for path in self._given:
            text: object = os.fspath(path) if isinstance(path, os.PathLike) else path
            if not isinstance(text, str):
                raise TypeError(f"a path must be str or os.PathLike of str, not {type(path).__name__}")
            yield (address_of(text) or text) if self._remote else text

    @property
    def is_far(self) -> bool:
        """Whether any may be remote, as far as that is known before they are taken."""
        given = self._given
        return self._remote or (isinstance(given, (tuple, list)) and any(isinstance(path, Address) for path in given))

    @property
    def is_near(self) -> bool:
        """Whether all are known to be files and folders here."""
        return not self.is_far and isinstance(self._given, (tuple, list))

    @property
    def is_one_file(self) -> bool:
        """Whether it is a single path, known before it is taken, and no folder's."""
        given = self._given
        if not isinstance(given, (tuple, list)) or len(given) != 1 or isinstance(given[0], Address):
            return False
        return not self._remote and not _is_folder(given[0])


def _is_folder(path: GivenPath) -> bool:
    try:
        return os.path.isdir(path)
    except (TypeError, ValueError):
        return False
