"""Files and folders, as they are given, to one stream of files in a stable order.

Folders are gone through one at a time, entries sorted by the bytes of their names, without recursion. What is held
at any time are the names of the folders on the way down to the current one, never the tree.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

from extractor.archives.member import Member
from extractor.archives.registry import ARCHIVE_SUFFIXES
from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.errors import ExtractorError, FileAccessError, access_error
from extractor.files.address import Remote
from extractor.files.atomic import is_leftover
from extractor.readers.beside import SIDECAR_SUFFIX, SUFFIXES, ForeignSidecar, foreign_names

Origin: TypeAlias = Remote | Member
_TEXT_SUFFIXES: Final = tuple(f".{suffix}" for suffix in SUFFIXES)


class EntryKind(IntEnum):
    """What an entry of a folder is, as far as the folder itself tells."""

    FILE = 0
    FOLDER = 1
    LINK = 2
    OTHER = 3
    """A FIFO, socket or device: never opened."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is gone through now; its files follow."""

    path: str
    root: str
    """The argument it was found under."""
    relative: str
    """Its path below `root`; empty for `root` itself."""
    names: Mapping[str, EntryKind]
    """Everything in it, hidden entries too, in the order of the walk."""
    is_whole: bool
    """Whether the system gave all names."""
    has_texts: bool
    """Whether any name ends like the sidecar of another tool; none does in most folders."""
    _prefix: str
    _relative_prefix: str

    def join(self, name: str) -> str:
        """The path of an entry."""
        return self._prefix + name

    def join_relative(self, name: str) -> str:
        """The path of an entry below `root`."""
        return self._relative_prefix + name


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file that may be an image; not opened yet."""

    path: str
    """As given, or joined to what was given; never resolved."""
    name: str
    folder: Folder | None = None
    """The folder it was met in; None when it was named."""
    beside: tuple[str | ForeignSidecar, ...] | None = None
    """Other tools' files beside it, as the folder has them; None when it was named: not looked for."""
    origin: Origin | None = None
    """What it is if no file on disk."""

    @property
    def root(self) -> str:
        """The argument it was found under; the file itself when it was named."""
        return self.path if self.folder is None else self.folder.root

    @property
    def relative(self) -> str:
        """Its path below `root`; its name when it was named."""
        return self.name if self.folder is None else self.folder.join_relative(self.name)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A path that cannot be read or gone into."""

    path: str
    error: ExtractorError


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something in a folder that is no image, as its kind or its place beside an image shows."""

    path: str


Found: TypeAlias = Folder | FileEntry | Unreadable | PassedOver


class Filters:
    """Which entries of folders are met at all."""

    def __init__(
        self,
        *,
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        hidden: bool = False,
        follow_symlinks: bool = False,
        archives: bool = False,
    ) -> None:
        """Compile the globs: one with a slash is matched with the path below the argument, else with the name.

        Args:
            include: Only files that match one of these; all when empty.
            exclude: Neither files nor folders that match one of these.
            hidden: Also entries whose name begins with a dot.
            follow_symlinks: Also go into symlinked folders, each folder once.
            archives: Also go into archives, as their names tell them: globs to include choose among what is in them,
                as in folders.
        """
        self.hidden = hidden
        self.follow_symlinks = follow_symlinks
        self._archives = archives
        self._include = _Globs(_several(include)) if include else None
        self._exclude = _Globs(_several(exclude)) if exclude else None
        self.has_globs = bool(include or exclude)
        """Whether files are chosen by their names at all."""
        self.includes = bool(include)
        """Whether those that are read were asked for by a glob."""

    def wants_file(self, name: str, relative: str) -> bool:
        """Whether a file passes the globs."""
        if self._exclude is not None and self._exclude.match(name, relative):
            return False
        return self._include is None or self._include.match(name, relative)

    def meets(self, name: str, relative: str) -> bool:
        """Whether a file of a folder is met: an archive that is gone into as a folder would be."""
        return self.wants_folder(name, relative) if self.goes_into(name) else self.wants_file(name, relative)

    def goes_into(self, name: str) -> bool:
        """Whether a file of a folder is an archive that is gone into."""
        return self._archives and has_suffix(name, ARCHIVE_SUFFIXES)

    def wants_folder(self, name: str, relative: str) -> bool:
        """Whether a folder passes the globs."""
        return self._exclude is None or not self._exclude.match(name, relative)


def _several(globs: str | Sequence[str]) -> Sequence[str]:
    return (globs,) if isinstance(globs, str) else globs


class _Globs:
    def __init__(self, patterns: Sequence[str]) -> None:
        self._names = _compiled([pattern for pattern in patterns if "/" not in pattern])
        self._paths = _compiled([pattern.lstrip("/") for pattern in patterns if "/" in pattern])

    def match(self, name: str, relative: str) -> bool:
        if self._names is not None and self._names.match(os.path.normcase(name)):
            return True
        return self._paths is not None and bool(self._paths.match(os.path.normcase(relative)))


def _compiled(patterns: list[str]) -> re.Pattern[str] | None:
    # `translate` writes atomic groups: matching cannot backtrack exponentially.
    return re.compile("|".join(fnmatch.translate(os.path.normcase(item)) for item in patterns)) if patterns else None


def walk(paths: Iterable[str], filters: Filters | None = None) -> Iterator[Found]:
    """Each file of `paths`, which may be files and folders; nothing that goes wrong ends the walk.

    A folder comes before what is in it. Nothing is opened but folders, and a file that stands at a sidecar's place
    beside an image is passed over.
    """
    chosen = filters or Filters()
    for path in paths:
        yield from _argument(path, chosen)


