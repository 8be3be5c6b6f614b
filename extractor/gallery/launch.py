"""Puts a gallery together: the catalog of a folder or one that is named, its scan, its thumbnails, its models."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.errors import OutputError, access_error
from extractor.gallery.ahead import ThumbsAhead, needed_bytes
from extractor.gallery.cache import DEFAULT_BYTES, ThumbCache
from extractor.gallery.gallery import Gallery, Progress
from extractor.gallery.place import catalog_of, thumbs_path
from extractor.gallery.source import Source
from extractor.scanning.workers import available_processors

if TYPE_CHECKING:
    from extractor.gallery.scanning import BackgroundScan
    from extractor.library.library import ModelLibrary


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for."""

    path: str
    """A folder or a catalog."""
    catalog: str | None = None
    """Of a folder; None: one in the user's cache."""
    has_thumbnails: bool = False
    """Whether all thumbnails are made, whoever looks at them."""
    models: ModelLibrary | None = None


@contextmanager
def launched(wish: Wish, say: Callable[[str], None]) -> Iterator[Gallery]:
    """A gallery for the block, which fills itself meanwhile; `say` tells a person what it will need.

    Raises `OutputError` where the catalog cannot be used.
    """
    folder = wish.path if os.path.isdir(wish.path) else None
    catalog = wish.path if folder is None else _begun(folder, wish.catalog)
    cache = ThumbCache(thumbs_path())
    gallery = _gallery(wish, folder, catalog, cache)
    room = _Room(cache, say)
    ahead = ThumbsAhead(gallery) if wish.has_thumbnails else None
    scan = _scan(wish, folder, catalog, gallery, room if wish.has_thumbnails else None, say)
    gallery.watch()
    if wish.has_thumbnails:
        room.take(len(gallery.snapshot))
    if scan is not None:
        scan.start()
    if ahead is not None:
        threading.Thread(target=_one_after_the_other, args=(scan, ahead), daemon=True).start()
    try:
        yield gallery
    finally:
        if ahead is not None:
            ahead.end()
        if scan is not None:
            scan.end()
        gallery.close()


def _gallery(wish: Wish, folder: str | None, catalog: str, cache: ThumbCache) -> Gallery:
    from_here = os.path.abspath(wish.path)
    models = None
    if wish.models is not None:
        from extractor.gallery.models import Models

        models = Models(wish.models)
    return Gallery(
        Source(catalog),
        title=os.path.basename(from_here) or from_here,
        command=f"extractor scan FOLDER -o {wish.path}" if folder is None else f"extractor gallery {wish.path}",
        folders=None if folder is None else [folder],
        cache=cache,
        models=models,
        processes=available_processors(),
    )


def _begun(folder: str, catalog: str | None) -> str:
    """The catalog of a folder, which is there from now on."""
    from extractor.catalog.writer import Catalog

    place = catalog or catalog_of(folder)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(place)), mode=0o700, exist_ok=True)
    except OSError as error:
        raise access_error(error, OutputError) from error
    Catalog(place).close()
    return place


def _scan(
    wish: Wish, folder: str | None, catalog: str, gallery: Gallery, room: _Room | None, say: Callable[[str], None]
) -> BackgroundScan | None:
    if folder is None:
        return None
    from extractor.gallery.scanning import BackgroundScan

    def told(progress: Progress) -> None:
        gallery.progress = progress
        if progress.error is not None:
            say(progress.error)
        if room is not None and progress.total is not None:
            room.take(progress.total)

    thumbs = gallery.cache if room is not None else None
    is_ours = wish.catalog is None
    return BackgroundScan(folder, catalog, told, {"models": wish.models}, thumbs=thumbs, prunes=is_ours)


class _Room:
    """Gives the cache the room that all thumbnails of a catalog need, and says so once."""

    def __init__(self, cache: ThumbCache, say: Callable[[str], None]) -> None:
        self._cache = cache
        self._say = say
        self._taken = 0

    def take(self, images: int) -> None:
        """There are so many pictures."""
        needed = needed_bytes(images)
        if needed > max(DEFAULT_BYTES, self._taken):
            self._taken = needed
            self._cache.most_bytes = needed
            where = self._cache.path or "memory"
            self._say(f"thumbnails of {images:,} pictures take about {needed / 1e9:.1f} GB in {where}")


def _one_after_the_other(scan: BackgroundScan | None, ahead: ThumbsAhead) -> None:
    """Once a folder is read, thumbnails are made of what was not read anew."""
    if scan is not None:
        scan.join()
    ahead.start()
