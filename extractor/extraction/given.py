"""What a caller may give as a source, opened for reading and left as it was."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from extractor.archives.member import Member
from extractor.errors import ExtractorError, FileAccessError
from extractor.extraction.identity import file_url
from extractor.files.address import Address, Remote, split_member
from extractor.files.bytesource import ByteSource, BytesSource, FileSource, StreamSource
from extractor.files.fileobject import FileObject
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.registry import read_embedded

if TYPE_CHECKING:
    import PIL.Image

Source: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | PIL.Image.Image"
"""What the public function takes."""
Given: TypeAlias = "Source | Remote | Member"


@dataclass(slots=True)
class Opened:
    """A source that is open for reading, until its ``with`` block ends."""

    bytes: ByteSource
    path: str | None = None
    url: str | None = None
    """Its own address, if it is no path."""
    mtime_ns: int | None = None
    image: PIL.Image.Image | None = None
    """An image of which only the decoded pixels are left; `bytes` is empty then."""
    close: Callable[[], None] | None = None
    is_far: bool = False
    """Whether it is fetched from an address that nobody knows."""
    etag: str | None = None
    """What a store tells a remote file's versions by."""

    def changed(self) -> bool:
        """Whether a file named by its path is no longer as it was when it was opened."""
        return isinstance(self.bytes, FileSource) and self.bytes.changed()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        if self.close is not None:
            self.close()


def opened(source: Given, limits: Limits, *, whole: bool = False) -> AbstractContextManager[Opened]:
    """Open a source for a ``with`` block; `whole`: all of its bytes will be read.

    Raises `FileAccessError`, `LimitExceededError` or `TypeError`.
    """
    if isinstance(source, Address):
        source = Remote(source)
    if isinstance(source, Member):
        return _opened_member(source, limits, whole=whole)
    if isinstance(source, Remote):
        return _opened_remote(source, limits, whole=whole)
    if isinstance(source, (str, os.PathLike)):
        return _opened_path(os.fspath(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return Opened(BytesSource(bytes(source)))
    if _is_image(source):
        return _opened_image(cast("PIL.Image.Image", source), limits)
    if hasattr(source, "read"):
        return _opened_stream(FileObject(source), limits)
    raise TypeError(
        f"cannot read an image from {type(source).__name__}: pass a path, bytes, a binary file object or a Pillow image"
    )


@dataclass(slots=True)
class Naming:
    """Has the errors about a file, in a ``with`` block, name its path."""

    source: Given

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        source = self.source
        if isinstance(error, FileAccessError) and error.filename is None and isinstance(source, (str, os.PathLike)):
            error.filename = os.fspath(source)


def _opened_remote(source: Remote, limits: Limits, *, whole: bool) -> Opened:
    if source.data is not None and source.known is not None:
        known = source.known
        return Opened(BytesSource(source.data), url=source.url, mtime_ns=known.mtime_ns, etag=known.etag)
    if split_member(source.address) is not None:
        from extractor.archives.finding import find_member

        member = find_member(source.address, limits)
        if not isinstance(member.archive.path, Address):
            member = replace(member, archive=replace(member.archive, url=file_url(member.archive.path)))
        return _opened_member(member, limits, whole=whole)
    from extractor.files.remote import open_remote

    file, known = open_remote(source.address, source.known, limits, whole=whole)
    return Opened(file, url=source.url, mtime_ns=known.mtime_ns, etag=known.etag)


def _opened_member(member: Member, limits: Limits, *, whole: bool) -> Opened:
    from extractor.archives.opening import open_member

    known = member.known
    file, close = open_member(member, limits, whole=whole)
    return Opened(file, url=member.url, mtime_ns=known.mtime_ns, etag=known.etag, close=close)


def _opened_path(path: str) -> Opened:
    if not isinstance(path, str):
        raise TypeError("a path must be text; bytes are taken as a file's content")
    file = FileSource(path)
    return Opened(file, path, mtime_ns=file.status.st_mtime_ns, close=file.close)


@contextmanager
def _opened_stream(file: FileObject, limits: Limits) -> Iterator[Opened]:
    if not file.is_seekable():
        yield Opened(BytesSource(file.read_all(limits)))
        return
    position = file.tell()
    try:
        yield Opened(_source(file, limits), url=_stream_url(file), is_far=file.is_far)
    finally:
        file.seek(position)


def _source(file: FileObject, limits: Limits) -> ByteSource:
    """The bytes of a seekable file object, whose word for its size counts if it has a byte there."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    if size > 0:
        file.seek(size - 1)
        if file.read(1):
            return StreamSource(file, size)
    file.seek(0)
    return BytesSource(file.read_all(limits))


def _stream_url(file: FileObject) -> str | None:
    """The address a file object tells; that of a file on disk as a path has it."""
    url = file.url
    if url is None or not url.startswith("file://"):
        return url
    return file_url(url.removeprefix("file://"))


def _is_image(source: object) -> bool:
    """Whether it is a `PIL.Image.Image`; if it is, Pillow has been imported already."""
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(source, pillow.Image)


def _opened_image(image: PIL.Image.Image, limits: Limits) -> AbstractContextManager[Opened]:
    """Its still open file, else its file by name if that has the same size, else its pixels."""
    stream = getattr(image, "fp", None)
    if stream is not None and _is_open(stream):
        return _opened_stream(FileObject(stream), limits)
    name = getattr(image, "filename", None)
    if isinstance(name, (str, bytes)) and name and _same_size(os.fsdecode(name), image, limits):
        return _opened_path(os.fsdecode(name))
    return Opened(BytesSource(b""), image=image)


def _is_open(stream: object) -> bool:
    try:
        return FileObject(stream).is_seekable()
    except (FileAccessError, TypeError):
        return False


def _same_size(path: str, image: PIL.Image.Image, limits: Limits) -> bool:
    try:
        with _opened_path(path) as result:
            embedded = read_embedded(result.bytes, Ledger(limits))
    except ExtractorError:
        return False
    return image.size in ((embedded.width, embedded.height), embedded.displayed_size)
