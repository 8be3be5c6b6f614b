"""Where a rewritten file goes: back to the caller as bytes, to a file object, or to a path in one step."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from typing import BinaryIO, Final, TypeAlias

from extractor.errors import OutputError, WriteRefusedError
from extractor.files.atomic import atomic_file
from extractor.files.bytesource import ByteSource, BytesSource, FileSource
from extractor.files.splice import Splice
from extractor.writers.report import WriteReport

Target: TypeAlias = "str | os.PathLike[str] | BinaryIO"

_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_TICK: Final = 1
"""Nanoseconds added to a time that would look unchanged."""


def check_target(path: str | None, dest: Target | None, *, in_place: bool, dry_run: bool) -> None:
    """Raise ValueError for a choice of target that makes no sense, `WriteRefusedError` for one that would do harm.

    Where nothing is written, a path needs no target.
    """
    if in_place and (dest is not None or path is None):
        raise ValueError("in_place is for a path, and without dest")
    if path is not None and dest is None and not (in_place or dry_run):
        raise ValueError("a path needs dest or in_place=True")
    if in_place and path is not None:
        _check_replaceable(path)
    elif isinstance(dest, str | os.PathLike):
        if path is not None and _is_same(path, os.fspath(dest)):
            raise WriteRefusedError("the target is the file itself; that is what in_place is for")
        if os.path.lexists(dest):
            _check_replaceable(os.fspath(dest))


def _check_replaceable(path: str) -> None:
    """A file is replaced by a new one: refuse where that would part links or ignore that it is protected."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError) as error:
        raise WriteRefusedError(f"cannot be replaced: {error}") from error
    if stat.S_ISLNK(status.st_mode):
        raise WriteRefusedError("a symbolic link is not replaced by a file; name what it leads to")
    if status.st_nlink > 1:
        raise WriteRefusedError(f"the file has {status.st_nlink} hard links, which a rewritten file would part")
    # To the superuser all is writable, also what somebody protected.
    if not (status.st_mode & _WRITABLE and os.access(path, os.W_OK)):
        raise WriteRefusedError("the file is not writable")


def _is_same(path: str, other: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return os.path.samefile(path, other)
    return False


def deliver(
    splice: Splice,
    source: ByteSource,
    path: str | None,
    dest: Target | None,
    report: WriteReport,
    *,
    keep_times: bool,
    fsync: bool,
) -> None:
    """Hand the result over and say so in the report. A file in place whose bytes do not change is left alone."""
    report.changed = not splice.is_empty
    if dest is None and path is None:
        data = splice.joined()
        report.changed = not (isinstance(source, BytesSource) and data == source.data)
        report.data = data
    elif isinstance(dest, str | os.PathLike):
        report.path = os.fspath(dest)
        _write(splice, source, report.path, path, keep_times=keep_times, fsync=fsync)
    elif dest is not None:
        for part in splice.parts():
            dest.write(part)
    elif path is not None:
        report.path = path
        report.changed = is_change(splice, source)
        if report.changed:
            _write(splice, source, path, path, keep_times=keep_times, fsync=fsync)


def is_change(splice: Splice, source: ByteSource) -> bool:
    """Whether the result differs from the file."""
    if splice.is_empty or splice.size != source.size:
        return not splice.is_empty
    position = 0
    for part in splice.parts():
        if source.read_at(position, len(part)) != part:
            return True
        position += len(part)
    return False


def _write(splice: Splice, source: ByteSource, path: str, like: str | None, *, keep_times: bool, fsync: bool) -> None:
    """One step: a temporary file in the folder, with mode, attributes and ACL of `like`, synced, then renamed."""

    def finish(temporary: str) -> None:
        if isinstance(source, FileSource) and source.changed():
            raise WriteRefusedError("the file changed while it was read; it is left as it is now")
        if like is not None:
            if like == path and hasattr(os, "chown"):
                _give_back(temporary, like)
            _dress(temporary, like, same_size=splice.size == source.size, keep_times=keep_times)

    with atomic_file(path, fsync=fsync, buffering=0, before_replacing=finish) as file:
        for part in splice.parts():
            left = memoryview(part)
            while left:
                left = left[file.write(left) :]


def _give_back(temporary: str, like: str) -> None:
    """Owner and group of the file that is replaced, where the system lets us: root alone may give files away."""
    status = os.stat(like)
    with contextlib.suppress(OSError):
        os.chown(temporary, status.st_uid, status.st_gid)


def _dress(temporary: str, like: str, *, same_size: bool, keep_times: bool) -> None:
    status = os.stat(like)
    try:
        shutil.copystat(like, temporary)
    except OSError as error:  # attributes that this file system does not bear
        if not os.access(temporary, os.R_OK):
            raise OutputError(error.errno, error.strerror) from error
    mtime = status.st_mtime_ns if keep_times else time.time_ns()
    if mtime == status.st_mtime_ns and same_size:
        mtime += _TICK  # so that those who compare size and time notice
    os.utime(temporary, ns=(status.st_atime_ns if keep_times else mtime, mtime))
