from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest

from extractor.errors import FileAccessError
from extractor.files.bytesource import ByteSource, BytesSource, FileSource, StreamSource
from extractor.files.fileobject import FileObject

DATA = bytes(range(100))


def sources(path: Path) -> list[ByteSource]:
    path.write_bytes(DATA)
    return [BytesSource(DATA), StreamSource(FileObject(io.BytesIO(DATA)), 100), FileSource(path)]


def test_every_source_reads_alike(tmp_path: Path) -> None:
    for source in sources(tmp_path / "x"):
        assert source.size == 100
        assert source.read_at(10, 3) == b"\x0a\x0b\x0c"
        assert source.read_at(98, 50) == b"\x62\x63"
        assert source.read_at(100, 1) == b""
        assert source.read_at(10**12, 1) == b""
        if isinstance(source, FileSource):
            source.close()


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(DATA)
    source = FileSource(path)
    try:
        assert not source.changed()
        with path.open("ab") as stream:
            stream.write(b"more")
        assert source.changed()
        assert source.read_at(98, 50) == b"\x62\x63"
    finally:
        source.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX only")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for path in (tmp_path, tmp_path / "fifo", tmp_path / "socket", tmp_path / "loop", Path(os.devnull)):
            with pytest.raises(FileAccessError) as caught:
                FileSource(path)
            assert isinstance(caught.value, OSError)
            assert str(caught.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [("missing.png", "No such file or directory"), ("a\0b", "not a usable path"), ("x" * 300, "File name too long")],
)
def test_paths_that_cannot_be_opened_say_why(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(FileAccessError, match=message):
        FileSource(os.path.join(tmp_path, path))
