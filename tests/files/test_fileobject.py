from __future__ import annotations

import io
import os
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from extractor.errors import ExtractorError, FileAccessError, LimitExceededError, UnsupportedFormatError
from extractor.files.fileobject import FileObject
from extractor.limits import Limits

DATA = bytes(range(100))
MIB = 1 << 20


class Pieces:
    """Gives so many bytes a read, like a pipe or a socket."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = io.BytesIO(data)
        self._size = size
        self.reads = 0
        self.asked = 0

    def read(self, size: int) -> bytes:
        self.reads += 1
        self.asked = max(self.asked, size)
        return self._stream.read(min(size, self._size))


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_a_stream_is_read_to_its_end_or_to_the_limit(size: int) -> None:
    assert FileObject(Pieces(DATA, size)).read_all(Limits()) == DATA
    assert FileObject(Pieces(DATA, size)).read_all(Limits(stream_bytes=100)) == DATA
    assert FileObject(Pieces(DATA, size)).read(30) == DATA[:30]
    with pytest.raises(LimitExceededError, match="stream_bytes = 99"):
        FileObject(Pieces(DATA, size)).read_all(Limits(stream_bytes=99))


def processor_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.parametrize(("size", "most"), [(1, MIB), (64 << 10, 64 * MIB)])
def test_time_is_linear_in_the_bytes(size: int, most: int) -> None:
    took = [
        processor_seconds(lambda length=length: FileObject(Pieces(bytes(length), size)).read_all(Limits()))
        for length in (most // 8, most)
    ]
    assert took[1] < 10 * max(took[0], 0.02) * 2


def test_no_more_is_asked_for_than_a_block() -> None:
    """Raw streams make room for all that is asked for, each time."""
    stream = Pieces(bytes(MIB), 4096)
    assert len(FileObject(stream).read_all(Limits())) == MIB
    assert stream.asked == 64 << 10
    assert stream.reads == MIB // 4096 + 1


def test_a_pipe_without_a_buffer() -> None:
    reading, writing = os.pipe()

    def fill() -> None:
        with open(writing, "wb") as stream:
            stream.write(bytes(8 * MIB))

    thread = threading.Thread(target=fill)
    with open(reading, "rb", buffering=0) as stream:
        thread.start()
        assert len(FileObject(stream).read_all(Limits())) == 8 * MIB
    thread.join()


class Raising:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def _fail(self, *_: object) -> Any:
        raise self._error

    read = seek = tell = seekable = _fail


METHODS: list[Callable[[FileObject], object]] = [
    lambda file: file.read(5),
    lambda file: file.seek(5),
    lambda file: file.tell(),
    lambda file: file.is_seekable(),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(5, "Input/output error"), "Input/output error"),
        (ConnectionResetError(104, "Connection reset"), "Connection reset"),
        (io.UnsupportedOperation("no"), "cannot be read"),
        (RuntimeError("no"), "the file object failed: RuntimeError: no"),
        (ValueError("I/O operation on closed file"), "the file object failed: ValueError: I/O operation on closed"),
        (RecursionError("deep"), "the file object failed: RecursionError: deep"),
    ],
)
def test_what_it_raises_is_the_cause_of_an_error_of_ours(
    method: Callable[[FileObject], object], error: Exception, message: str
) -> None:
    with pytest.raises(FileAccessError, match=message) as caught:
        method(FileObject(Raising(error)))
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), UnsupportedFormatError("ours")])
def test_what_is_nobodys_fault_or_ours_passes_through(
    method: Callable[[FileObject], object], error: BaseException
) -> None:
    with pytest.raises(type(error)) as caught:
        method(FileObject(Raising(error)))
    assert caught.value is error


class Answering:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def read(self, size: int) -> Any:
        return self.answer

    def tell(self) -> Any:
        return self.answer


@pytest.mark.parametrize("answer", [None, 5, [], [1], {}, bytearray(b"x"), memoryview(b"x")])
def test_a_read_of_another_type_is_a_type_error(answer: object) -> None:
    with pytest.raises(TypeError, match=f"must return bytes, not {type(answer).__name__}"):
        FileObject(Answering(answer)).read(9)


def test_a_position_of_another_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="must return int, not NoneType"):
        FileObject(Answering(None)).tell()


def test_text_mode_is_told_by_name() -> None:
    for make in (lambda: FileObject(io.StringIO("x")), lambda: FileObject(Answering("x")).read(9)):
        with pytest.raises(TypeError, match="text mode"):
            make()


def test_more_than_was_asked_for_is_cut() -> None:
    assert FileObject(Answering(b"0123456789")).read(4) == b"0123"
    assert FileObject(Answering(b"0123456789")).read(15) == b"012345678901234"
    with pytest.raises(LimitExceededError):
        FileObject(Answering(b"for ever")).read_all(Limits(stream_bytes=1000))


class Upload:
    """A file object whose methods are coroutines, as web frameworks have them."""

    async def read(self, size: int = -1) -> bytes:
        return DATA

    async def seek(self, offset: int, whence: int = 0) -> None: ...

    async def tell(self) -> int:
        return 0

    async def seekable(self) -> bool:
        return True


@pytest.mark.parametrize("method", METHODS)
def test_an_asynchronous_one_is_told_what_to_pass(method: Callable[[FileObject], object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a coroutine that nobody waited for would be one
        with pytest.raises(TypeError, match="asynchronous; pass the bytes"):
            method(FileObject(Upload()))


def test_how_it_is_known_whether_it_can_seek() -> None:
    class Plain:
        read = None

    class Old(Plain):
        seek = tell = None

    assert not FileObject(Plain()).is_seekable()
    assert FileObject(Old()).is_seekable()
    assert FileObject(io.BytesIO()).is_seekable()
    assert issubclass(FileAccessError, ExtractorError)
