"""Random access to the bytes of one file, however it was given, without reading more than is asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Final, Protocol

from extractor.errors import FileAccessError, access_error
from extractor.files.fileobject import FileObject
from extractor.files.paths import READ


def _seek_and_read(fd: int, length: int, offset: int) -> bytes:
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, length)


_read_at: Final[Callable[[int, int, int], bytes]] = getattr(os, "pread", _seek_and_read)


class ByteSource(Protocol):
    """Bytes that can be read from any offset."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer (or none) at the end. Both arguments are >= 0."""


class BytesSource:
    """A file that is already in memory."""

    __slots__ = ("data", "size")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`."""
        return self.data[offset : offset + length]


class StreamSource:
    """A seekable binary file object of a size that is known; its own position is the caller's to restore."""

    __slots__ = ("_file", "size")

    def __init__(self, file: FileObject, size: int) -> None:
        self._file = file
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`. Raises `FileAccessError` or `TypeError` when the file object misbehaves."""
        if offset >= self.size:
            return b""
        self._file.seek(offset)
        return self._file.read(min(length, self.size - offset))


class FileSource:
    """A regular file opened read-only by path.

    Opened without blocking and checked to be a regular file, so that a FIFO or a device never hangs the call.
    """

    __slots__ = ("_fd", "path", "size", "status")

    def __init__(self, path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> None:
        """Raises `FileAccessError` when the path cannot be opened or is no regular file."""
        try:
            self._fd = os.open(path, READ)
        except (OSError, ValueError) as error:
            raise access_error(error, FileAccessError) from error
        self.path = path
        self._look()

    @classmethod
    def of(cls, descriptor: int, path: str) -> FileSource:
        """A file that is open already; the descriptor is the source's from now on. Raises as the constructor."""
        source = cls.__new__(cls)
        source._fd = descriptor
        source.path = path
        source._look()
        return source

    def _look(self) -> None:
        self.status = os.fstat(self._fd)
        self.size = self.status.st_size
        if not stat.S_ISREG(self.status.st_mode):
            os.close(self._fd)
            raise FileAccessError(None, "not a regular file")

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`. Raises `FileAccessError` when the system cannot read."""
        left = self.size - offset
        if left <= 0:
            return b""
        try:
            return _read_at(self._fd, length if length < left else left, offset)
        except OSError as error:
            raise access_error(error, FileAccessError) from error

    def changed(self) -> bool:
        """Whether the file's size or modification time differ from those at opening."""
        now = os.fstat(self._fd)
        return (now.st_size, now.st_mtime_ns) != (self.status.st_size, self.status.st_mtime_ns)

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._fd)
