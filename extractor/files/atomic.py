"""Files written whole or not at all: a temporary file in the same folder takes the target's place at the end."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import secrets
import stat
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from extractor.errors import ExtractorError, OutputError, access_error
from extractor.files.paths import CREATE, FOLDER

_PREFIX: Final = ".extractor-"
_SUFFIX: Final = ".tmp"
_TEMPORARY: Final = re.compile(r"\.extractor-([0-9a-f]{8})-([0-9]{1,10})-[0-9a-f]{16}\.tmp")
_OLD: Final = 24 * 60 * 60
"""Seconds after which a temporary file is nobody's: its writer runs elsewhere, or its process id lives on."""


def atomic_write(path: str, data: bytes, *, mode_from: str | None = None, fsync: bool = True) -> None:
    """Write a whole file in one step: whatever happens, `path` holds all of `data` or what it held before.

    Args:
        path: A symlink there is replaced, not followed.
        data: The file's content.
        mode_from: A file whose permission bits the new one gets. None: those of the file it replaces, else the
            process's default.
        fsync: Wait until the content and (on POSIX) the folder are on the disk, so that this holds through a
            power cut too.

    Raises:
        OutputError: It could not be written.
    """
    with atomic_file(path, mode_from=mode_from, fsync=fsync, buffering=0) as file:
        _write_all(file, data)


def atomic_create(path: str, data: bytes) -> bool:
    """As `atomic_write`, where nothing stands yet; False: something does, which stays. Of several writers one wins."""
    try:
        with atomic_file(path, buffering=0, put=_put_new) as file:
            _write_all(file, data)
    except OutputError as error:
        if error.errno == errno.EEXIST:
            return False
        raise
    return True


def _write_all(file: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _put_new(temporary: str, path: str) -> None:
    """Move a file to a place where nothing stands. Raises `FileExistsError`."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):  # no hard links here: nearly as good
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


@contextmanager
def atomic_file(
    path: str,
    *,
    mode_from: str | None = None,
    fsync: bool = True,
    buffering: int = -1,
    before_replacing: Callable[[str], None] | None = None,
    put: Callable[[str, str], None] | None = None,
) -> Iterator[BinaryIO]:
    """As `atomic_write`, for a file written piece by piece: it takes its place when the block ends without an error.

    `before_replacing` is called with the path of the finished temporary file; what it raises leaves `path` as it was.
    `put` gives that file its place; None: it replaces what stands there.

    Raises `OutputError` for every `OSError`, also one of the block's own writes.
    """
    _check(path)
    mode = _mode(path if mode_from is None else mode_from)
    temporary = os.path.join(os.path.dirname(path), _temporary_name())
    try:
        fd = os.open(temporary, CREATE, 0o666 if mode is None else 0o600)
        try:
            with open(fd, "wb", buffering=buffering) as file:
                yield file
                file.flush()
                if mode is not None:
                    _set_mode(temporary, fd, mode)
                if before_replacing is not None:
                    before_replacing(temporary)
                if fsync:
                    os.fsync(fd)
            (put or os.replace)(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except ExtractorError:
        raise
    except OSError as error:
        raise access_error(error, OutputError) from error
    if fsync:
        _sync_folder(os.path.dirname(path))


def is_leftover(name: str) -> bool:
    """Whether a file of this name is one of our temporary files."""
    return name.startswith(_PREFIX) and _TEMPORARY.fullmatch(name) is not None


def remove_leftovers(folder: str, names: Iterable[str] | None = None) -> None:
    """Remove the temporary files in a folder that killed runs left behind.

    A file's writer is told by host and process id: it is removed when that process is gone, or after a day when it
    ran on another host or its id is in use.

    Args:
        folder: It may be missing.
        names: All that is in it, where that is known.
    """
    for name in _names(folder) if names is None else names:
        if is_leftover(name):
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                if _is_abandoned(name, os.lstat(path)):
                    os.unlink(path)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder or os.curdir)
    except OSError:
        return []


def _temporary_name() -> str:
    """Short whatever the target's name, which may be as long as a name can be."""
    return f"{_PREFIX}{_host()}-{os.getpid()}-{secrets.token_hex(8)}{_SUFFIX}"


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode('utf-8', 'replace')):08x}"


def _is_abandoned(name: str, status: os.stat_result) -> bool:
    match = _TEMPORARY.fullmatch(name)
    if match is None or not stat.S_ISREG(status.st_mode):
        return False
    if match[1] == _host() and not _runs(int(match[2])):
        return True
    return time.time() - status.st_mtime > _OLD


def _runs(pid: int) -> bool:
    if os.name == "nt":
        return True  # there is no question without side effects: os.kill would send Ctrl-C
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _check(path: str) -> None:
    """Raise `OutputError` for text that can be no path at all."""
    try:
        os.lstat(path)
    except ValueError as error:
        raise access_error(error, OutputError) from error
    except OSError:
        return


def _mode(path: str) -> int | None:
    """Permission bits of a regular file; None if there is none."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return None
    return mode & 0o777 if stat.S_ISREG(mode) else None


def _set_mode(path: str, fd: int, mode: int) -> None:
    if hasattr(os, "fchmod"):
        os.fchmod(fd, mode)
    else:
        os.chmod(path, mode)


def _sync_folder(path: str) -> None:
    """Put a rename on the disk, where the system has a way; the file itself is in place by then."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        fd = os.open(path or os.curdir, FOLDER)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
