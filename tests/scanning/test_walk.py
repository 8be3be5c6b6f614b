from __future__ import annotations

import errno
import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.scanning import walk as walk_module
from extractor.scanning.walk import FileEntry, Filters, Folder, PassedOver, Unreadable, walk

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX file kinds")


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def files(*paths: str | os.PathLike[str], **filters: object) -> list[str]:
    found = walk(paths, Filters(**filters))  # type: ignore[arg-type]
    return [item.path for item in found if isinstance(item, FileEntry)]


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_order_is_by_name_bytes_within_each_folder(tmp_path: Path) -> None:
    make(tmp_path, "r/b.png", "r/B.png", "r/a10.png", "r/a9.png", "r/ä.png", "r/sub/z.png", "r/sub/a.png", "r/t.png")
    assert files("r") == [
        "r/B.png",
        "r/a10.png",
        "r/a9.png",
        "r/b.png",
        "r/sub/a.png",
        "r/sub/z.png",
        "r/t.png",
        "r/ä.png",
    ]


@posix
def test_names_that_are_not_utf8_sort_by_their_bytes(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    names = [b"\xff.png", b"\xc3\xa4.png", b"\xf0\x9f\x90\xb1.png", b"\x80.png", b"new\nline.png", b"esc\x1b[31m.png"]
    for name in names:
        with open(os.path.join(folder, name), "wb"):
            pass
    found = [os.path.basename(os.fsencode(path)) for path in files(tmp_path)]
    assert found == [
        b"esc\x1b[31m.png",
        b"new\nline.png",
        b"\x80.png",
        b"\xc3\xa4.png",
        b"\xf0\x9f\x90\xb1.png",
        b"\xff.png",
    ]


@posix
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sets(
        st.binary(min_size=1, max_size=6).filter(lambda name: not set(name) & {0, 0x2F} and name[0] != 0x2E),
        max_size=8,
    )
)
def test_any_names_come_once_and_sorted(names: set[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            with open(os.path.join(os.fsencode(folder), name), "wb"):
                pass
        found = [os.path.basename(os.fsencode(path)) for path in files(folder)]
    assert found == sorted(names)


def test_paths_are_joined_to_the_argument_and_never_resolved(tmp_path: Path) -> None:
    make(tmp_path, "r/sub/a.png", "b.png")
    assert files("r/../r", "./b.png", tmp_path / "r") == [
        "r/../r/sub/a.png",
        "./b.png",
        str(tmp_path / "r" / "sub" / "a.png"),
    ]
    assert files("r/") == ["r/sub/a.png"]


def test_what_is_told_of_a_file(tmp_path: Path) -> None:
    make(tmp_path, "r/sub/a.png", "r/sub/a.txt", "b.png")
    folder, sub, entry, text, named = walk(["r", "b.png"])
    assert isinstance(folder, Folder) and isinstance(sub, Folder) and isinstance(entry, FileEntry)
    assert (folder.path, folder.relative, list(folder.names)) == ("r", "", ["sub"])
    assert (sub.path, sub.root, sub.relative, list(sub.names)) == ("r/sub", "r", "sub", ["a.png", "a.txt"])
    assert (entry.path, entry.name, entry.root, entry.relative) == ("r/sub/a.png", "a.png", "r", "sub/a.png")
    assert entry.folder is sub
    assert isinstance(text, FileEntry)
    assert named == FileEntry("b.png", "b.png", None)
    assert (named.root, named.relative) == ("b.png", "b.png")


def test_hidden_entries_are_met_only_when_asked_for_or_named(tmp_path: Path) -> None:
    make(tmp_path, "r/.a.png", "r/.h/b.png", "r/c.png")
    assert files("r") == ["r/c.png"]
    assert files("r", hidden=True) == ["r/.a.png", "r/.h/b.png", "r/c.png"]
    assert files("r/.a.png", "r/.h") == ["r/.a.png", "r/.h/b.png"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"include": ["*.png"]}, ["r/a.png", "r/sub/deep/d.png"]),
        ({"include": ["*.png", "*.jpg"]}, ["r/a.png", "r/b.jpg", "r/sub/c.jpg", "r/sub/deep/d.png"]),
        ({"include": ["sub/*"]}, ["r/sub/c.jpg", "r/sub/deep/d.png"]),
        ({"exclude": ["sub"]}, ["r/a.png", "r/b.jpg"]),
        ({"exclude": ["sub/deep"]}, ["r/a.png", "r/b.jpg", "r/sub/c.jpg"]),
        ({"exclude": ["*.jpg"]}, ["r/a.png", "r/sub/deep/d.png"]),
        ({"include": ["*.jpg"], "exclude": ["c*"]}, ["r/b.jpg"]),
        ({"include": ["[ab].*"]}, ["r/a.png", "r/b.jpg"]),
    ],
)
def test_globs(tmp_path: Path, filters: dict[str, list[str]], expected: list[str]) -> None:
    make(tmp_path, "r/a.png", "r/b.jpg", "r/sub/c.jpg", "r/sub/deep/d.png")
    assert files("r", **filters) == expected