def _argument(path: str, filters: Filters) -> Iterator[Found]:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        yield Unreadable(path, access_error(error, FileAccessError))
        return
    name = os.path.basename(path)
    if stat.S_ISDIR(mode):
        yield from _tree(path, filters)
    elif not filters.wants_file(name, name):
        return
    elif stat.S_ISREG(mode):
        yield FileEntry(path, name)
    else:
        yield Unreadable(path, FileAccessError(None, "not a regular file"))


def _tree(root: str, filters: Filters) -> Iterator[Found]:
    seen: set[tuple[int, int]] = set()
    open_folders: list[tuple[Folder, Iterator[tuple[str, EntryKind]]]] = []
    below: tuple[str, str] | None = (root, "")
    while below or open_folders:
        if below is not None:
            if not filters.follow_symlinks or _first_visit(below[0], seen):
                folder, error = _listed(below[0], root, below[1])
                if error is not None:
                    yield Unreadable(folder.path, error)
                yield folder
                open_folders.append((folder, iter(folder.names.items())))
            below = None
        if not open_folders:
            return
        folder, entries = open_folders[-1]
        for name, kind in entries:
            if name[0] == "." and not filters.hidden:
                continue
            found = _file(folder, name, filters) if kind is EntryKind.FILE else _entry(folder, name, kind, filters)
            if isinstance(found, str):
                below = (found, folder.join_relative(name))
                break
            if found is not None:
                yield found
        else:
            open_folders.pop()


def _first_visit(folder: str, seen: set[tuple[int, int]]) -> bool:
    try:
        status = os.stat(folder)
    except OSError:
        return True
    key = (status.st_dev, status.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _listed(path: str, root: str, relative: str) -> tuple[Folder, FileAccessError | None]:
    """A folder with as many of its names as the system gives."""
    names: dict[str, EntryKind] = {}
    failure = None
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                names[entry.name] = _kind(entry)
    except OSError as error:
        failure = access_error(error, FileAccessError)
    ordered = {name: names[name] for name in _sorted(names)}
    prefixes = os.path.join(path, ""), relative and os.path.join(relative, "")
    return Folder(path, root, relative, ordered, failure is None, _has_texts(ordered), *prefixes), failure


def _sorted(names: Iterable[str]) -> list[str]:
    """By their bytes, which is the order of the characters but for what stands for bytes that are not UTF-8."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return sorted(names, key=os.fsencode)
    return sorted(names)


def _has_texts(names: Mapping[str, EntryKind]) -> bool:
    return any(name.endswith(_TEXT_SUFFIXES) and not is_sidecar(name, names) for name in names)


def is_sidecar(name: str, names: Mapping[str, EntryKind]) -> bool:
    """Whether a name stands at the sidecar's place of another one of the folder."""
    return name.endswith(SIDECAR_SUFFIX) and name[: -len(SIDECAR_SUFFIX)] in names


def _kind(entry: os.DirEntry[str]) -> EntryKind:
    try:
        if entry.is_file(follow_symlinks=False):
            return EntryKind.FILE
        if entry.is_symlink() or _is_junction(entry):
            return EntryKind.LINK
        if entry.is_dir(follow_symlinks=False):
            return EntryKind.FOLDER
    except OSError:
        return EntryKind.LINK  # gone, or its kind cannot be asked yet: settled when its turn comes
    return EntryKind.OTHER


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder of Windows that is really another one (told from Python 3.12 on)."""
    ask = getattr(entry, "is_junction", None)
    return ask is not None and bool(ask())


def _file(folder: Folder, name: str, filters: Filters) -> FileEntry | PassedOver | None:
    """What the name of a regular file gives."""
    if filters.has_globs and not filters.meets(name, folder.join_relative(name)):
        return None
    if name[0] == "." and is_leftover(name):
        return None
    path = folder.join(name)
    if is_sidecar(name, folder.names):
        return PassedOver(path)
    return FileEntry(path, name, folder, _beside(folder, name) if folder.has_texts else ())


def _beside(folder: Folder, name: str) -> tuple[str, ...]:
    return tuple([folder.join(other) for other in foreign_names(name) if other in folder.names])


def _entry(folder: Folder, name: str, kind: EntryKind, filters: Filters) -> Found | str | None:
    """What an entry that is no regular file gives: something found, a folder's path to go into, or nothing."""
    path = folder.join(name)
    failure: FileAccessError | None = None
    if kind is EntryKind.LINK:
        kind, failure = _target(path)
        if kind is EntryKind.FOLDER and not filters.follow_symlinks:
            return None
    if kind is EntryKind.FILE:
        return _file(folder, name, filters)
    relative = folder.join_relative(name)
    if kind is EntryKind.FOLDER:
        return path if filters.wants_folder(name, relative) else None
    if not filters.wants_file(name, relative) or is_leftover(name):
        return None
    if has_suffix(name, IMAGE_SUFFIXES):
        return Unreadable(path, failure or FileAccessError(None, "not a regular file"))
    return PassedOver(path)


def _target(link: str) -> tuple[EntryKind, FileAccessError | None]:
    """What a symlink leads to; `EntryKind.OTHER` with the reason if that cannot be told."""
    try:
        mode = os.stat(link).st_mode
    except OSError as error:
        return EntryKind.OTHER, access_error(error, FileAccessError)
    if stat.S_ISDIR(mode):
        return EntryKind.FOLDER, None
    return (EntryKind.FILE if stat.S_ISREG(mode) else EntryKind.OTHER), None
