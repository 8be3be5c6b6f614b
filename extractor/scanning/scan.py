"""`scan`: files and folders to a stream of results, one for each file, in a stable order."""

from __future__ import annotations

import errno
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from extractor.archives.member import TABLE, Member
from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from extractor.errors import CorruptImageError, ExtractorError, FileAccessError, UnsupportedFormatError
from extractor.extraction.extract import extract_opened, twice
from extractor.extraction.given import Given, opened
from extractor.extraction.identity import joined_url
from extractor.extraction.options import Completer, HashOption, Options, Stealth, check_arguments, checked_options
from extractor.extraction.stack import with_room
from extractor.extraction.stamp import Kept, with_kept
from extractor.files.paths import GivenPaths, Paths
from extractor.limits import Limits
from extractor.pixels.scaling import Thumbnail
from extractor.readers.beside import ForeignSidecar
from extractor.record import ImageRecord
from extractor.scanning.find import Finding, find, is_archive
from extractor.scanning.jobs import Handed, Task
from extractor.scanning.known import Stamps
from extractor.scanning.near import check_connections, run_near
from extractor.scanning.walk import (
    FileEntry,
    Filters,
    Origin,
    PassedOver,
    Unreadable,
)

Skip: TypeAlias = Callable[[str, dict[str, Any]], bool | Kept]
"""(path, the `extraction.stamp` that a record of the file would have now) -> whether it need not be read, or what of
its pixels still holds, so that only its texts are read."""

_BATCH: Final = 32
"""Files whose headers a worker reads at once."""


class Facts(NamedTuple):
    """What is counted of a file that was read."""

    size: int
    """Bytes of the file."""
    has_metadata: bool
    is_marked: bool
    """Whether a mark says that the picture was made by AI."""
    generator: str | None


def facts_of(record: ImageRecord) -> Facts:
    """The facts of a record."""
    extraction = record.extraction
    if extraction is None:
        return Facts(0, record.meta is not None, False, None)
    is_marked = extraction.ai_generated is True
    return Facts(extraction.file_size or 0, record.meta is not None, is_marked, extraction.generator)


@dataclass(frozen=True, slots=True)
class ScanResult(Handed):
    """What came of one file, or of a folder that could not be read."""

    path: str
    """As given, or joined to what was given with `os.path.join`; never resolved. Of a remote file its address, of a
    member of an archive ``zip://a.png::`` and the archive as given."""
    record: ImageRecord | None = None
    error: ExtractorError | None = None
    """Why there is no record. Exactly one of these four is set, or `row`."""
    passed_over: bool = False
    """Met in a folder and no image: not a failure."""
    skipped: bool = False
    """Not read because `skip` said so."""
    row: Any = None
    """What `make` made of the record, in place of it."""
    facts: Facts | None = None
    """Of the record that `row` stands for."""
    thumbnail: bytes | None = None
    """WebP, where one was asked for and the pixels were decoded."""


Make: TypeAlias = Callable[[ScanResult], Any]
"""What makes something else of each result that has a record, in the process that read the file."""


