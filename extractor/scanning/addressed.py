"""Files that are told by an address, or handed over as bytes, in place of being met on a walk: a row for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from extractor.errors import ExtractorError, FileAccessError, WorkerDiedError
from extractor.extraction.extract import extract_opened, twice
from extractor.extraction.given import Given, Opened, opened
from extractor.extraction.identity import file_url, path_of_url
from extractor.extraction.options import Options
from extractor.extraction.stack import with_room
from extractor.files.address import Address, Remote
from extractor.files.bytesource import BytesSource
from extractor.record import ImageRecord, RecordWarning, Stamp
from extractor.scanning.jobs import Task
from extractor.scanning.scan import Make, ReadTask, ScanResult, batch_size, read_file
from extractor.scanning.walk import Origin

REPLACED: Final = "replaced-since-listed"
"""Warning of a record whose file is another one than that which was listed."""


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
    place: int = 0
    """Which of a table's files it is."""

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

    @property
    def name(self) -> str:
        """The path of its result."""
        return self.path or self.address or ""

    def result(self, options: Options) -> ScanResult:
        """Read it. Raises `ExtractorError`."""
        return ScanResult(self.name, with_room(lambda: _record(self, options)))

    def is_replaced(self, stamp: Stamp) -> bool:
        """Whether what was read is another remote file than the one that was listed."""
        listed = self.origin.known if self.origin is not None else None
        if listed is None:
            return False
        return stamp.size != listed.size or (None not in (listed.etag, stamp.etag) and stamp.etag != listed.etag)


@dataclass(frozen=True, slots=True)
class MemberTask(Task):
    """A file that was met in an archive: one that is no image there is passed over."""

    read: ReadTask
    url: str
    place: int
    """Which of a table's files the archive is."""
    etag: str | None = None
    """Of the archive, as it was listed."""

    @property
    def weight(self) -> int:
        """See `Task`."""
        return self.read.weight

    @property
    def is_whole(self) -> bool:
        """See `extractor.scanning.scan.ReadTask`."""
        return self.read.is_whole

    @property
    def origin(self) -> Origin | None:
        """See `extractor.scanning.scan.ReadTask`."""
        return self.read.origin

    def with_origin(self, origin: Origin) -> MemberTask:
        """The same, with more of what it is."""
        return replace(self, read=self.read.with_origin(origin))

    @property
    def name(self) -> str:
        """The path of its result."""
        return self.read.path

    def result(self, options: Options) -> ScanResult:
        """Read it."""
        return read_file(self.read, options)

    def is_replaced(self, stamp: Stamp) -> bool:
        """Whether what was read stands in another archive than the one that was listed."""
        return self.etag is not None and stamp.etag != self.etag


class Made(NamedTuple):
    """What came of one file."""

    row: Any
    """None for what was passed over."""
    error: ExtractorError | None
    place: int
    """See `AddressTask.place`."""


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

    def __call__(self, task: AddressTask | MemberTask) -> Made:
        """Read one file."""
        try:
            result = task.result(self.options)
        except ExtractorError as error:
            return self.failed(task, error)
        if result.error is not None:
            return self.failed(task, result.error)
        if result.record is None:
            return Made(None, None, task.place)
        return Made(self.make(replace(result, record=_marked(result.record, task))), None, task.place)

    def failed(self, task: AddressTask | MemberTask, error: ExtractorError) -> Made:
        """The row of a file that could not be read, which has its url all the same."""
        return failure(self.make, task.name, task.url, error, task.place)


def failure(make: Make, path: str, url: str | None, error: ExtractorError, place: int) -> Made:
    """What came of a file that could not be read."""
    return Made({**make(ScanResult(path, error=error)), "url": url}, error, place)


def _marked(record: ImageRecord, task: AddressTask | MemberTask) -> ImageRecord:
    """The record, with a warning where it is not of what was listed."""
    extraction = record.extraction
    if extraction is None or extraction.stamp is None or not task.is_replaced(extraction.stamp):
        return record
    warning = RecordWarning(code=REPLACED, message="the file was replaced after it was listed; this is of the new one")
    warned = extraction.model_copy(update={"warnings": [*(extraction.warnings or ()), warning]})
    return record.model_copy(update={"extraction": warned})


def deserves_another_try(made: Made) -> bool:
    """Whether a file that failed may not do so again: servers recover, and processes are killed from outside."""
    return made.error is not None and (made.error.transient or isinstance(made.error, WorkerDiedError))


def _record(task: AddressTask, options: Options) -> ImageRecord:
    if task.data is not None:
        return extract_opened(Opened(BytesSource(task.data), mtime_ns=task.mtime_ns), options, task.address)
    return twice(task.given, lambda given: _opened_record(given, options))


def _opened_record(given: Given, options: Options) -> ImageRecord:
    with opened(given, options.limits, whole=options.decodes) as file:
        return extract_opened(file, options)
