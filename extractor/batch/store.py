"""Where a run's folder is: files that are whole or absent, written by several processes that need no lock."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, Protocol

from extractor.errors import BatchError, FileAccessError, OutputError, access_error
from extractor.files.atomic import atomic_create, atomic_write, remove_leftovers
from extractor.files.bytesource import FileSource
from extractor.files.paths import is_gone, make_folder

_TRIES: Final = 5
"""To write into a folder that another process may find empty, and remove, meanwhile."""


class Store(Protocol):
    """Files by names with slashes. What fails raises an `ExtractorError`."""

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, without it; none where it does not exist."""

    def has(self, name: str) -> bool:
        """Whether a file exists."""

    def read(self, name: str, most: int) -> bytes | None:
        """A file of at most `most` bytes; None where it does not exist."""

    def create(self, name: str, data: bytes) -> bool:
        """Write a file unless one of that name exists; whether it was written. Of several writers one wins."""

    def replace(self, name: str, data: bytes) -> None:
        """Write a file in the place of one that exists."""

    def move(self, name: str, target: str) -> None:
        """Have a file under another name; nothing to do where another process has done so."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, if they exist, and local folders that are empty then."""


class LocalStore:
    """A folder of this machine's, or one that several machines share."""

    def __init__(self, folder: str) -> None:
        self._folder: Final = folder

    def names(self, folder: str) -> list[str]:
        """See `Store.names`; temporary files of killed writers are removed."""
        path = self._path(folder)
        try:
            names = os.listdir(path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise access_error(error, FileAccessError) from error
        remove_leftovers(path, names)
        return [name for name in names if not name.startswith(".")]

    def has(self, name: str) -> bool:
        """See `Store.has`."""
        return not is_gone(self._path(name))

    def read(self, name: str, most: int) -> bytes | None:
        """See `Store.read`."""
        path = self._path(name)
        if is_gone(path):
            return None
        source = FileSource(path)
        try:
            if source.size > most:
                raise BatchError(f"{name}: {source.size} bytes, where at most {most} are read")
            return _whole(source)
        finally:
            source.close()

    def create(self, name: str, data: bytes) -> bool:
        """See `Store.create`."""
        path = self._path(name)
        if os.path.lexists(path):
            return False
        for _ in range(_TRIES):
            make_folder(os.path.dirname(path))
            try:
                return atomic_create(path, data)
            except OutputError as error:
                if error.errno != errno.ENOENT:
                    raise
        raise OutputError(errno.ENOENT, f"{name}: its folder goes as often as it is made")

    def replace(self, name: str, data: bytes) -> None:
        """See `Store.replace`."""
        atomic_write(self._path(name), data)

    def move(self, name: str, target: str) -> None:
        """See `Store.move`."""
        path, old = self._path(target), self._path(name)
        make_folder(os.path.dirname(path))
        try:
            os.replace(old, path)
            _remove_empty(os.path.dirname(old))
        except FileNotFoundError as error:
            if is_gone(path):
                raise BatchError(f"{target} is missing: the folder is no longer whole") from error
        except OSError as error:
            raise access_error(error, OutputError) from error

    def remove(self, names: Iterable[str]) -> None:
        """See `Store.remove`."""
        for name in names:
            path = self._path(name)
            with suppress(OSError):
                os.unlink(path)
            _remove_empty(os.path.dirname(path))

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, *name.split("/"))


def _remove_empty(folder: str) -> None:
    with suppress(OSError):
        os.rmdir(folder)


def _whole(source: FileSource) -> bytes:
    """All bytes of a file, however few the system gives at once."""
    pieces, at = [], 0
    while piece := source.read_at(at, source.size - at):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def store_at(place: str) -> Store:
    """The store of a folder."""
    return LocalStore(place)
