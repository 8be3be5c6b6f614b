"""Random access to the bytes of one file, however it was given, without reading more than is asked for."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

from extractor.errors import FileAccessError, LimitExceededError, access_error
from extractor.files.paths import READ
from extractor.limits import Limits


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
    """A seekable binary file object; its own position is the caller's to restore."""

    __slots__ = ("_stream", "size")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, io.SEEK_END)

    def read_at(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read_at`."""
        if offset >= self.size:
            return b""
        self._stream.seek(offset)
        return read_fully(self._stream, min(length, self.size - offset))


class FileSource:
    """A regular file opened read-only by path.

    Opened without blocking and checked to be a regular file, so that a FIFO or a device never hangs the call.
    """

    __slots__ = ("_fd", "size", "status")

    def __init__(self, path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> None:
        """Raises `FileAccessError` when the path cannot be opened or is no regular file."""
        try:
            self._fd = os.open(path, READ)
        except (OSError, ValueError) as error:
            raise access_error(error, FileAccessError) from error
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


def read_fully(stream: BinaryIO, length: int) -> bytes:
    """`length` bytes from a stream whose `read` may return fewer at a time; fewer only at its end."""
    data = stream.read(length) or b""
    while 0 < len(data) < length:
        more = stream.read(length - len(data))
        if not more:
            break
        data += more
    return data


def read_stream(stream: BinaryIO, limits: Limits) -> bytes:
    """All bytes of a stream that cannot seek. Raises `LimitExceededError` beyond `limits.stream_bytes`."""
    data = read_fully(stream, limits.stream_bytes + 1)
    if len(data) > limits.stream_bytes:
        raise LimitExceededError(f"the stream is longer than stream_bytes = {limits.stream_bytes}")
    return data
