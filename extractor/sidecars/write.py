"""Sidecars: a JSON file with the record beside each image, written once and again only when something changed."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
from extractor.errors import ExtractorError, OutputError, SidecarConflictError, access_error
from extractor.extraction.options import Options
from extractor.files.atomic import atomic_write, remove_leftovers
from extractor.files.paths import is_gone, make_folder
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.record import ImageRecord
from extractor.scanning.jobs import Task
from extractor.scanning.scan import ReadTask, Stamps, batch_size, check_workers, read_file, task_of
from extractor.scanning.walk import (
    FileEntry,
    Filters,
    Folder,
    Found,
    PassedOver,
    Unreadable,
    walk,
)
from extractor.scanning.workers import run
from extractor.sidecars.file import (
    content,
    name_in_url,
    own_at,
    own_record,
    path_of,
    read_sidecar,
    sidecar_json,
    sidecar_path,
    stamp_of,
)
from extractor.sidecars.place import Beside, Elsewhere, Place

__all__ = ["SidecarResult", "SidecarStatus", "read_sidecar", "sidecar_path", "write_sidecars"]


class SidecarStatus(StrEnum):
    """What came of one file."""

    WRITTEN = "written"
    WOULD_WRITE = "would-write"
    """In a dry run."""
    UNCHANGED = "unchanged"
    """Up to date; the image was not opened."""
    CONFLICT = "conflict"
    """The sidecar's place is taken; `SidecarResult.error` says by what."""
    FAILED = "failed"
    """The image could not be read or its sidecar not be written; `SidecarResult.error` says why."""
    PASSED_OVER = "passed-over"
    """Met in a folder and no image."""
    PRUNED = "pruned"
    """The image is gone and so is its sidecar now."""
    WOULD_PRUNE = "would-prune"
    """In a dry run."""


@dataclass(frozen=True, slots=True)
class SidecarResult:
    """What came of one file."""

    path: str
    """The image, as given or joined to what was given."""
    status: SidecarStatus
    sidecar: str | None = None
    """Path of its sidecar; None where there can be none."""
    record: ImageRecord | None = None
    """What was written, or would be (without its hash then)."""
    error: ExtractorError | None = None


def write_sidecars(
    paths: Iterable[str | os.PathLike[str]],
    *,
    out_dir: str | os.PathLike[str] | None = None,
    force: bool = False,
    dry_run: bool = False,
    prune: bool = False,
    fsync: bool = True,
    workers: int | None = None,
    hash: bool = True,
    stealth: bool | None = None,
    raw: bool = False,
    foreign_sidecars: bool = True,
    base_url: str | None = None,
    limits: Limits | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    follow_symlinks: bool = False,
) -> Generator[SidecarResult, None, None]:
    """Write a sidecar for every image of `paths` that has none or whose own is not up to date.

    `paths` and the arguments from `workers` on are those of `extractor.scan`. With `out_dir`, sidecars stand at
    ``out_dir/<name of the argument>/<path below it>.json`` instead of beside the images. `force` also replaces files
    in a sidecar's place that this library did not write. `prune` also removes sidecars whose image is gone, from the
    folders that are gone through. `dry_run` changes nothing and tells what would be done. `fsync` waits for each
    sidecar to be on the disk.

    A sidecar is up to date when its stamp (the image's size and modification time, the options, the version, other
    tools' sidecars) agrees: the image is not opened then. An image without metadata gets a sidecar, an unreadable
    one does not.

    Returns an iterator of results in the order of the walk; closing it ends the work at once.
    """
    options = Options(
        hash=hash,
        stealth=stealth,
        raw=raw,
        foreign_sidecars=foreign_sidecars,
        base_url=base_url,
        limits=limits or DEFAULT_LIMITS,
    )
    filters = Filters(include=include, exclude=exclude, hidden=hidden, follow_symlinks=follow_symlinks)
    place: Place = Beside() if out_dir is None else Elsewhere(os.fspath(out_dir))
    plan = _plan(walk(paths, filters), place, options, _Cleaning(filters, prune, dry_run))
    job = _WriteJob(options, force, dry_run, fsync, place.is_shared)
    return run(plan, job, check_workers(workers))


@dataclass(frozen=True, slots=True)
class _Cleaning:
    """What is done in a folder besides writing."""

    filters: Filters
    prune: bool
    dry_run: bool

    def leftovers(self, folder: str, cleaned: str | None, listed: Folder | None = None) -> str:
        """Remove what killed runs left in a folder, unless it is the one that was cleaned last; the folder."""
        if folder != cleaned and not self.dry_run:
            if listed is not None and listed.path == folder and listed.is_whole:
                remove_leftovers(folder, listed.names)
            else:
                remove_leftovers(folder)
        return folder


