"""What stands below a remote address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Final

from extractor.files.address import Address, Remote, parts_of
from extractor.files.background import Background, outcome
from extractor.files.store import Listed
from extractor.files.stores import store_of

_AHEAD: Final = 8
"""Folders that are listed before their turn: a request for each takes longer than reading what is in most."""


def list_objects(prefix: Address) -> Iterator[Remote]:
    """Every object below a prefix, with size, time and etag, in the order of the store and page by page.

    This is for very many objects: memory does not grow with them, and a thousand take one request. `RemoteFolders`
    has the order of local folders and takes a request for each folder. The prefix is a folder: ``s3://b/a`` lists
    ``s3://b/a/x`` and not ``s3://b/ab``.

    Raises `FileAccessError`, of the kinds that `open_remote` has.
    """
    store, key = store_of(prefix)
    for item in store.below(key):
        yield Remote(_address(prefix, item.key), item.known)


def _address(root: Address, key: str) -> Address:
    """The address of a key: fsspec's keys are addresses already."""
    return Address(key if "://" in key else f"{parts_of(root).root}/{key}")


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """The names right below a prefix."""

    folders: list[Address]
    """With a slash at their end."""
    files: list[Remote]


class RemoteFolders:
    """Lists folders one by one, some of them before they are asked for. To be closed."""

    def __init__(self) -> None:
        self._pool = Background(_AHEAD)
        self._coming: dict[Address, Future[RemoteFolder]] = {}

    def expect(self, folders: Sequence[Address], begin: int) -> None:
        """Have the next few of these listed meanwhile."""
        for folder in folders[begin : begin + _AHEAD]:
            if folder not in self._coming:
                self._coming[folder] = self._pool.submit(partial(_listed, folder))

    def take(self, folder: Address) -> RemoteFolder:
        """What is in a folder. Raises `FileAccessError`."""
        coming = self._coming.pop(folder, None)
        return _listed(folder) if coming is None else outcome(coming)

    def close(self) -> None:
        """Drop what was listed and not asked for."""
        self._pool.close()


def is_folder(address: Address) -> bool:
    """Whether there is something below an address. Raises `FileAccessError`."""
    found = _listed(Address(f"{address}/"))
    return bool(found.folders or found.files)


def _listed(folder: Address) -> RemoteFolder:
    store, key = store_of(folder)
    names, objects = store.folder(key)
    return RemoteFolder(
        [Address(f"{_address(folder, name).rstrip('/')}/") for name in names],
        [Remote(_address(folder, item.key), item.known) for item in objects if not _is_marker(item, key)],
    )


def _is_marker(item: Listed, key: str) -> bool:
    """Whether it is the empty object that stands for the folder itself."""
    return item.known.size == 0 and (item.key.endswith("/") or item.key == key.rstrip("/"))
