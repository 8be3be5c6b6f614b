"""Files in the file system: written whole or not at all, with what belongs to them."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from extractor import OutputError, WriteRefusedError, embed, extract, strip
from extractor.writers import target
from tests.writers.pictures import ASCII, META, PICTURES

TIME_NS = 1_600_000_000_123_456_789
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(PICTURES["png"]())
    os.utime(path, ns=(TIME_NS, TIME_NS))
    return path


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_in_place(picture: Path) -> None:
    os.chmod(picture, 0o640)
    report = embed(picture, ASCII, in_place=True)
    assert report.path == str(picture)
    assert report.data is None
    assert extract(picture, hash=False).meta == META["ascii"]
    assert stat.S_IMODE(picture.stat().st_mode) == 0o640
    assert picture.stat().st_mtime_ns > TIME_NS
    assert names(picture.parent) == ["a.png"]


def test_a_new_file(picture: Path) -> None:
    before = picture.read_bytes()
    target_path = picture.parent / "b.png"
    report = embed(picture, ASCII, target_path)
    assert report.path == str(target_path)
    assert extract(target_path, hash=False).meta == META["ascii"]
    assert picture.read_bytes() == before
    strip(target_path, picture.parent / "c.png")
    assert (picture.parent / "c.png").read_bytes() == before


def test_times_are_kept_when_asked(picture: Path) -> None:
    embed(picture, ASCII, in_place=True, keep_times=True)
    assert picture.stat().st_mtime_ns == TIME_NS
    embed(picture, ASCII.replace("cat", "dog"), in_place=True, keep_times=True)
    assert picture.stat().st_mtime_ns == TIME_NS + 1  # the same size: the change would not be noticed


@posix
def test_extended_attributes_are_carried_over(picture: Path) -> None:
    try:
        os.setxattr(picture, "user.rating", b"5")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    embed(picture, ASCII, in_place=True)
    assert os.getxattr(picture, "user.rating") == b"5"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(picture: Path) -> None:
    os.chown(picture, 12345, 54321)
    embed(picture, ASCII, in_place=True)
    assert (picture.stat().st_uid, picture.stat().st_gid) == (12345, 54321)
    embed(picture, ASCII, picture.parent / "mine.png")
    assert (picture.parent / "mine.png").stat().st_uid == 0


def test_a_clean_file_is_not_touched(picture: Path) -> None:
    report = strip(picture, in_place=True)
    assert not report.changed
    assert picture.stat().st_mtime_ns == TIME_NS
    embed(picture, ASCII, in_place=True)
    os.utime(picture, ns=(TIME_NS, TIME_NS))
    assert not embed(picture, ASCII, in_place=True).changed
    assert picture.stat().st_mtime_ns == TIME_NS


@posix
def test_links_are_refused(picture: Path) -> None:
    link = picture.parent / "link.png"
    link.symlink_to(picture)
    with pytest.raises(WriteRefusedError, match="symbolic"):
        embed(link, ASCII, in_place=True)
    os.link(picture, picture.parent / "hard.png")
    with pytest.raises(WriteRefusedError, match="hard links"):
        embed(picture, ASCII, in_place=True)
    assert picture.read_bytes() == PICTURES["png"]()
    embed(link, ASCII, picture.parent / "copy.png")


def test_the_target_is_not_the_source(picture: Path) -> None:
    with pytest.raises(WriteRefusedError, match="in_place"):
        embed(picture, ASCII, str(picture))


@posix
def test_a_read_only_file_is_refused(picture: Path) -> None:
    os.chmod(picture, 0o444)
    code = (
        "import os, sys; os.setuid(65534) if os.getuid() == 0 else None\n"
        "from extractor import WriteRefusedError, embed\n"
        "try: embed(sys.argv[1], 'x', in_place=True)\n"
        "except WriteRefusedError as error: print(error)\n"
    )
    os.chmod(picture.parent, 0o777)
    for folder in picture.parents:
        if not folder.stat().st_mode & 0o001:
            pytest.skip("the folder is closed to others")
    done = subprocess.run([sys.executable, "-c", code, str(picture)], capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("the interpreter is closed to others")
    assert done.stdout == "the file is not writable\n"
    assert picture.read_bytes() == PICTURES["png"]()


def test_what_the_system_would_not_let_write_is_refused(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.writers.target.os.access", lambda *_: False)
    with pytest.raises(WriteRefusedError, match="not writable"):
        embed(picture, ASCII, in_place=True)
    assert picture.stat().st_mtime_ns == TIME_NS


def test_a_folder_that_is_missing(picture: Path) -> None:
    with pytest.raises(OutputError):
        embed(picture, ASCII, picture.parent / "nowhere" / "b.png")


@posix
def test_a_full_disk_leaves_the_original(picture: Path) -> None:
    before = picture.read_bytes()
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from extractor import OutputError, embed\n"
        "import extractor.writers.png\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try: embed(sys.argv[1], 'x' * 5000, in_place=True)\n"
        "except OutputError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code, str(picture)], capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n", done.stderr
    assert picture.read_bytes() == before
    assert names(picture.parent) == ["a.png"]


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_killed_at_any_step_the_file_is_old_or_new(step: str, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    old = picture.read_bytes()
    if step == "write":
        monkeypatch.setattr("extractor.files.splice.Splice.parts", killed)
    else:
        monkeypatch.setattr(f"extractor.files.atomic.os.{step}", killed)
    with pytest.raises(KilledError):
        embed(picture, ASCII, in_place=True)
    assert picture.read_bytes() == old


def test_a_file_that_changes_meanwhile_is_left_as_it_is(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = target.check_target

    def change(*arguments: object, **options: object) -> None:
        real(*arguments, **options)  # type: ignore[arg-type]
        picture.write_bytes(picture.read_bytes() + b"more")

    monkeypatch.setattr("extractor.writers.embed.check_target", change)
    with pytest.raises(WriteRefusedError, match="changed"):
        embed(picture, ASCII, in_place=True)
    assert picture.read_bytes() == PICTURES["png"]() + b"more"
    assert names(picture.parent) == ["a.png"]


def test_large_files_are_copied_in_ranges(tmp_path: Path) -> None:
    """A file object that is written to never gets more than a block at once."""
    data = PICTURES["jpeg-trailing"]() + bytes(5 << 20)
    sizes: list[int] = []

    class Sink(io.BytesIO):
        def write(self, piece: object) -> int:  # type: ignore[override]
            sizes.append(len(piece))  # type: ignore[arg-type]
            return super().write(piece)  # type: ignore[arg-type]

    sink = Sink()
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    embed(path, ASCII, sink)
    assert max(sizes) <= 1 << 20
    assert sink.getvalue().endswith(data[-100:])


@posix
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_target_that_is_protected_is_left(dry_run: bool, picture: Path) -> None:
    link, hard, locked = (picture.parent / name for name in ("link.png", "hard.png", "locked.png"))
    other = picture.parent / "other.png"
    other.write_bytes(b"something of the user's")
    link.symlink_to(other)
    locked.write_bytes(b"protected")
    os.chmod(locked, 0o444)
    for dest, reason in ((link, "symbolic"), (locked, "not writable")):
        with pytest.raises(WriteRefusedError, match=reason):
            embed(picture, ASCII, dest, dry_run=dry_run)
    os.link(other, hard)
    with pytest.raises(WriteRefusedError, match="hard links"):
        strip(PICTURES["png"](), hard, dry_run=dry_run)
    assert link.is_symlink()
    assert (other.read_bytes(), locked.read_bytes()) == (b"something of the user's", b"protected")


@posix
def test_a_protected_file_is_refused_also_to_the_superuser(picture: Path) -> None:
    os.chmod(picture, 0o444)
    with pytest.raises(WriteRefusedError, match="not writable"):
        embed(picture, ASCII, in_place=True)
    assert picture.read_bytes() == PICTURES["png"]()


def test_an_existing_target_is_replaced(picture: Path) -> None:
    dest = picture.parent / "b.png"
    dest.write_bytes(b"older")
    embed(picture, ASCII, dest)
    assert extract(dest, hash=False).meta == META["ascii"]


def test_a_dry_run_says_what_the_run_would(picture: Path) -> None:
    assert embed(picture, ASCII, dry_run=True).changed
    assert embed(picture, ASCII, in_place=True, dry_run=True).changed
    assert picture.read_bytes() == PICTURES["png"]()
    embed(picture, ASCII, in_place=True)
    assert not embed(picture, ASCII, dry_run=True).changed
    link = picture.parent / "link.png"
    link.symlink_to(picture)
    with pytest.raises(WriteRefusedError, match="symbolic"):
        strip(link, in_place=True, dry_run=True)
