"""Buckets gone through as folders are: the same order, the same filters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from extractor.errors import FileAccessError
from extractor.files.address import WEB, Address, Remote, is_prefix, name_of, parts_of
from extractor.files.listing import RemoteFolder, RemoteFolders, is_folder
from extractor.readers.beside import ForeignSidecar, foreign_names
from extractor.scanning.walk import EntryKind, FileEntry, Filters, Folder, Found, PassedOver, Unreadable, is_sidecar


def walk_remote(address: Address, filters: Filters, *, foreign: bool = False) -> Iterator[Found]:
    """Each file at or below an address, as `extractor.scanning.walk.walk` gives those of a path.

    `foreign`: other tools' sidecars count as such; each of them is a request when its picture is read.
    """
    try:
        is_tree = is_prefix(address) or (_may_be_folder(address) and is_folder(address))
    except FileAccessError as error:
        yield Unreadable(address, error)
        return
    if is_tree:
        with closing(RemoteFolders()) as listing:
            yield from _Tree(address, listing, filters, foreign=foreign).walk()
    else:
        yield FileEntry(address, name_of(address), origin=Remote(address))


def _may_be_folder(address: Address) -> bool:
    """Whether an address without a slash at its end is worth the question; the web has no folders."""
    return parts_of(address).scheme not in WEB and not has_suffix(address, IMAGE_SUFFIXES | VIDEO_SUFFIXES)


@dataclass(slots=True)
class _Level:
    """A folder on the way down to the current one."""

    folder: Folder
    entries: Iterator[Address | Remote]
    """What is left of it, in the order of the names."""
    inner: list[Address]
    """The folders among them that are gone into, from the first to the last."""
    files: dict[str, Remote]
    done: int = 0
    """How many of `inner` have been gone into."""


class _Tree:
    """One walk below an address."""

    def __init__(self, argument: Address, listing: RemoteFolders, filters: Filters, *, foreign: bool) -> None:
        self._argument = argument
        self._root = Address(f"{argument.rstrip('/')}/")
        self._listing = listing
        self._filters = filters
        self._foreign = foreign

    def walk(self) -> Iterator[Found]:
        """Without recursion: what is held are the folders on the way down, and a few that come next."""
        levels: list[_Level] = []
        below: Address | None = self._root
        while below is not None or levels:
            if below is not None:
                found, failure = self._taken(below)
                if failure is not None:
                    yield failure
                levels.append(self._level(below, found))
                yield levels[-1].folder
                below = None
            level = levels[-1]
            for entry in level.entries:
                if isinstance(entry, Remote):
                    yield from self._file(entry, level)
                    continue
                level.done += 1
                self._listing.expect(level.inner, level.done)
                below = entry
                break
            else:
                levels.pop()

    def _taken(self, folder: Address) -> tuple[RemoteFolder, Unreadable | None]:
        try:
            found = self._listing.take(folder)
        except FileAccessError as error:
            return RemoteFolder([], []), Unreadable(self._argument if folder is self._root else folder, error)
        if folder is self._root and not (found.folders or found.files):
            return found, Unreadable(self._argument, FileAccessError(None, "there is nothing below this address"))
        return found, None

    def _level(self, path: Address, found: RemoteFolder) -> _Level:
        relative = path.removeprefix(self._root)
        files = {_name(file.address): file for file in found.files}
        names = dict.fromkeys(map(_name, found.folders), EntryKind.FOLDER) | dict.fromkeys(files, EntryKind.FILE)
        folder = Folder(path, self._argument, relative.rstrip("/"), names, True, False, path, relative)
        inner = sorted((name for name in found.folders if self._goes_into(_name(name), folder)), key=_name)
        self._listing.expect(inner, 0)
        met = (file for name, file in files.items() if self._filters.hidden or name[:1] != ".")
        entries: list[Address | Remote] = [*inner, *met]
        return _Level(folder, iter(sorted(entries, key=_order)), inner, files)

    def _goes_into(self, name: str, folder: Folder) -> bool:
        is_met = bool(name) and (self._filters.hidden or name[0] != ".")
        return is_met and self._filters.wants_folder(name, folder.join_relative(name))

    def _file(self, file: Remote, level: _Level) -> Iterator[Found]:
        name, folder = _name(file.address), level.folder
        if self._filters.has_globs and not self._filters.meets(name, folder.join_relative(name)):
            return
        if is_sidecar(name, folder.names):
            yield PassedOver(file.address)
            return
        yield FileEntry(file.address, name, folder, tuple(self._beside(name, level)), origin=file)

    def _beside(self, name: str, level: _Level) -> Iterator[ForeignSidecar]:
        for other in foreign_names(name) if self._foreign else ():
            file = level.files.get(other)
            if file is not None and file.known is not None:
                place = other[len(os.path.splitext(name)[0]) + 1 :]
                yield ForeignSidecar(file.address, place, file.known.size, file.known.mtime_ns or 0)


def _name(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def _order(entry: Address | Remote) -> tuple[str, bool]:
    return (_name(entry.address), False) if isinstance(entry, Remote) else (_name(entry), True)