def _plan(
    walked: Iterable[Found], place: Place, options: Options, cleaning: _Cleaning
) -> Iterator[_WriteTask | SidecarResult]:
    """What need not be read as a result, the rest as tasks. Opens no image."""
    stamps = Stamps(options)
    cleaned: str | None = None
    for found in walked:
        if isinstance(found, FileEntry):
            if found.folder is None:
                cleaned = cleaning.leftovers(place.sidecar_folder(found), cleaned)
            yield _planned(found, place, stamps)
        elif isinstance(found, PassedOver):
            yield SidecarResult(found.path, SidecarStatus.PASSED_OVER)
        elif isinstance(found, Unreadable):
            yield SidecarResult(found.path, SidecarStatus.FAILED, error=found.error)
        else:
            cleaned = cleaning.leftovers(place.sidecar_folder(found), cleaned, found)
            if cleaning.prune and found.is_whole:
                yield from _pruned(place, found, cleaning)


def _planned(entry: FileEntry, place: Place, stamps: Stamps) -> _WriteTask | SidecarResult:
    target = place.target(entry)
    stamp = stamps.now(entry)
    rival = place.rival(entry)
    if stamp is not None and rival is None:
        record = place.record(entry, target)
        if record is not None and stamp_of(record) == stamp:
            return SidecarResult(entry.path, SidecarStatus.UNCHANGED, target)
    return _WriteTask(task_of(entry), target, stamp, rival)


def _pruned(place: Place, folder: Folder, cleaning: _Cleaning) -> Iterator[SidecarResult]:
    for image, sidecar in place.orphans(folder, cleaning.filters):
        if not _is_orphan(image, sidecar, place.is_shared):
            continue
        if cleaning.dry_run:
            yield SidecarResult(image, SidecarStatus.WOULD_PRUNE, sidecar)
            continue
        try:
            os.unlink(sidecar)
        except OSError as error:
            yield SidecarResult(image, SidecarStatus.FAILED, sidecar, error=access_error(error, OutputError))
        else:
            yield SidecarResult(image, SidecarStatus.PRUNED, sidecar)


def _is_orphan(image: str, sidecar: str, is_shared: bool) -> bool:
    """Whether it is a sidecar of ours whose image is gone: a record somebody saved under a name of theirs is none."""
    try:
        record = own_record(content(sidecar))
    except ExtractorError:
        return False
    if record is None:
        return False
    url = record.get("url")
    if name_in_url(url) != os.path.basename(image) and not has_suffix(image, IMAGE_SUFFIXES | VIDEO_SUFFIXES):
        return False
    original = path_of(url) if is_shared else None
    return is_gone(image) and (original is None or is_gone(original))


@dataclass(frozen=True, slots=True)
class _WriteTask(Task):
    """One image whose sidecar may have to be written, in this process or another."""

    image: ReadTask
    target: str
    stamp: dict[str, Any] | None
    rival: str | None


@dataclass(frozen=True, slots=True)
class _WriteJob:
    options: Options
    force: bool
    dry_run: bool
    fsync: bool
    is_shared: bool
    """Whether several trees of images may have their sidecars in one place."""

    @property
    def batch(self) -> int:
        return batch_size(self.options)

    def __call__(self, task: _WriteTask) -> SidecarResult:
        obstacle: ExtractorError | None = None
        try:
            old = self._standing(task)
        except ExtractorError as error:
            obstacle = error
        else:
            if old is not None and task.stamp is not None and stamp_of(old) == task.stamp:
                return SidecarResult(task.image.path, SidecarStatus.UNCHANGED, task.target)
        if obstacle is not None or self.dry_run:
            # Only whether it is an image at all is asked: its pixels need not be decoded for that.
            result = read_file(task.image, self.options._replace(hash=False, stealth=False))
        else:
            result = read_file(task.image, self.options)
        if result.error is not None:
            return self.failed(task, result.error)
        if result.record is None:
            return SidecarResult(result.path, SidecarStatus.PASSED_OVER)
        if obstacle is not None:
            status = SidecarStatus.CONFLICT if isinstance(obstacle, SidecarConflictError) else SidecarStatus.FAILED
            return SidecarResult(result.path, status, task.target, error=obstacle)
        if self.dry_run:
            return SidecarResult(result.path, SidecarStatus.WOULD_WRITE, task.target, result.record)
        return self._written(task, result.record)

    def failed(self, task: _WriteTask, error: ExtractorError) -> SidecarResult:
        return SidecarResult(task.image.path, SidecarStatus.FAILED, task.target, error=error)

    def _standing(self, task: _WriteTask) -> dict[str, Any] | None:
        """The sidecar that may be replaced; None where there is none. Raises what stands against writing one."""
        if task.rival is not None:
            raise SidecarConflictError(f"it is also the sidecar of {task.rival}")
        try:
            old = own_at(task.target)
        except SidecarConflictError:
            if self.force:
                return None
            raise
        original = path_of(old.get("url")) if old is not None and self.is_shared else None
        if original is None or original == os.path.abspath(task.image.path):
            return old
        if not is_gone(original):
            raise SidecarConflictError(f"it is the sidecar of {original}")
        return None

    def _written(self, task: _WriteTask, record: ImageRecord) -> SidecarResult:
        path = task.image.path
        try:
            if self.is_shared:
                make_folder(os.path.dirname(task.target))
            atomic_write(task.target, sidecar_json(record), mode_from=path, fsync=self.fsync)
        except OutputError as error:
            return self.failed(task, error)
        return SidecarResult(path, SidecarStatus.WRITTEN, task.target, record)
