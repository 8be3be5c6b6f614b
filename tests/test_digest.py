"""The digest of a file, in a thread and without."""

from __future__ import annotations

import hashlib
import io
import threading

import pytest

from extractor.digest import FileDigest
from extractor.source import ByteSource, BytesSource, StreamSource

SMALL, LARGE = b"abc", bytes(range(256)) * 8192


@pytest.mark.parametrize("data", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
@pytest.mark.parametrize("source", [BytesSource, lambda data: StreamSource(io.BytesIO(data))], ids=["bytes", "stream"])
@pytest.mark.parametrize("begun", [False, True])
def test_digest(data: bytes, source: type[ByteSource], begun: bool) -> None:
    digest = FileDigest(source(data))  # type: ignore[call-arg]
    if begun:
        digest.begin()
    expected = hashlib.sha256(data).hexdigest()
    assert [digest.hexdigest(), digest.hexdigest()] == [expected, expected]


@pytest.mark.parametrize(("data", "threads"), [(SMALL, 0), (LARGE, 1)])
def test_only_a_large_file_is_worth_a_thread(monkeypatch: pytest.MonkeyPatch, data: bytes, threads: int) -> None:
    started = []
    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (started.append(thread), start(thread)))
    digest = FileDigest(BytesSource(data))
    digest.begin()
    assert len(started) == threads
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()


def test_works_where_no_thread_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    digest = FileDigest(BytesSource(LARGE))
    digest.begin()
    assert digest.hexdigest() == hashlib.sha256(LARGE).hexdigest()
