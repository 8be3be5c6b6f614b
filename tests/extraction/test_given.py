from __future__ import annotations

import asyncio
import io
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from PIL import Image

from extractor import FileAccessError, LimitExceededError, Limits, extract
from tests.extraction.records import PICTURE, codes, without_place
from tests.support import chunk, ihdr, png, text_chunk


class Pipe(io.RawIOBase):
    """A binary stream that cannot seek."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)


def test_a_stream_that_cannot_seek_is_read_once() -> None:
    assert without_place(extract(cast(BinaryIO, Pipe(PICTURE)))) == without_place(extract(PICTURE))
    with pytest.raises(LimitExceededError):
        extract(cast(BinaryIO, Pipe(PICTURE)), limits=Limits(stream_bytes=10))


def test_a_stream_is_left_where_it_stood() -> None:
    stream = io.BytesIO(PICTURE)
    stream.seek(7)
    assert without_place(extract(stream)) == without_place(extract(PICTURE))
    assert stream.tell() == 7


class Misbehaving(io.BytesIO):
    """Answers otherwise from the nth read on."""

    def __init__(self, nth: int, answer: Callable[[bytes], Any]) -> None:
        super().__init__(PICTURE)
        self._left = nth
        self._answer = answer

    def read(self, size: int | None = -1, /) -> Any:
        data = super().read(size)
        self._left -= 1
        return data if self._left >= 0 else self._answer(data)


def raising(error: Exception) -> Callable[[bytes], Any]:
    def answer(_: bytes) -> Any:
        raise error

    return answer


@pytest.mark.parametrize("hash", [True, False])
@pytest.mark.parametrize("nth", range(4))
@pytest.mark.parametrize("error", [RuntimeError("x"), OSError("x"), ConnectionResetError(104, "x"), ValueError("x")])
def test_a_stream_that_fails_at_some_read(nth: int, error: Exception, hash: bool) -> None:
    stream = Misbehaving(nth, raising(error))
    try:
        record = extract(stream, hash=hash)
    except FileAccessError as caught:
        assert caught.__cause__ is error
    else:
        assert without_place(record) == without_place(extract(PICTURE, hash=hash))
        assert nth > 1, "it was never read"


@pytest.mark.parametrize("nth", range(2))
@pytest.mark.parametrize(
    "answer",
    [bytes.hex, len, list, lambda _: None, bytearray, memoryview, lambda data: [data]],
    ids=["str", "int", "list", "None", "bytearray", "memoryview", "list of bytes"],
)
def test_a_stream_that_returns_something_else(nth: int, answer: Callable[[bytes], Any]) -> None:
    with pytest.raises(TypeError, match=r"text mode|must return bytes"):
        extract(Misbehaving(nth, answer))


def test_a_stream_that_returns_more_than_it_was_asked_for() -> None:
    assert without_place(extract(Misbehaving(0, lambda data: data + b"more" * 10_000), hash=False))["width"] == 1


@pytest.mark.parametrize("end", [len(PICTURE) + 1, 1 << 31, 1 << 60, 10**30])
def test_a_stream_that_says_it_is_longer_than_it_is(end: int) -> None:
    class Long(io.BytesIO):
        at = 0

        def seek(self, offset: int, whence: int = 0, /) -> int:
            self.at = end if whence == io.SEEK_END else offset
            return super().seek(min(self.at, len(PICTURE)))

        def tell(self) -> int:
            return self.at

    for hash in (True, False):
        assert without_place(extract(Long(PICTURE), hash=hash)) == without_place(extract(PICTURE, hash=hash))


def test_a_stream_whose_seek_returns_nothing() -> None:
    class Quiet:
        def __init__(self) -> None:
            self._stream = io.BytesIO(PICTURE)
            self.tell, self.read = self._stream.tell, self._stream.read

        def seek(self, offset: int, whence: int = 0) -> None:
            self._stream.seek(offset, whence)

    assert without_place(extract(cast(BinaryIO, Quiet()))) == without_place(extract(PICTURE))


def test_a_stream_that_cannot_be_set_back() -> None:
    class Stuck(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            if offset == 5 and whence == io.SEEK_SET:
                raise RuntimeError("stuck")
            return super().seek(offset, whence)

        def tell(self) -> int:
            return super().tell() or 5

    with pytest.raises(FileAccessError, match="stuck"):
        extract(Stuck(PICTURE), hash=False)


def test_a_closed_stream() -> None:
    stream = io.BytesIO(PICTURE)
    stream.close()
    with pytest.raises(FileAccessError, match="closed file"):
        extract(stream)


def test_text_mode_is_refused() -> None:
    left, right = socket.socketpair()
    with left, right, right.makefile("r") as stream, pytest.raises(TypeError, match="text mode"):
        extract(cast(BinaryIO, stream))


def test_what_can_be_no_source_is_told_what_to_pass() -> None:
    for source in (5, None, [], {}, object()):
        with pytest.raises(TypeError, match="pass a path, bytes, a binary file object or a Pillow image"):
            extract(cast(Any, source))


def test_an_upload_is_told_what_to_pass() -> None:
    class Upload:
        def __init__(self) -> None:
            self.file = io.BytesIO(PICTURE)

        async def read(self, size: int = -1) -> bytes:
            return self.file.read(size)

        async def seek(self, offset: int) -> None:
            self.file.seek(offset)

    upload = Upload()
    with pytest.raises(TypeError, match=r"asynchronous; pass the bytes it gives, or the file it wraps \(upload.file\)"):
        extract(cast(BinaryIO, upload))
    assert extract(upload.file, hash=False).width == 1
    assert extract(asyncio.run(upload.read()), hash=False).width == 1


def test_a_pillow_image_is_read_from_its_file(picture: Path) -> None:
    with Image.open(picture) as image:
        assert without_place(extract(image)) == without_place(extract(picture))
        image.load()
        assert image.getpixel((0, 0)) == (255, 0, 0)
        loaded = extract(image)
    assert without_place(loaded) == without_place(extract(picture))


@pytest.mark.parametrize(
    "end", [lambda image: image.close(), lambda image: image.fp.close(), lambda image: image.__exit__()]
)
def test_a_pillow_image_that_was_closed_is_read_by_its_name(picture: Path, end: Callable[[Any], None]) -> None:
    for name in (str(picture), picture, os.fsencode(picture)):
        image = Image.open(name)
        end(image)
        assert without_place(extract(image)) == without_place(extract(picture))


def test_a_file_of_another_size_is_not_the_pillow_image(picture: Path) -> None:
    with Image.open(picture) as image:
        image.load()
    picture.write_bytes(png(text_chunk("parameters", "other"), header=ihdr(2, 2), pixels=chunk(b"IDAT", b"")))
    assert codes(extract(image)) == ["pil-decoded"]
