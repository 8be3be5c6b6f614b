"""A caller's file object, any method of which may fail, lie or never end."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from typing import Any, Final

from extractor.errors import ExtractorError, FileAccessError, LimitExceededError, TransientError, access_error
from extractor.limits import Limits

_BLOCK: Final = 64 * 1024
"""Bytes asked for at a time: raw streams make room for all that is asked for, however little they give."""


class FileObject:
    """The methods of a binary file object that are needed; each is checked for what it returns.

    Whatever they raise becomes a `FileAccessError` with that as its cause (`MemoryError`, and what is no `Exception`,
    passes through); what they return of another type than they should is a `TypeError` at once.
    """

    __slots__ = ("_object",)

    def __init__(self, file: Any) -> None:
        """Raises `TypeError` for a file object in text mode."""
        if isinstance(file, io.TextIOBase):
            raise TypeError(_TEXT_MODE)
        self._object = file

    @property
    def url(self) -> str | None:
        """The address of what it reads, which file objects of fsspec tell."""
        system, path = getattr(self._object, "fs", None), getattr(self._object, "path", None)
        unstrip = getattr(system, "unstrip_protocol", None)
        if unstrip is None or not isinstance(path, str):
            return None
        address = _ask(unstrip, path)
        return address if isinstance(address, str) else None

    @property
    def is_far(self) -> bool:
        """Whether every byte is fetched from elsewhere, without the address being told: a reader of obstore."""
        kind = type(self._object)
        return kind.__name__ == _OBSTORE_READER and kind.__module__.partition(".")[0] in (_OBSTORE, "builtins")

    def is_seekable(self) -> bool:
        """Whether it can be read from any offset."""
        if hasattr(self._object, "seekable"):
            return bool(_ask(self._object.seekable))
        return hasattr(self._object, "seek") and hasattr(self._object, "tell")

    def tell(self) -> int:
        """The position."""
        position = _ask(self._object.tell)
        if not isinstance(position, int):
            raise TypeError(f"tell() of the file object must return int, not {type(position).__name__}")
        return position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> None:
        """Move. What it returns is not asked: some return nothing."""
        _ask(self._object.seek, offset, whence)

    def read(self, length: int) -> bytes:
        """Up to `length` bytes from where it stands, in time linear in them; fewer only at its end."""
        piece = self._read_some(min(length, _BLOCK))
        if len(piece) >= length or not piece:
            return piece[:length]
        data = io.BytesIO()
        size = data.write(piece)
        while size < length:
            piece = self._read_some(min(length - size, _BLOCK))
            if not piece:
                break
            size += data.write(piece)
        data.truncate(length)
        return data.getvalue()

    def read_all(self, limits: Limits) -> bytes:
        """All bytes from where it stands. Raises `LimitExceededError` beyond `limits.stream_bytes`."""
        data = self.read(limits.stream_bytes + 1)
        if len(data) > limits.stream_bytes:
            raise LimitExceededError(f"the stream is longer than stream_bytes = {limits.stream_bytes}")
        return data

    def _read_some(self, length: int) -> bytes:
        data = _ask(self._object.read, length)
        if isinstance(data, bytes):
            return data
        if type(data).__module__.partition(".")[0] == _OBSTORE:
            return bytes(data)  # its own kind of buffer
        if isinstance(data, str):
            raise TypeError(_TEXT_MODE)
        raise TypeError(f"read() of the file object must return bytes, not {type(data).__name__}")


_TEXT_MODE: Final = "the file object is in text mode; open it in binary mode"
_ASYNCHRONOUS: Final = "the file object is asynchronous; pass the bytes it gives, or the file it wraps (upload.file)"


_OBSTORE: Final = "obstore"
_OBSTORE_READER: Final = "ReadableFile"
"""Its class says that it is a built-in one."""


def _ask(method: Callable[..., Any], *arguments: int | str) -> Any:
    """What a method returns. Raises `FileAccessError` where it raises, and `TypeError` for a coroutine."""
    try:
        answer = method(*arguments)
    except (ExtractorError, MemoryError):
        raise
    except (ConnectionError, TimeoutError) as error:
        raise access_error(error, TransientError) from error
    except OSError as error:
        raise access_error(error, FileAccessError) from error
    except Exception as error:
        raise FileAccessError(None, f"the file object failed: {type(error).__name__}: {error}") from error
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()  # else the interpreter complains that nobody waited for it
        raise TypeError(_ASYNCHRONOUS)
    return answer
