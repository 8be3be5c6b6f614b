from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from extractor.cli.arguments import read_list, resolve_argument
from extractor.errors import LimitExceededError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "argument"),
    [
        ("a.png", "a.png"),
        ("a.png", "'a.png'"),
        ("a.png", '"a.png"'),
        ("a.png", " a.png\r"),
        ("a.png", "  'a.png'  "),
        ("a cat.png", "a\\ cat.png"),
        ("it's [1].png", "it\\'s\\ \\[1\\].png"),
        ("a\\b.png", "a\\\\b.png"),
        ("'a.png'", "'a.png'"),
        (" a.png", " a.png"),
        ("a\\ b.png", "a\\ b.png"),
        ("café.png", "café.png"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="backslashes separate folders there")
def test_an_argument_is_itself_or_what_is_left_of_it(folder: Path, file: str, argument: str) -> None:
    Path(file).touch()
    assert resolve_argument(argument) == file


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("a b.png", "file://{folder}/a%20b.png"),
        ("a b.png", "FILE://localhost{folder}/a%20b.png"),
        ("a b.png", "file:{folder}/a%20b.png"),
        ("a b.png", "'file:{folder}/a%20b.png'"),
        ("a b.png", " 'file://{folder}/a%20b.png' "),
        ("caf\udce9.png", "file://{folder}/caf%E9.png"),
        ("テ.png", "file://{folder}/%E3%83%86.png"),
        ("100%.png", "file://{folder}/100%25.png"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="names that are not Unicode")
def test_file_uris_are_percent_decoded(folder: Path, file: str, pattern: str) -> None:
    Path(file).touch()
    assert resolve_argument(pattern.format(folder=folder)) == f"{folder}/{file}"


def test_the_literal_path_comes_first(folder: Path) -> None:
    Path("a.png").touch()
    Path("'a.png'").touch()
    assert resolve_argument("'a.png'") == "'a.png'"


def test_a_dangling_symlink_is_there(folder: Path) -> None:
    Path("'link'").symlink_to("nowhere")
    Path("link").touch()
    assert resolve_argument("'link'") == "'link'"


@pytest.mark.parametrize("argument", ["", "  ", "''", "no.png", "'no.png' ", "file:///no", "file://host/a", "a\0b"])
def test_what_means_nothing_stays_as_given(folder: Path, argument: str) -> None:
    assert resolve_argument(argument) == argument


class _Trickle(io.RawIOBase):
    """Gives one byte at a time, as a slow program at the other end of a pipe."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(1)


@pytest.mark.parametrize("stream", [io.BytesIO, _Trickle])
@pytest.mark.parametrize(
    ("data", "separator", "paths"),
    [
        (b"a.png\nb c.png\n", b"\n", ["a.png", "b c.png"]),
        (b"a.png\n\n\nb.png", b"\n", ["a.png", "b.png"]),
        (b"a\nb.png\0c.png\0", b"\0", ["a\nb.png", "c.png"]),
        (b"caf\xe9.png", b"\n", ["caf\udce9.png"]),
        (b"", b"\n", []),
    ],
)
def test_a_list_of_paths(stream: type[io.BytesIO], data: bytes, separator: bytes, paths: list[str]) -> None:
    assert list(read_list(stream(data), separator=separator)) == paths


def test_the_first_path_is_there_before_the_list_ends() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as listed, open(writer, "wb", buffering=0) as written:
        written.write(b"a.png\nb")
        paths = read_list(listed)
        assert next(paths) == "a.png"
        written.write(b".png\n")
        assert next(paths) == "b.png"


def test_what_is_no_list_ends_at_a_limit() -> None:
    with pytest.raises(LimitExceededError, match="longer than 65536 bytes"):
        list(read_list(io.BytesIO(b"x" * 1_000_000)))
