"""What a caller may give as a source, opened for reading and left as it was."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from extractor.errors import ExtractorError
from extractor.files.bytesource import ByteSource, BytesSource, FileSource, StreamSource, read_stream
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.registry import read_embedded

if TYPE_CHECKING:
    import PIL.Image

Source: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | PIL.Image.Image"


@dataclass(slots=True)
class Opened:
    """A source that is open for reading, until its ``with`` block ends."""

    bytes: ByteSource
    path: str | None = None
    mtime_ns: int | None = None
    image: PIL.Image.Image | None = None
    """An image of which only the decoded pixels are left; `bytes` is empty then."""
    close: Callable[[], None] | None = None

    def changed(self) -> bool:
        """Whether a file named by its path is no longer as it was when it was opened."""
        return isinstance(self.bytes, FileSource) and self.bytes.changed()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        if self.close is not None:
            self.close()


def opened(source: Source, limits: Limits) -> AbstractContextManager[Opened]:
    """Open a source for a ``with`` block. Raises `FileAccessError`, `LimitExceededError` or `TypeError`."""
    if isinstance(source, (str, os.PathLike)):
        return _opened_path(os.fspath(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return Opened(BytesSource(bytes(source)))
    if _is_image(source):
        return _opened_image(cast("PIL.Image.Image", source), limits)
    if hasattr(source, "read"):
        return _opened_stream(cast("BinaryIO", source), limits)
    raise TypeError(f"cannot read an image from {type(source).__name__}")


def _opened_path(path: str) -> Opened:
    if not isinstance(path, str):
        raise TypeError("a path must be text; bytes are taken as a file's content")
    file = FileSource(path)
    return Opened(file, path, file.status.st_mtime_ns, close=file.close)


@contextmanager
def _opened_stream(stream: Any, limits: Limits) -> Iterator[Opened]:
    if isinstance(stream, io.TextIOBase):
        raise TypeError("the file object is in text mode; open it in binary mode")
    if not _seekable(stream):
        data = read_stream(stream, limits)
        if not isinstance(data, bytes):
            raise TypeError("the file object is in text mode; open it in binary mode")
        yield Opened(BytesSource(data))
        return
    position = stream.tell()
    try:
        yield Opened(StreamSource(stream))
    finally:
        stream.seek(position)


def _seekable(stream: Any) -> bool:
    try:
        return bool(stream.seekable())
    except AttributeError:
        return hasattr(stream, "seek") and hasattr(stream, "tell")


def _is_image(source: object) -> bool:
    """Whether it is a `PIL.Image.Image`; if it is, Pillow has been imported already."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(source, pillow.Image)


def _opened_image(image: PIL.Image.Image, limits: Limits) -> AbstractContextManager[Opened]:
    """Its still open file, else its file by name if that has the same size, else its pixels."""
    stream = getattr(image, "fp", None)
    if stream is not None and not getattr(stream, "closed", False) and _seekable(stream):
        return _opened_stream(stream, limits)
    name = getattr(image, "filename", None)
    if isinstance(name, str) and name and _same_size(name, image, limits):
        return _opened_path(name)
    return Opened(BytesSource(b""), image=image)


def _same_size(path: str, image: PIL.Image.Image, limits: Limits) -> bool:
    try:
        with _opened_path(path) as result:
            embedded = read_embedded(result.bytes, Ledger(limits))
    except ExtractorError:
        return False
    return image.size in ((embedded.width, embedded.height), embedded.displayed_size)
