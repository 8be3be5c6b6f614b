"""All other schemes, where fsspec and its package for one are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from extractor.errors import FileAccessError, ReplacedError, TransientError
from extractor.files.address import Known
from extractor.files.store import Listed, Part, nanoseconds
from extractor.files.storeerrors import REPLACED, shortened, told


class FsspecStore:
    """The file system that fsspec has for a scheme; keys are whole addresses."""

    def __init__(self, scheme: str) -> None:
        try:
            fsspec = import_module("fsspec")
        except ImportError as error:
            raise FileAccessError(None, f"reading {scheme}:// needs fsspec: pip install fsspec") from error
        try:
            self._system = fsspec.filesystem(scheme)
        except Exception as error:
            raise FileAccessError(None, f"{scheme}:// cannot be read: {shortened(error)}") from error

    def get(self, key: str, start: int, end: int | None, etag: str | None = None) -> Part:
        """See `Store.get`."""
        try:
            known = _known(self._system.info(key))
            if etag is not None and known.etag != etag:
                raise ReplacedError(None, REPLACED)
            return Part(bytes(self._system.cat_file(key, start=start, end=end)), known)
        except Exception as error:
            raise told(error) from error

    def whole(self, key: str, most: int, etag: str | None = None) -> Part | None:
        """See `Store.whole`."""
        try:
            size = _known(self._system.info(key)).size
        except Exception as error:
            raise told(error) from error
        return None if size > most else self.get(key, 0, None, etag)

    def folder(self, prefix: str) -> tuple[list[str], list[Listed]]:
        """See `Store.folder`."""
        return self._names(prefix) or ([], [])

    def below(self, prefix: str) -> Iterator[Listed]:
        """See `Store.below`. The walk of fsspec itself leaves out folders that it cannot list."""
        waiting = [prefix]
        while waiting:
            folder = waiting.pop()
            found = self._names(folder)
            if found is None:
                if folder is prefix:
                    return
                raise TransientError(None, "a folder went while all were listed")
            yield from found[1]
            waiting += [inner for inner in reversed(found[0]) if inner.rstrip("/") != folder.rstrip("/")]

    def _names(self, prefix: str) -> tuple[list[str], list[Listed]] | None:
        """As `folder`; None where there is none."""
        try:
            names = self._system.ls(prefix, detail=True)
        except FileNotFoundError:
            return None
        except Exception as error:
            raise told(error) from error
        folders = [self._system.unstrip_protocol(item["name"]) for item in names if item["type"] == "directory"]
        return folders, [self._listed(item) for item in names if item["type"] == "file"]

    def _listed(self, item: Mapping[str, Any]) -> Listed:
        return Listed(self._system.unstrip_protocol(item["name"]), _known(item))


def _known(info: Mapping[str, Any]) -> Known:
    """The names differ from file system to file system."""
    moment = next((info[key] for key in ("LastModified", "last_modified", "mtime", "created") if info.get(key)), None)
    etag = next((str(info[key]) for key in ("ETag", "etag", "md5") if info.get(key)), None)
    return Known(info.get("size") or 0, nanoseconds(moment), etag)