def scan(
    paths: GivenPaths,
    *,
    remote: bool = False,
    workers: int | None = None,
    connections: int | None = None,
    image_column: str | None = None,
    hash: HashOption = True,
    stealth: Stealth = None,
    raw: bool = False,
    foreign_sidecars: bool | None = None,
    base_url: str | None = None,
    limits: Limits | None = None,
    models: Completer | None = None,
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    hidden: bool = False,
    follow_symlinks: bool = False,
    archives: bool = False,
    skip: Skip | None = None,
    make: Make | None = None,
    thumbnails: int | None = None,
) -> Generator[ScanResult, None, None]:
    """Read every image of `paths`, which may be files and folders (gone through with all that is below them).

    Args:
        paths: One path, or several that are taken one by one as the scan goes on.
        remote: Strings with a scheme are addresses (``s3://bucket/folder/``), which are gone through as folders are.
            Without this, strings are paths.
        workers: Files that are read at the same time. None takes as many as there are processors once it is clear
            that it pays. Pixels of more than one file are decoded in other processes, since decoders may crash.
        connections: Remote files that are read at the same time, in threads; None: 64.
        image_column: The column of a Parquet file that holds the images; None: the only one that holds bytes.
        hash: As in `extract`, like all that follow up to `models`.
        stealth: See `extract`; also ``"alpha"``: even without the hash, in the alpha channel of pictures that hold no
            other text.
        raw: See `extract`.
        foreign_sidecars: See `extract`.
        base_url: The url of a record is this, a slash, and the file's path below the argument.
        limits: See `extract`.
        models: See `extract`.
        include: Globs; only files that match one are read. One with a slash is matched with the path below the
            argument, else with the name.
        exclude: Globs; neither files nor folders that match one are read.
        hidden: Also entries of folders whose name begins with a dot.
        follow_symlinks: Also go into symlinked folders. Symlinked files are always read.
        archives: Also read what is in the archives of folders, as their names tell these (``.zip``, ``.cbz``, ``.tar``,
            ``.parquet``). One that was named is always gone through, one in another never.
        skip: Called with each file's path and its present stamp before it is opened.
        make: Called with each result that has a record, in the process that read the file; what it gives (not None)
            stands in `ScanResult.row` then, in place of the record, which is slow to hand over. A function of a
            module.
        thumbnails: Also make a small picture, so many pixels long, of each whose pixels are decoded for the hash; it
            stands in `ScanResult.thumbnail`.

    Returns:
        An iterator of results: folder by folder, sorted by the bytes of the names. Closing it ends the scan at once.

    One file never stops the others: what cannot be read is a result with an error.
    """
    options = checked_options(
        hash=hash,
        stealth=stealth,
        raw=raw,
        foreign_sidecars=foreign_sidecars,
        base_url=base_url,
        limits=limits,
        models=models,
    )
    check_arguments(remote=remote, archives=archives)
    filters = Filters(
        include=include, exclude=exclude, hidden=hidden, follow_symlinks=follow_symlinks, archives=archives
    )
    given = Paths(paths, remote=remote)
    how = Finding(options.limits, checked_column(image_column), options.foreign_sidecars is True)
    tasks = _found(given, filters, options, skip, how)
    several = options.decodes and not is_one_picture(given)
    count = check_connections(connections, given)
    return run_near(tasks, ReadJob(options, make, thumbnails), check_workers(workers), count, options, isolated=several)


def checked_column(name: str | None) -> str | None:
    """The argument `image_column` as given. Raises `TypeError` or `ValueError`."""
    check_arguments(image_column=name)
    return name


def is_one_picture(given: Paths) -> bool:
    """Whether it is a single file that is no archive, known before it is taken."""
    return given.is_one_file and not is_archive(next(iter(given)))


def check_workers(workers: int | None) -> int | None:
    """The argument as given. Raises `TypeError` or `ValueError`."""
    check_arguments(workers=workers)
    if workers is not None and workers < 1:
        raise ValueError("workers must be at least 1")
    return workers


def _found(
    paths: Iterable[str], filters: Filters, options: Options, skip: Skip | None, how: Finding
) -> Iterator[ReadTask | ScanResult]:
    stamps = Stamps(options)
    for found in find(paths, filters, how):
        if isinstance(found, FileEntry):
            known = _known(found, stamps, skip) if skip is not None else False
            if known is True:
                yield ScanResult(found.path, skipped=True)
            else:
                yield task_of(found, known or None)
        elif isinstance(found, Unreadable):
            yield ScanResult(found.path, error=found.error)
        elif isinstance(found, PassedOver):
            yield ScanResult(found.path, passed_over=True)


