"""The model files of folders: which there are, and what must be known before one is opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.library.kinds import DIFFUSERS_INDEX, SUFFIX_FORMATS
from extractor.library.sidecars import Sidecar, names_beside
from extractor.scanning.walk import FileEntry, Filters, Folder, Unreadable, walk


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that looks like a model, or the index of a diffusers folder."""

    path: str
    beside: tuple[tuple[str, Sidecar], ...] = ()
    """(path, kind) of each sidecar."""
    has_namesake: bool = False
    is_folder: bool = False
    """Whether `path` is a folder: a model in parts."""


@dataclass(slots=True)
class _Names:
    """The names of one folder, looked through once."""

    names: Container[str]
    stems: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> _Names:
        present = frozenset(names)
        return cls(present, Counter(_stem(name) for name in present if is_model_name(name)))


def is_model_name(name: str) -> bool:
    """Whether the extension is one of model files."""
    return os.path.splitext(name)[1].lower() in SUFFIX_FORMATS


def candidates(paths: Iterable[str], filters: Filters) -> Iterator[Candidate | Unreadable]:
    """The models of `paths`, which are folders or files.

    What stands in the folders of a diffusers folder are its parts, not models.
    """
    whole: str | None = None
    open_folders: dict[str, _Names] = {}
    for found in walk(paths, filters):
        if isinstance(found, Folder):
            open_folders = {path: names for path, names in open_folders.items() if _is_below(found.path, path)}
            open_folders[found.path] = _Names.of(found.names)
            if whole is None or not _is_below(found.path, whole):
                whole = found.path if DIFFUSERS_INDEX in found.names else None
                if whole is not None:
                    yield Candidate(whole, is_folder=True)
        elif isinstance(found, FileEntry):
            if is_model_name(found.name) and (whole is None or not _is_part(found.path, whole)):
                around = open_folders[found.folder.path] if found.folder is not None else _around(found.path)
                yield _candidate(found, around)
        elif isinstance(found, Unreadable) and not has_suffix(found.path, IMAGE_SUFFIXES):
            yield found


def _is_part(path: str, whole: str) -> bool:
    return _is_below(os.path.dirname(path), whole)


def _candidate(entry: FileEntry, around: _Names) -> Candidate:
    folder = os.path.dirname(entry.path)
    stem = _stem(entry.name)
    beside = [(os.path.join(folder, name), kind) for name, kind in names_beside(entry.name, stem, around.names)]
    return Candidate(entry.path, tuple(beside), around.stems.get(stem, 0) > 1)


def _around(path: str) -> _Names:
    try:
        return _Names.of(os.listdir(os.path.dirname(path) or os.curdir))
    except OSError:
        return _Names(())


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))
