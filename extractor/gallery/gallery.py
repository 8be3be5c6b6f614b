"""`Gallery`: one catalog that is shown, with all that the addresses need."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from extractor.errors import FileAccessError
from extractor.gallery.cache import ThumbCache
from extractor.gallery.columns import Snapshot
from extractor.gallery.dropped import Drops
from extractor.gallery.served import GoneError, Place, place_of
from extractor.gallery.source import Source
from extractor.gallery.thumbs import Maker
from extractor.gallery.views import Views

if TYPE_CHECKING:
    from extractor.gallery.models import Models

_REMEMBERED: Final = 10_000
"""Ids of which something was found out that the catalog does not say."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is."""

    is_scanning: bool = False
    done: int = 0
    total: int | None = None
    failures: int = 0
    error: str | None = None
    """Why it ended early."""


class Remembered:
    """A bounded set of ids; the oldest go."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def __contains__(self, image: object) -> bool:
        return image in self._ids

    def add(self, image: int) -> None:
        """Remember one."""
        with self._lock:
            self._ids[image] = None
            if len(self._ids) > self._most:
                self._ids.popitem(last=False)

    def discard(self, image: int) -> None:
        """It is otherwise again."""
        with self._lock:
            self._ids.pop(image, None)


class Gallery:
    """What the server knows."""

    def __init__(
        self,
        source: Source,
        *,
        title: str,
        command: str,
        folders: Iterable[str] | None = None,
        cache: ThumbCache | None = None,
        models: Models | None = None,
        processes: int = 2,
    ) -> None:
        """Show a catalog.

        Args:
            source: The catalog.
            title: What the page is called.
            command: What a person can type to fill an empty catalog.
            folders: Those whose files are sent; None: those that pictures of the catalog stand in.
            cache: Thumbnails; None: one in memory.
            models: The library of models, if there is one.
            processes: That make thumbnails.
        """
        self.source = source
        self.title = title
        self.command = command
        self.views = Views(source.snapshot)
        self.cache = cache or ThumbCache(None)
        self.models = models
        self.maker = Maker(processes)
        self.drops = Drops()
        self.gone = Remembered()
        self.progress = Progress()
        self._folders = None if folders is None else [os.path.realpath(folder) for folder in folders]
        self._real: dict[str, str] = {}

    @property
    def snapshot(self) -> Snapshot:
        """The catalog's latest moment."""
        return self.views.snapshot

    def watch(self) -> None:
        """Keep up with the catalog; until `close`."""
        also = self.models.add_to if self.models is not None else None
        threading.Thread(target=self.source.watch, args=(self.views.renew, also), daemon=True).start()

    def place(self, image: int, path: str) -> Place:
        """Where the file of an image is. Raises `GoneError`, `NotServedError` or `FileAccessError`."""
        try:
            found = place_of(path, self._roots(path))
        except GoneError:
            self.gone.add(image)
            raise
        self.gone.discard(image)
        return found

    def is_servable(self, image: int, path: str) -> tuple[bool, bool]:
        """Whether the file can be sent, and whether it is gone."""
        try:
            self.place(image, path)
        except GoneError:
            return False, True
        except FileAccessError:
            return False, False
        return True, False

    def _roots(self, path: str) -> list[str]:
        if self._folders is not None:
            return self._folders
        folder = os.path.dirname(path)
        if folder not in self._real:  # what it was when it was first asked for: a folder is no way out later
            self._real[folder] = os.path.realpath(folder)
        return [self._real[folder]]

    def state(self) -> dict[str, Any]:
        """What pages are told as it changes."""
        snapshot, progress = self.snapshot, self.progress
        return {
            "scanning": progress.is_scanning,
            "done": progress.done,
            "total": progress.total,
            "failures": progress.failures,
            "error": progress.error,
            "revision": snapshot.revision,
            "images": len(snapshot),
            "root": self.title,
        }

    def close(self) -> None:
        """End the processes and let go of the files."""
        self.maker.close()
        self.drops.close()
        self.cache.close()
        self.source.close()