@dataclass(frozen=True, slots=True)
class ReadTask(Task):
    """One file to read, in this process or another."""

    path: str
    relative: str
    named: bool
    beside: tuple[str | ForeignSidecar, ...] | None
    """Other tools' sidecars that stand beside it; None: to be looked for."""
    kept: Kept | None = None
    """What of its pixels still holds."""
    origin: Origin | None = None
    """What it is if no file on disk."""

    @property
    def weight(self) -> int:
        """See `Task`."""
        return 0 if self.origin is None or self.origin.data is None else len(self.origin.data)

    @property
    def is_whole(self) -> bool:
        """Whether all of the file will be read."""
        return self.kept is None

    def with_origin(self, origin: Origin) -> ReadTask:
        """The same, with more of what it is."""
        return replace(self, origin=origin)


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Reads files with the same options."""

    options: Options
    make: Make | None = None
    thumbnails: int | None = None

    @property
    def batch(self) -> int:
        """See `extractor.scanning.jobs.Job`."""
        return batch_size(self.options)

    def __call__(self, task: ReadTask) -> ScanResult:
        """Read one file."""
        thumbnail = Thumbnail(self.thumbnails) if self.thumbnails is not None else None
        result = read_file(task, self.options if thumbnail is None else self.options._replace(thumbnail=thumbnail))
        if self.make is not None and result.record is not None:
            result = ScanResult(result.path, row=self.make(result), facts=facts_of(result.record))
        return result if thumbnail is None else replace(result, thumbnail=thumbnail.data)

    def failed(self, task: ReadTask, error: ExtractorError) -> ScanResult:
        """The result of a file that no process lived to read."""
        return ScanResult(task.path, error=error)


def batch_size(options: Options) -> int:
    """Files that go to a worker at once: decoding one takes longer than asking for it."""
    return 1 if options.decodes else _BATCH


def task_of(entry: FileEntry, kept: Kept | None = None) -> ReadTask:
    """What must be known to read a file of the walk. A row of a table was named with the column of the images."""
    named = entry.folder is None or (isinstance(entry.origin, Member) and entry.origin.archive.scheme == TABLE)
    return ReadTask(entry.path, entry.relative, named, entry.beside, kept, entry.origin)


def read_file(task: ReadTask, options: Options) -> ScanResult:
    """Read one file."""
    try:
        record = with_room(lambda: _record(task, options))
    except ExtractorError as error:
        if not task.named and _is_no_image(task.relative, error):
            return ScanResult(task.path, passed_over=True)
        return ScanResult(task.path, error=error)
    return ScanResult(task.path, record, passed_over=record is None)


_VIDEO: Final = "video/"


def _record(task: ReadTask, options: Options) -> ImageRecord | None:
    """The file's record; None for a video that was met in a folder and has no metadata."""
    return twice(task.origin or task.path, lambda given: _record_of(given, task, options))


def _record_of(given: Given, task: ReadTask, options: Options) -> ImageRecord | None:
    url = None if options.base_url is None else joined_url(options.base_url, task.relative)
    is_film = not task.named and has_suffix(task.relative, VIDEO_SUFFIXES)
    with opened(given, options.limits, whole=options.decodes and task.kept is None and not is_film) as file:
        if is_film:
            # Looked at first without its digest: a folder of films would be read whole for nothing.
            probe = extract_opened(file, Options(hash=False, limits=options.limits), url, beside=task.beside)
            if probe.meta is None and _is_video(probe):
                return None
        if task.kept is None:
            record = extract_opened(file, options, url, beside=task.beside)
        else:
            texts = extract_opened(file, options._replace(hash=False, stealth=False), url, beside=task.beside)
            record = with_kept(texts, task.kept, options)
    return None if not task.named and record.meta is None and _is_video(record) else record


def _is_video(record: ImageRecord) -> bool:
    return record.extraction is not None and (record.extraction.mime_type or "").startswith(_VIDEO)


def _is_no_image(name: str, error: ExtractorError) -> bool:
    """Whether a file met in a folder that cannot be read is nothing that anybody would have wanted read."""
    if has_suffix(name, IMAGE_SUFFIXES):
        return False
    if isinstance(error, UnsupportedFormatError):
        return True
    if isinstance(error, CorruptImageError):
        return has_suffix(name, VIDEO_SUFFIXES)
    return isinstance(error, FileAccessError) and error.errno == errno.ENOENT


def _known(entry: FileEntry, stamps: Stamps, skip: Skip) -> bool | Kept:
    stamp = stamps.now(entry)
    return stamp is not None and skip(entry.path, stamp)
