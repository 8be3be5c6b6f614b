"""Where a run's folder is: files that are whole or absent, written by several processes that need no lock."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, Protocol

from extractor.errors import BatchError, FileAccessError, OutputError, access_error
from extractor.files.address import Address
from extractor.files.atomic import atomic_create, atomic_write, remove_leftovers
from extractor.files.bytesource import FileSource
from extractor.files.paths import is_gone, make_folder
from extractor.files.store import Part
from extractor.files.stores import writable_store_of
from extractor.limits import PART_BYTES

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


class RemoteStore:
    """A prefix of a bucket."""

    def __init__(self, place: str) -> None:
        self._objects, self._prefix = writable_store_of(place.rstrip("/"))

    def names(self, folder: str) -> list[str]:
        """See `Store.names`."""
        return [file.key.rpartition("/")[2] for file in self._objects.folder(self._key(folder))[1]]

    def has(self, name: str) -> bool:
        """See `Store.has`."""
        return self._unless_gone(lambda: self._objects.get(self._key(name), 0, 1)) is not None

    def read(self, name: str, most: int) -> bytes | None:
        """See `Store.read`."""
        part = self._unless_gone(lambda: self._whole(name, most))
        return None if part is None else part.data

    def create(self, name: str, data: bytes) -> bool:
        """See `Store.create`."""
        return self._objects.put(self._key(name), data, new=True)

    def replace(self, name: str, data: bytes) -> None:
        """See `Store.replace`."""
        self._objects.put(self._key(name), data, new=False)

    def move(self, name: str, target: str) -> None:
        """See `Store.move`; the old one stays until it is removed."""
        data = self.read(name, PART_BYTES)
        if data is not None:
            self.create(target, data)
        elif not self.has(target):
            raise BatchError(f"{target} is missing: the folder is no longer whole")

    def remove(self, names: Iterable[str]) -> None:
        """See `Store.remove`."""
        keys = [self._key(name) for name in names]
        if keys:
            with suppress(FileAccessError):
                self._objects.delete(keys)

    def _whole(self, name: str, most: int) -> Part:
        part = self._objects.whole(self._key(name), most)
        if part is None:
            raise BatchError(f"{name}: more than the {most} bytes that are read")
        return part

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    @staticmethod
    def _unless_gone(ask: Callable[[], Part]) -> Part | None:
        try:
            return ask()
        except FileAccessError as error:
            if error.errno == errno.ENOENT:
                return None
            raise


def store_at(place: str) -> Store:
    """The store of a folder, which is a path or an `Address`."""
    return RemoteStore(place) if isinstance(place, Address) else LocalStore(place)
