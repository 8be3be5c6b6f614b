"""Files that are told by an address, or handed over as bytes, in place of being met on a walk: a row for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from extractor.errors import ExtractorError, FileAccessError, WorkerDiedError
from extractor.extraction.extract import extract_opened, twice
from extractor.extraction.given import Given, Opened, opened
from extractor.extraction.identity import file_url, path_of_url
from extractor.extraction.options import Options
from extractor.extraction.stack import with_room
from extractor.files.address import Address, Remote
from extractor.files.bytesource import BytesSource
from extractor.record import ImageRecord
from extractor.scanning.jobs import Task
from extractor.scanning.scan import Make, ScanResult, batch_size


@dataclass(frozen=True, slots=True)
class AddressTask(Task):
    """One file to read."""

    address: str | None
    """A path, a ``file:`` URI or an `Address`; None where there are only bytes."""
    data: bytes | None = None
    """The whole file, where it is at hand: then nothing is opened."""
    mtime_ns: int | None = None
    """Of `data`."""
    origin: Remote | None = None
    """What is known of a remote file."""

    @property
    def weight(self) -> int:
        """See `Task`."""
        data = self.origin.data if self.origin is not None else self.data
        return 0 if data is None else len(data)

    @property
    def is_whole(self) -> bool:
        """See `extractor.scanning.scan.ReadTask`."""
        return True

    def with_origin(self, origin: Remote) -> AddressTask:
        """The same, with more of what it is."""
        return replace(self, origin=origin)

    @property
    def path(self) -> str | None:
        """The local path, if the address is one's."""
        if self.address is None or isinstance(self.address, Address):
            return None
        path = path_of_url(self.address)
        return self.address if path is None else path

    @property
    def url(self) -> str | None:
        """The url that its record has, unless there are only bytes."""
        if self.data is not None or self.path is None:
            return self.address
        return file_url(self.path)

    @property
    def given(self) -> Given:
        """What is to be opened. Raises `FileAccessError` where nothing is told."""
        if self.origin is not None:
            return self.origin
        if self.path is None:
            raise FileAccessError(None, "neither an address nor bytes")
        return self.path


class Made(NamedTuple):
    """What came of one file."""

    row: Any
    error: ExtractorError | None


@dataclass(frozen=True, slots=True)
class AddressJob:
    """Reads files with the same options, and makes a row of each result."""

    options: Options
    make: Make
    """Takes a result with a record or an error, and gives its row, a dict."""

    @property
    def batch(self) -> int:
        """See `extractor.scanning.jobs.Job`."""
        return batch_size(self.options)

    def __call__(self, task: AddressTask) -> Made:
        """Read one file."""
        try:
            result = ScanResult(_name(task), with_room(lambda: _record(task, self.options)))
        except ExtractorError as error:
            return self.failed(task, error)
        return Made(self.make(result), None)

    def failed(self, task: AddressTask, error: ExtractorError) -> Made:
        """The row of a file that could not be read, which has its url all the same."""
        row = self.make(ScanResult(_name(task), error=error))
        return Made({**row, "url": task.url}, error)


def deserves_another_try(made: Made) -> bool:
    """Whether a file that failed may not do so again: servers recover, and processes are killed from outside."""
    return made.error is not None and (made.error.transient or isinstance(made.error, WorkerDiedError))


def _name(task: AddressTask) -> str:
    return task.path or task.address or ""


def _record(task: AddressTask, options: Options) -> ImageRecord:
    if task.data is not None:
        return extract_opened(Opened(BytesSource(task.data), mtime_ns=task.mtime_ns), options, task.address)
    return twice(task.given, lambda given: _opened_record(given, options))


def _opened_record(given: Given, options: Options) -> ImageRecord:
    with opened(given, options.limits, whole=options.decodes) as file:
        return extract_opened(file, options)
