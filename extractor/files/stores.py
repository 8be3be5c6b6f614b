"""The store of an address: S3, GCS, Azure and the web are read by obstore, all other schemes by fsspec."""

from __future__ import annotations

import threading
from typing import Final, cast
from urllib.parse import quote, unquote

from extractor.errors import FileAccessError
from extractor.files.address import WEB, Parts, parts_of
from extractor.files.fsspecstore import FsspecStore
from extractor.files.objectstore import SCHEMES, ObjectStore
from extractor.files.store import Store, WritableStore

_STORES: Final = 32
"""Stores kept open by a process."""


def writable_store_of(address: str) -> tuple[WritableStore, str]:
    """As `store_of`, of S3, GCS or Azure. Raises `FileAccessError`."""
    parts = parts_of(address)
    if parts.scheme in WEB or parts.scheme not in SCHEMES:
        raise FileAccessError(None, f"nothing can be written to {parts.scheme}://: only to s3, gs and az")
    store, key = store_of(address)
    return cast("WritableStore", store), key


def store_of(address: str) -> tuple[Store, str]:
    """The store of an address, and the key there. Raises `FileAccessError`."""
    parts = parts_of(address)
    if parts.scheme not in SCHEMES:
        return FsspecStore(parts.scheme), address
    if not parts.root.partition("://")[2]:
        raise FileAccessError(None, "the address names no bucket or host")
    if parts.scheme in WEB:
        return _web_store(parts)
    return _kept(parts.root, parts.scheme), parts.key


_open_stores: Final[dict[str, Store]] = {}
"""Root -> its store: connections, nothing of what came through them."""
_lock: Final = threading.Lock()


def forget_stores() -> None:
    """Have stores made anew, after the environment that they are configured by has changed."""
    with _lock:
        _open_stores.clear()


def _kept(root: str, scheme: str) -> Store:
    with _lock:
        store = _open_stores.get(root)
        if store is None:
            while len(_open_stores) >= _STORES:
                del _open_stores[next(iter(_open_stores))]
            store = _open_stores[root] = ObjectStore(root, scheme)
    return store


def _web_store(parts: Parts) -> tuple[Store, str]:
    """The store of a host; of the very address where its path would not come out as it is written (signatures)."""
    path = unquote(parts.key)
    if parts.key in (quote(path), path) and not set("?#%") & set(path) and "" not in path.split("/"):
        return _kept(parts.root, parts.scheme), path
    return ObjectStore(f"{parts.root}/{parts.key}", parts.scheme), ""
