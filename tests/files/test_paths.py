from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import OutputError
from extractor.files.paths import Paths, is_gone, make_folder


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


def listed(given: Any) -> list[str]:
    return list(Paths(given))


def test_one_path_or_several() -> None:
    assert listed("folder") == ["folder"]
    assert listed(Path("a/b")) == ["a/b"]
    assert listed(["a", Path("b")]) == ["a", "b"]
    assert listed(path for path in ("a", "b")) == ["a", "b"]
    assert listed(()) == []


@pytest.mark.parametrize("given", [b"folder", bytearray(b"x"), 5, None, [5], [b"x"], ["a", None]])
def test_what_is_no_path(given: object) -> None:
    with pytest.raises(TypeError, match="path"):
        listed(given)


def test_a_single_file_is_known_before_it_is_taken(tmp_path: Path) -> None:
    given = {"a.png": True, ("a.png",): True, ("a", "b"): False, tmp_path: False, "x\0": True, (): False, (5,): True}
    assert {paths: Paths(paths).is_one_file for paths in given} == given
    assert not Paths(iter(["a.png"])).is_one_file