def test_globs_hold_for_named_files_too(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "b.jpg")
    assert files("a.png", "b.jpg", exclude=["*.jpg"]) == ["a.png"]


def test_missing_and_unusable_paths_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    make(tmp_path, "a.png")
    missing, unusable, too_long, entry = walk(["no.png", "a\0b", "x" * 300, "a.png"])
    assert isinstance(missing, Unreadable) and missing.path == "no.png"
    assert (missing.error.errno, str(missing.error)) == (errno.ENOENT, "No such file or directory")
    assert isinstance(unusable, Unreadable) and str(unusable.error).startswith("not a usable path: ")
    assert isinstance(too_long, Unreadable) and too_long.error.errno == errno.ENAMETOOLONG
    assert isinstance(entry, FileEntry)


@posix
def test_fifos_sockets_and_devices_are_never_opened(tmp_path: Path) -> None:
    os.mkdir("r")
    os.mkfifo("r/pipe")
    os.mkfifo("r/pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("r/socket.jpg")
        folder, pipe, pipe_png, sock = walk(["r"])
        assert isinstance(folder, Folder)
        assert pipe == PassedOver("r/pipe")
        for item, path in ((pipe_png, "r/pipe.png"), (sock, "r/socket.jpg")):
            assert isinstance(item, Unreadable)
            assert (item.path, str(item.error)) == (path, "not a regular file")
    (named, device) = walk(["r/pipe", "/dev/zero"])
    assert isinstance(named, Unreadable) and str(named.error) == "not a regular file"
    assert isinstance(device, Unreadable) and str(device.error) == "not a regular file"


@posix
def test_symlinked_files_are_met_and_symlinked_folders_only_when_followed(tmp_path: Path) -> None:
    make(tmp_path, "r/a.png", "elsewhere/b.png")
    os.symlink("a.png", "r/link.png")
    os.symlink("../elsewhere", "r/out")
    assert files("r") == ["r/a.png", "r/link.png"]
    assert files("r", follow_symlinks=True) == ["r/a.png", "r/link.png", "r/out/b.png"]
    os.symlink("r", "named")
    assert files("named") == ["named/a.png", "named/link.png"]


@posix
def test_loops_of_symlinks_end(tmp_path: Path) -> None:
    make(tmp_path, "r/d/a.png")
    os.symlink("..", "r/d/up")
    os.symlink("self.png", "r/self.png")
    os.symlink("gone", "r/dangling")
    assert files("r", follow_symlinks=True) == ["r/d/a.png"]
    others = [item for item in walk(["r"]) if not isinstance(item, (FileEntry, Folder))]
    assert [(type(item), item.path) for item in others] == [(PassedOver, "r/dangling"), (Unreadable, "r/self.png")]
    assert isinstance(others[1], Unreadable) and others[1].error.errno == errno.ELOOP


@posix
def test_a_lattice_of_symlinks_is_gone_through_once(tmp_path: Path) -> None:
    for level in range(25):
        os.mkdir(f"{level}")
        for name in "xy":
            os.symlink(f"../{level + 1}", f"{level}/{name}")
    make(tmp_path, "25/a.png")
    assert files("0", follow_symlinks=True) == ["0/" + "x/" * 25 + "a.png"]


def test_own_sidecars_and_temporary_files_are_not_images(tmp_path: Path) -> None:
    leftover = ".extractor-01234567-99-0123456789abcdef.tmp"
    make(tmp_path, "r/a.png", "r/a.png.json", "r/b.json", f"r/{leftover}")
    found = list(walk(["r"], Filters(hidden=True)))
    assert [item.path for item in found if isinstance(item, FileEntry)] == ["r/a.png", "r/b.json"]
    assert [item.path for item in found if isinstance(item, PassedOver)] == ["r/a.png.json"]


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "r/bad/a.png", "r/good/b.png")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("bad"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(walk_module.os, "scandir", refusing)
    found = list(walk(["r"]))
    errors = [item for item in found if isinstance(item, Unreadable)]
    assert [(item.path, str(item.error)) for item in errors] == [("r/bad", "Permission denied")]
    assert [item.path for item in found if isinstance(item, FileEntry)] == ["r/good/b.png"]
    assert [(item.path, item.is_whole) for item in found if isinstance(item, Folder)] == [
        ("r", True),
        ("r/bad", False),
        ("r/good", True),
    ]


def test_a_folder_that_vanishes_is_told(tmp_path: Path) -> None:
    make(tmp_path, "r/a.png", "r/sub/b.png")
    found = []
    for item in walk(["r"]):
        found.append((type(item), item.path))
        if item.path == "r/a.png":
            os.unlink("r/sub/b.png")
            os.rmdir("r/sub")
    assert found == [(Folder, "r"), (FileEntry, "r/a.png"), (Unreadable, "r/sub"), (Folder, "r/sub")]


def test_a_thousand_folders_deep(tmp_path: Path) -> None:
    deep = "r" + "/d" * 1000
    for depth in range(len("r"), len(deep) + 1, len("/d")):
        os.mkdir(deep[:depth])
    Path(deep, "a.png").write_bytes(b"x")
    found = files("r")
    os.unlink(f"{deep}/a.png")
    os.removedirs(deep)
    assert found == [f"{deep}/a.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of path lengths is Linux's")
def test_a_tree_deeper_than_paths_can_be_long(tmp_path: Path) -> None:
    name = "d" * 100
    descriptors = [os.open(".", os.O_RDONLY)]
    for _ in range(60):
        os.mkdir(name, dir_fd=descriptors[-1])
        descriptors.append(os.open(name, os.O_RDONLY, dir_fd=descriptors[-1]))
    try:
        errors = [item for item in walk(["."]) if isinstance(item, Unreadable)]
    finally:
        for parent, child in zip(descriptors[-2::-1], descriptors[:0:-1], strict=True):
            os.close(child)
            os.rmdir(name, dir_fd=parent)
        os.close(descriptors[0])
    assert [str(item.error) for item in errors] == ["File name too long"]
    assert errors[0].path == "./" + "/".join([name] * 41)


def test_names_are_held_for_one_folder_at_a_time(tmp_path: Path) -> None:
    make(tmp_path, *(f"r/{folder}/{number}.png" for folder in range(3) for number in range(3)))
    walking = walk(["r"])
    first = [next(walking).path for _ in range(3)]
    make(tmp_path, "r/1/late.png")
    assert first == ["r", "r/0", "r/0/0.png"]
    assert "r/1/late.png" in [item.path for item in walking]
