"""The scan that fills a folder's catalog while its page is open."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

from extractor.catalog.writer import Catalog
from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
from extractor.errors import OutputError
from extractor.gallery.gallery import Progress
from extractor.scanning.scan import scan
from extractor.scanning.tally import Tally
from extractor.scanning.walk import FileEntry, Filters, walk

_PATIENCE: Final = 0.4
"""Seconds the end of the program waits for the row that is being written."""


class BackgroundScan:
    """Reads a folder into a catalog, in a thread; it can be ended at any file."""

    def __init__(self, folder: str, catalog: str, told: Callable[[Progress], None], **options: Any) -> None:
        """`told` hears of progress, in the scan's thread; `options` are those of `extractor.scan`."""
        self._folder = folder
        self._catalog = catalog
        self._told = told
        self._options = options
        self._ended = threading.Event()
        self._progress = Progress(is_scanning=True)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.tally = Tally()
        self.error: OutputError | None = None
        """Why it ended early."""

    def start(self) -> None:
        """Begin."""
        self._told(self._progress)
        threading.Thread(target=self._count, daemon=True).start()
        self._thread.start()

    def end(self) -> None:
        """End it; what was read is kept."""
        self._ended.set()
        self._thread.join(_PATIENCE)

    def join(self) -> None:
        """Wait until all is read."""
        self._thread.join()

    def _tell(self, **changes: Any) -> None:
        self._progress = replace(self._progress, **changes)
        self._told(self._progress)

    def _run(self) -> None:
        try:
            with closing(Catalog(self._catalog)) as catalog:
                results = scan([self._folder], skip=catalog.skip, make=catalog.make, **self._options)
                with closing(results):
                    for result in results:
                        if self._ended.is_set():
                            return
                        catalog.write(result)
                        self.tally.add(result)
                        self._tell(done=self.tally.files, failures=self.tally.failed)
                catalog.prune([self._folder])
        except OutputError as error:
            self.error = error
        finally:
            self._tell(is_scanning=False)

    def _count(self) -> None:
        total = sum(1 for _ in self._images())
        if not self._ended.is_set():
            self._tell(total=total)

    def _images(self) -> Iterator[str]:
        for found in walk([self._folder], Filters(**_filters(self._options))):
            if self._ended.is_set():
                return
            if isinstance(found, FileEntry) and has_suffix(found.name, IMAGE_SUFFIXES):
                yield found.name


def _filters(options: dict[str, Any]) -> dict[str, Any]:
    names = ("include", "exclude", "hidden", "follow_symlinks")
    return {name: options[name] for name in names if name in options}


def is_filled(catalog: str) -> bool:
    """Whether there is a catalog with something in it."""
    return os.path.exists(catalog) and os.path.getsize(catalog) > 0
