from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extractor.errors import ExtractorError, FileAccessError, OutputError
from extractor.files import atomic
from extractor.files.atomic import atomic_file, atomic_write, is_leftover, remove_leftovers

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and signals")


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    atomic_write(str(target), b"new" * 100_000)
    assert target.read_bytes() == b"new" * 100_000
    atomic_write(str(target), b"")
    assert target.read_bytes() == b""
    assert names(tmp_path) == ["a.json"]


def test_a_relative_path_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    atomic_write("a.json", b"x")
    assert names(tmp_path) == ["a.json"]


def test_a_name_as_long_as_can_be(tmp_path: Path) -> None:
    target = tmp_path / ("a" * 255)
    atomic_write(str(target), b"x")
    assert target.read_bytes() == b"x"


def test_pieces_take_their_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_bytes(b"old")
    with atomic_file(str(target)) as file:
        file.write(b"one ")
        file.write(b"two")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"one two"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("no"), ValueError("no"), FileAccessError(2, "no")])
def test_an_error_in_the_block_leaves_the_old_file_and_comes_out(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.csv"
    target.write_bytes(b"old")
    with pytest.raises(type(error)) as caught, atomic_file(str(target)) as file:
        file.write(b"half")
        raise error
    assert caught.value is error
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("function", ["fsync", "replace", "open"])
def test_failures_leave_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    target = tmp_path / "a.json"
    target.write_bytes(b"old")

    def failing(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, function, failing)
    with pytest.raises(OutputError, match=r"^No space left on device$") as caught:
        atomic_write(str(target), b"new")
    monkeypatch.undo()
    assert caught.value.errno == errno.ENOSPC
    assert isinstance(caught.value, (ExtractorError, OSError))
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    ("path", "message"),
    [("no/a.json", "No such file or directory"), ("a\0b", "not a usable path: ")],
)
def test_places_that_are_none(tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        atomic_write(os.path.join(tmp_path, path), b"x")
    assert str(caught.value).startswith(message)


def test_a_folder_in_the_place_stays(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(OutputError):
        atomic_write(str(tmp_path / "a.json"), b"x")
    assert names(tmp_path) == ["a.json"]


@posix
def test_a_symlink_in_the_place_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"victim")
    (tmp_path / "a.json").symlink_to("victim")
    atomic_write(str(tmp_path / "a.json"), b"x")
    assert (tmp_path / "victim").read_bytes() == b"victim"
    assert not (tmp_path / "a.json").is_symlink()


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o444])
def test_permissions_are_those_asked_for(tmp_path: Path, mode: int) -> None:
    image, target = tmp_path / "a.png", tmp_path / "a.json"
    image.write_bytes(b"")
    image.chmod(mode | stat.S_ISUID)
    atomic_write(str(target), b"x", mode_from=str(image))
    assert stat.S_IMODE(target.stat().st_mode) == mode


@posix
def test_permissions_are_kept_else_the_default(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    umask = os.umask(0o027)
    try:
        atomic_write(str(target), b"x")
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        target.chmod(0o604)
        atomic_write(str(target), b"y", mode_from=None)
        assert stat.S_IMODE(target.stat().st_mode) == 0o604
    finally:
        os.umask(umask)


@posix
def test_content_and_folder_are_synced_unless_told_not_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(atomic.os, "fsync", lambda fd: synced.append(stat.S_ISDIR(os.fstat(fd).st_mode)))
    atomic_write(str(tmp_path / "a"), b"x")
    assert synced == [False, True]
    atomic_write(str(tmp_path / "a"), b"x", fsync=False)
    assert synced == [False, True]


def leftover(host: str, pid: int) -> str:
    return f".extractor-{host}-{pid}-0123456789abcdef.tmp"


@posix
def test_names_that_are_known_are_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    name = leftover(atomic._host(), process.pid)
    (tmp_path / name).write_bytes(b"x")
    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "listdir", None)
        remove_leftovers(str(tmp_path), ["a.png", name, leftover(atomic._host(), process.pid + 1)])
    assert list(tmp_path.iterdir()) == []


@posix
def test_leftovers_of_dead_processes_go_and_nothing_else(tmp_path: Path) -> None:
    here = atomic._host()
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    dead, alive, elsewhere = leftover(here, process.pid), leftover(here, os.getpid()), leftover("00000000", 1)
    old_alive, old_elsewhere = leftover(here, os.getppid()), leftover("00000000", 2)
    others = ["a.png", ".extractor-x.tmp", f"{dead}.bak", f"x{dead}"]
    for name in (dead, alive, elsewhere, old_alive, old_elsewhere, *others):
        (tmp_path / name).write_bytes(b"x")
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    for name in (old_alive, old_elsewhere):
        os.utime(tmp_path / name, (two_days_ago, two_days_ago))
    linked = leftover(here, 4_000_000)
    (tmp_path / linked).symlink_to("a.png")
    remove_leftovers(str(tmp_path))
    assert names(tmp_path) == sorted([alive, elsewhere, linked, *others])
    assert [name for name in names(tmp_path) if is_leftover(name)] == sorted([alive, elsewhere, linked])


def test_no_folder_no_leftovers(tmp_path: Path) -> None:
    remove_leftovers(str(tmp_path / "no"))


KILLED = """
import os, signal, sys
from extractor.files import atomic
function, moment, target = sys.argv[1:]
real = getattr(os, function)
def dying(*arguments, **named):
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(atomic.os, function, dying)
atomic.atomic_write(target, b"new" * 100_000, mode_from=target)
"""


@posix
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("function", ["open", "fchmod", "fsync", "replace"])
def test_killed_at_any_step_the_file_is_old_or_new(tmp_path: Path, function: str, moment: str) -> None:
    target = tmp_path / "a.json"
    target.write_bytes(b"old")
    process = subprocess.run([sys.executable, "-c", KILLED, function, moment, str(target)], check=False)
    assert process.returncode == -signal.SIGKILL
    is_new = (function, moment) == ("replace", "after")
    assert target.read_bytes() == (b"new" * 100_000 if is_new else b"old")
    assert (len(names(tmp_path)) == 1) == (is_new or (function, moment) == ("open", "before"))
    remove_leftovers(str(tmp_path))
    assert names(tmp_path) == ["a.json"]


FULL = """
import resource, sys
from extractor.files.atomic import atomic_write
from extractor.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    atomic_write(sys.argv[1], b"new" * 100_000)
except OutputError as error:
    print(error)
"""


@posix
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_bytes(b"old")
    process = subprocess.run([sys.executable, "-c", FULL, str(target)], check=True, capture_output=True, text=True)
    assert process.stdout == "File too large\n"
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.json"]
