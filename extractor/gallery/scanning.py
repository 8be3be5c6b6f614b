"""The scan that fills a folder's catalog while its page is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any, Final

from extractor.catalog.rows import FILLED
from extractor.catalog.stored import StoredRow
from extractor.catalog.writer import Catalog
from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.errors import OutputError
from extractor.gallery.cache import ThumbCache
from extractor.gallery.cells import version
from extractor.gallery.gallery import Progress
from extractor.gallery.report import EDGE
from extractor.scanning.scan import scan
from extractor.scanning.tally import Tally
from extractor.scanning.walk import FileEntry, Filters, walk

_PATIENCE: Final = 0.4
"""Seconds the end of the program waits for the row that is being written."""
_FILTERS: Final = ("include", "exclude", "hidden", "follow_symlinks")
_DIGEST: Final = FILLED.index("sha256")


class BackgroundScan:
    """Reads a folder into a catalog, in a thread; it can be ended at any file."""

    def __init__(
        self,
        folder: str,
        catalog: str,
        told: Callable[[Progress], None],
        options: Mapping[str, Any],
        thumbs: ThumbCache | None = None,
        prunes: bool = False,
    ) -> None:
        """Prepare.

        Args:
            folder: What is read.
            catalog: The catalog that is filled.
            told: Hears of progress, in the scan's threads.
            options: Those of `extractor.scan`.
            thumbs: Where thumbnails go, which are made of the pixels that are decoded anyway; None: none are made.
            prunes: Whether images that are gone leave the catalog, unless these are most of them.
        """
        self._folder = folder
        self._catalog = catalog
        self._told = told
        self._options = dict(options)
        self._thumbs = thumbs
        self._prunes = prunes
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._progress = Progress(is_scanning=True)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.tally = Tally()

    def start(self) -> None:
        """Begin."""
        self._tell()
        threading.Thread(target=self._count, daemon=True).start()
        self._thread.start()

    def end(self) -> None:
        """End it; what was read is kept."""
        self._ended.set()
        self._thread.join(_PATIENCE)

    def join(self, timeout: float | None = None) -> None:
        """Wait until all is read."""
        self._thread.join(timeout)

    def _tell(self, **changes: Any) -> None:
        with self._lock:  # two threads tell
            self._progress = replace(self._progress, **changes)
            self._told(self._progress)

    def _run(self) -> None:
        failure: str | None = "the scan failed"
        try:
            with closing(Catalog(self._catalog)) as catalog:
                self._fill(catalog)
            failure = None
        except OutputError as error:
            failure = f"the scan ended: {error}"
        finally:
            self._tell(is_scanning=False, error=failure)

    def _fill(self, catalog: Catalog) -> None:
        edge = EDGE if self._thumbs is not None else None
        results = scan([self._folder], skip=catalog.skip, make=catalog.make, thumbnails=edge, **self._options)
        with closing(results):
            for result in results:
                if self._ended.is_set():
                    return
                catalog.write(result)
                if self._thumbs is not None and result.thumbnail is not None:
                    self._thumbs.put(_version(result.row), EDGE, result.thumbnail)
                self.tally.add(result)
                self._tell(done=self.tally.files, failures=self.tally.failed)
        if self._prunes:
            with suppress(OutputError):  # a disk that is not there now: its pictures stay, and say that they are gone
                catalog.prune([self._folder])

    def _count(self) -> None:
        total = sum(1 for _ in self._images())
        if not self._ended.is_set():
            self._tell(total=total)

    def _images(self) -> Iterator[str]:
        filters = Filters(**{name: self._options[name] for name in _FILTERS if name in self._options})
        for found in walk([self._folder], filters):
            if self._ended.is_set():
                return
            if isinstance(found, FileEntry) and has_suffix(found.name, IMAGE_SUFFIXES):
                yield found.name


def _version(row: StoredRow) -> str:
    return version(row.values[_DIGEST], row.stamp)
