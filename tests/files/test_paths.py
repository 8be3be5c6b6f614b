from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractor.errors import OutputError
from extractor.files.paths import is_gone, make_folder


def test_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    there = ["", "file", "dangling"]
    unknown = ["x" * 300, "a\0b"]
    gone = ["nothing", "file/below", "nothing/below"]
    for names, expected in ((there, False), (unknown, False), (gone, True)):
        assert [is_gone(os.path.join(tmp_path, name)) for name in names] == [expected] * len(names)


def test_folders_are_made_however_deep(tmp_path: Path) -> None:
    deep = os.path.join(tmp_path, *["d"] * 1200)
    make_folder(os.path.join(tmp_path, "a", "b"))
    make_folder(os.path.join(tmp_path, "a", "b"))
    assert os.path.isdir(tmp_path / "a" / "b")
    make_folder(deep)
    assert os.path.isdir(deep)
    os.removedirs(deep)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        make_folder(os.path.join(tmp_path, "x" * 300))
