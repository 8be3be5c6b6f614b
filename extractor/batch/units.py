"""What the rows of a manifest stand for: a file each, or all that is in an archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import pyarrow

from extractor.arrow import Tasks
from extractor.batch.run import Run
from extractor.errors import ExtractorError
from extractor.export.nested import fitted_row
from extractor.extraction.extract import twice
from extractor.extraction.given import Given
from extractor.files.address import Remote
from extractor.scanning.addressed import AddressTask, Made, MemberTask, failure
from extractor.scanning.archives import walk_archive
from extractor.scanning.scan import task_of
from extractor.scanning.walk import FileEntry, Filters, Found, Unreadable


class Units(Tasks):
    """The files of one part of a run, and in the place of an archive what `extractor.scan` finds in it."""

    def __init__(self, manifest: pyarrow.Table, run: Run) -> None:
        super().__init__(manifest)
        self._archives: list[bool | None] = manifest.column("archive").to_pylist()
        self._run = run
        self._filters = Filters(**run.filters)

    def some(self, places: Iterable[int]) -> Iterator[AddressTask | MemberTask | Made]:
        """See `Tasks.some`."""
        for place in places:
            task = self.task(place)
            if self._archives[place]:
                yield from self._inside(task)
            else:
                yield task

    def _inside(self, task: AddressTask) -> Iterator[AddressTask | MemberTask | Made]:
        failed = partial(failure, fitted_row, place=task.place)
        try:
            members = twice(task.given, self._walked)
        except ExtractorError as error:
            yield failed(task.name, task.url, error)
            return
        if members is None:
            yield task
            return
        listed = task.origin.known if task.origin is not None else None
        etag = None if listed is None else listed.etag
        for found in members:
            if isinstance(found, FileEntry):
                yield MemberTask(task_of(found), _url(found, task), task.place, etag)
            elif isinstance(found, Unreadable):
                yield failed(found.path, _url(found, task), found.error)

    def _walked(self, given: Given) -> Iterator[Found] | None:
        path, known = (given.address, given.known) if isinstance(given, Remote) else (str(given), None)
        return walk_archive(path, self._filters, self._run.options.limits, column=self._run.column, known=known)


def _url(found: FileEntry | Unreadable, archive: AddressTask) -> str:
    """The url of a member, whose path ends with that of its archive; or the archive's own."""
    return f"{found.path.removesuffix(archive.name)}{archive.url}"
