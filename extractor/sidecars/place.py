"""Where the sidecars of images stand: beside them, or in a tree of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Protocol

from extractor.archives.member import Member, safe_relative
from extractor.files.address import Address, name_of
from extractor.readers.beside import SIDECAR_SUFFIX
from extractor.scanning.walk import EntryKind, FileEntry, Filters, Folder, walk
from extractor.sidecars.file import path_of, sidecar_path, usual_record


class Place(Protocol):
    """One way to place sidecars."""

    @property
    def is_shared(self) -> bool:
        """Whether images of several trees, of other runs too, may meet there."""

    def target(self, entry: FileEntry) -> str:
        """The path of the image's sidecar."""

    def rival(self, entry: FileEntry) -> str | None:
        """Another image that has the same sidecar."""

    def record(self, entry: FileEntry, target: str) -> dict[str, Any] | None:
        """The sidecar of this image and no other, if it is one of ours; None also where that is not clear at once."""

    def sidecar_folder(self, entry: FileEntry | Folder) -> str:
        """The folder of the image's sidecar, or of the sidecars of all images in a folder."""

    def orphans(self, folder: Folder, filters: Filters) -> Iterator[tuple[str, str]]:
        """(image, sidecar) for names that look like the sidecar of an image that is not there."""

    def count(self, folder: Folder) -> int:
        """How many names look like sidecars, among those that `orphans` looks at."""


class Beside:
    """Sidecars that stand beside their images."""

    is_shared = False

    def target(self, entry: FileEntry) -> str:
        return sidecar_path(entry.path)

    def rival(self, entry: FileEntry) -> str | None:
        """Another image with the same sidecar: there is none."""
        return None

    def record(self, entry: FileEntry, target: str) -> dict[str, Any] | None:
        """The sidecar of the image."""
        if entry.folder is not None and entry.folder.names.get(sidecar_path(entry.name)) is not EntryKind.FILE:
            return None
        return usual_record(target)

    def sidecar_folder(self, entry: FileEntry | Folder) -> str:
        return entry.path if isinstance(entry, Folder) else os.path.dirname(entry.path)

    def orphans(self, folder: Folder, filters: Filters) -> Iterator[tuple[str, str]]:
        """(image, sidecar) where a name looks like the sidecar of an image that is not there."""
        for name, kind in folder.names.items():
            image = name.removesuffix(SIDECAR_SUFFIX)
            if not image or image in folder.names or kind is not EntryKind.FILE:
                continue
            if image[0] == "." and not filters.hidden:
                continue
            if filters.wants_file(image, folder.join_relative(image)):
                yield folder.join(image), folder.join(name)

    def count(self, folder: Folder) -> int:
        """The names that end as sidecars do."""
        return sum(1 for name in folder.names if name.endswith(SIDECAR_SUFFIX))


class Elsewhere:
    """Sidecars in a tree of their own that has the shape of the images' one."""

    is_shared = True

    def __init__(self, out_dir: str) -> None:
        self._out_dir = out_dir
        self._roots: dict[str, dict[str, None]] = {}
        """Name of an argument -> the arguments of that name, in their order."""
        self._claims: dict[str, str] = {}
        """Sidecar -> the member of an archive that has it: names that differ may be the same once they are safe."""

    def target(self, entry: FileEntry) -> str:
        below = self._below(entry.root)
        if entry.origin is not None:
            return sidecar_path(os.path.join(below, safe_relative(entry.relative)))
        return sidecar_path(below if entry.folder is None else os.path.join(below, entry.relative))

    def rival(self, entry: FileEntry) -> str | None:
        """The image under an earlier argument of the same name that has the same sidecar."""
        if isinstance(entry.origin, Member):
            claimed = self._claims.setdefault(self.target(entry), entry.path)
            return None if claimed == entry.path else claimed
        if entry.origin is not None:
            return None  # its url in the sidecar will tell
        name = _argument_name(entry.root)
        for root in self._roots.setdefault(name, {}):
            if os.path.abspath(root) == os.path.abspath(entry.root):
                break
            image = root if entry.folder is None else os.path.join(root, entry.relative)
            if os.path.lexists(image):
                return image
        self._roots[name][entry.root] = None
        return None

    def record(self, entry: FileEntry, target: str) -> dict[str, Any] | None:
        """The sidecar of the image, not one of another tree."""
        record = usual_record(target)
        if entry.origin is not None:
            return record
        original = path_of(record.get("url")) if record is not None else None
        return record if original is None or original == os.path.abspath(entry.path) else None

    def sidecar_folder(self, entry: FileEntry | Folder) -> str:
        below = self._below(entry.root)
        if isinstance(entry, FileEntry) and entry.origin is not None:
            return below
        return os.path.join(below, entry.relative) if isinstance(entry, Folder) else os.path.dirname(below)

    def orphans(self, folder: Folder, filters: Filters) -> Iterator[tuple[str, str]]:
        """(image, sidecar) for the whole tree of an argument, when its walk begins."""
        if folder.relative:
            return
        for found in walk([self._below(folder.root)], Filters(hidden=True)):
            if isinstance(found, FileEntry) and found.folder is not None:
                relative = found.relative.removesuffix(SIDECAR_SUFFIX)
                is_one = found.folder.names.get(os.path.basename(found.path)) is EntryKind.FILE
                if is_one and relative != found.relative and filters.wants_file(os.path.basename(relative), relative):
                    yield folder.join(relative), found.path

    def count(self, folder: Folder) -> int:
        """Those of the whole tree of an argument, when its walk begins."""
        if folder.relative:
            return 0
        below = walk([self._below(folder.root)], Filters(hidden=True))
        return sum(1 for found in below if isinstance(found, FileEntry) and found.name.endswith(SIDECAR_SUFFIX))

    def _below(self, root: str) -> str:
        return os.path.join(self._out_dir, _argument_name(root))


def _argument_name(root: str) -> str:
    if isinstance(root, Address):
        return safe_relative(name_of(root)).replace("/", "_")
    return os.path.basename(os.path.abspath(root))
