"""Thumbnails of a whole catalog, made while nobody waits for others."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

import numpy as np

from extractor.errors import ExtractorError
from extractor.gallery.details import file_of
from extractor.gallery.gallery import Gallery
from extractor.gallery.report import EDGE
from extractor.gallery.thumbs import Dropped, Thumb, ThumbTask
from extractor.limits import KIB

_AHEAD: Final = 8
"""Requests that are made at once."""
BYTES_EACH: Final = 16 * KIB
"""Of a thumbnail, on average."""
_MARGIN: Final = 5 / 4


def needed_bytes(images: int) -> int:
    """What the thumbnails of so many pictures take, with room for more."""
    return int(images * BYTES_EACH * _MARGIN)


class ThumbsAhead:
    """Makes the thumbnails that a catalog lacks, the newest pictures first; those a page waits for go before."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.made = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """End it, between two."""
        self._ended.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until all are made."""
        self._thread.join(timeout)

    def _run(self) -> None:
        waiting: deque[tuple[str, Future[Thumb]]] = deque()
        with suppress(Dropped):
            for image in np.array(self._gallery.snapshot.shelf["id"]).tolist():
                if self._ended.is_set():
                    return
                found = self._wanted(image)
                if found is not None:
                    version, task = found
                    waiting.append((version, self._gallery.maker.submit(task, is_patient=True)))
                if len(waiting) >= _AHEAD:
                    self._keep(*waiting.popleft())
            while waiting:
                self._keep(*waiting.popleft())

    def _wanted(self, image: int) -> tuple[str, ThumbTask] | None:
        """The version of an image without a thumbnail, and what is to be done; None where nothing is."""
        with suppress(ExtractorError):
            with self._gallery.source.connection() as connection:
                found = file_of(connection, image)
            if found is not None and not self._gallery.cache.has(found[1], EDGE):
                return found[1], ThumbTask(self._gallery.place(image, found[0]), EDGE)
        return None

    def _keep(self, version: str, future: Future[Thumb]) -> None:
        data = future.result().data
        if data is not None:
            self._gallery.cache.put(version, EDGE, data)
            self.made += 1
