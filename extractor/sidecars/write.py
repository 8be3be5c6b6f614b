"""Sidecars: a JSON file with the record beside each image, written once and again only when something changed."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeGuard

from extractor.errors import ExtractorError, OutputError, SidecarConflictError
from extractor.extraction.options import Completer, HashOption, Options, check_arguments, checked_options
from extractor.extraction.stamp import kept_of, serves
from extractor.files.address import Address
from extractor.files.atomic import atomic_write, remove_leftovers
from extractor.files.paths import GivenPaths, Paths, is_gone, make_folder
from extractor.limits import Limits
from extractor.record import ImageRecord
from extractor.scanning.find import Finding, find
from extractor.scanning.jobs import Task
from extractor.scanning.known import Stamps, Urls
from extractor.scanning.near import check_connections, run_near
from extractor.scanning.scan import (
    ReadTask,
    batch_size,
    check_workers,
    checked_column,
    facts_of,
    is_one_picture,
    read_file,
    task_of,
)
from extractor.scanning.walk import (
    FileEntry,
    Filters,
    Folder,
    Found,
    Origin,
    PassedOver,
    Unreadable,
)
from extractor.sidecars.file import (
    CUT_OFF,
    is_cut_off,
    own_at,
    path_of,
    read_sidecar,
    record_at,
    sidecar_json,
    sidecar_path,
    stamp_of,
    with_additions,
)
from extractor.sidecars.place import Beside, Elsewhere, Place
from extractor.sidecars.prune import Pruning
from extractor.sidecars.result import SidecarResult, SidecarStatus

__all__ = ["SidecarResult", "SidecarStatus", "read_sidecar", "sidecar_path", "write_sidecars"]


def write_sidecars(
    paths: GivenPaths,
    *,
    remote: bool = False,
    out_dir: str | os.PathLike[str] | None = None,
    force: bool = False,
    dry_run: bool = False,
    prune: bool = False,
    force_prune: bool = False,
    fsync: bool = True,
    workers: int | None = None,
    connections: int | None = None,
    image_column: str | None = None,
    hash: HashOption = True,
    stealth: bool | None = None,
    raw: bool = False,
    foreign_sidecars: bool | None = None,
    base_url: str | None = None,
    limits: Limits | None = None,
    models: Completer | None = None,
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    hidden: bool = False,
    follow_symlinks: bool = False,
    records: bool = True,
) -> Generator[SidecarResult, None, None]:
    """Write a sidecar for every image of `paths` that has none or whose own is not up to date.

    `paths` and the arguments from `workers` on are those of `extractor.scan`. With `out_dir`, sidecars stand at
    ``out_dir/<name of the argument>/<path below it>.json`` instead of beside the images; those of remote files and of
    members of archives can stand nowhere else, under names that are safe on every system. `force` also replaces files
    in a sidecar's place that this library did not write. `prune` also removes sidecars whose image is gone, from the
    folders that are gone through, but nothing where they are more than half of the sidecars of an argument and more
    than 20, unless `force_prune`. `dry_run` changes nothing and tells what would be done. `fsync` waits for each
    sidecar to be on the disk.

    A sidecar is up to date when its stamp (the image's size and modification time, the options, the version, other
    tools' sidecars) agrees: the image is not opened then. One with a hash is up to date for a run without. Where only
    the version, the model library or other tools' sidecars differ, the texts are read again but no pixels. An image
    without metadata gets a sidecar, an unreadable one does not.

    `records=False` leaves them out of the results: they are slow to hand from process to process.

    Returns an iterator of results in the order of the walk; closing it ends the work at once.
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
    filters = Filters(include=include, exclude=exclude, hidden=hidden, follow_symlinks=follow_symlinks)
    place: Place = Beside() if out_dir is None else Elsewhere(os.fspath(out_dir))
    check_arguments(remote=remote)
    given = Paths(paths, remote=remote)
    how = Finding(options.limits, checked_column(image_column), options.foreign_sidecars is True)
    count = check_connections(connections, given)
    pruning = Pruning(place, filters, dry_run, force_prune) if prune or force_prune else None
    plan = _plan(find(given, filters, how), place, options, _Cleaning(dry_run), pruning)
    job = _WriteJob(options, force, dry_run, fsync, place.is_shared, records)
    isolated = options.decodes and not is_one_picture(given)
    return run_near(plan, job, check_workers(workers), count, options, isolated=isolated)


@dataclass(frozen=True, slots=True)
class _Cleaning:
    """What is done in a folder besides writing."""

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
    walked: Iterable[Found], place: Place, options: Options, cleaning: _Cleaning, pruning: Pruning | None
) -> Iterator[_WriteTask | SidecarResult]:
    """What need not be read as a result, the rest as tasks. Opens no image."""
    stamps = Stamps(options)
    urls = Urls(options.base_url)
    cleaned: str | None = None
    refused: str | None = None
    for found in walked:
        if not place.is_shared and _has_no_place(found):
            if refused != found.root:
                refused = found.root
                yield SidecarResult(refused, SidecarStatus.FAILED, error=OutputError(None, _NO_PLACE))
        elif isinstance(found, FileEntry):
            if found.folder is None:
                cleaned = cleaning.leftovers(place.sidecar_folder(found), cleaned)
            yield _planned(found, place, stamps, urls)
        elif isinstance(found, PassedOver):
            yield SidecarResult(found.path, SidecarStatus.PASSED_OVER)
        elif isinstance(found, Unreadable):
            yield SidecarResult(found.path, SidecarStatus.FAILED, error=found.error)
        else:
            cleaned = cleaning.leftovers(place.sidecar_folder(found), cleaned, found)
            if pruning is not None:
                yield from pruning.below(found)


_NO_PLACE: Final = "there is no place for sidecars beside remote files and in archives: give --out-dir (out_dir=)"


def _has_no_place(found: Found) -> TypeGuard[FileEntry | Folder]:
    """Whether it is no file or folder on disk."""
    return (isinstance(found, FileEntry) and found.origin is not None) or (
        isinstance(found, Folder) and isinstance(found.path, Address)
    )


def _planned(entry: FileEntry, place: Place, stamps: Stamps, urls: Urls) -> _WriteTask | SidecarResult:
    target = place.target(entry)
    stamp = stamps.now(entry)
    rival = place.rival(entry)
    url = urls.of(entry)
    if stamp is not None and rival is None:
        record = place.record(entry, target)
        if record is not None and serves(stamp_of(record), stamp) and record.get("url") == url:
            return SidecarResult(entry.path, SidecarStatus.UNCHANGED, target)
    return _WriteTask(task_of(entry), target, url, stamp, rival)


@dataclass(frozen=True, slots=True)
class _WriteTask(Task):
    """One image whose sidecar may have to be written, in this process or another."""

    image: ReadTask
    target: str
    url: str
    """The url of a record of the image, where it stands now."""
    stamp: dict[str, Any] | None
    rival: str | None

    @property
    def weight(self) -> int:
        """See `Task`."""
        return self.image.weight

    @property
    def origin(self) -> Origin | None:
        """What is fetched beforehand."""
        return self.image.origin

    @property
    def is_whole(self) -> bool:
        """Whether all of the file will most likely be read: what stands in the sidecar is not known here."""
        return self.rival is None

    def with_origin(self, origin: Origin) -> _WriteTask:
        """The same, with what was fetched."""
        return replace(self, image=self.image.with_origin(origin))


@dataclass(frozen=True, slots=True)
class _WriteJob:
    options: Options
    force: bool
    dry_run: bool
    fsync: bool
    is_shared: bool
    """Whether several trees of images may have their sidecars in one place."""
    records: bool = True

    @property
    def batch(self) -> int:
        return batch_size(self.options)

    def __call__(self, task: _WriteTask) -> SidecarResult:
        obstacle: ExtractorError | None = None
        old: dict[str, Any] | None = None
        try:
            old = self._standing(task)
        except ExtractorError as error:
            obstacle = error
        if old is not None and task.stamp is not None and serves(stamp_of(old), task.stamp):
            if old.get("url") == task.url:
                return SidecarResult(task.image.path, SidecarStatus.UNCHANGED, task.target)
            moved = record_at(task.url, old)
            if moved is not None:
                return self._written(task, moved, None)
        if obstacle is not None or self.dry_run:
            # Only whether it is an image at all is asked: its pixels need not be decoded for that.
            result = read_file(task.image, self.options._replace(hash=False, stealth=False))
        else:
            kept = kept_of(old, task.stamp) if old is not None and task.stamp is not None else None
            result = read_file(replace(task.image, kept=kept), self.options)
        if result.error is not None:
            return self.failed(task, result.error)
        if result.record is None:
            return SidecarResult(result.path, SidecarStatus.PASSED_OVER)
        if obstacle is not None:
            status = SidecarStatus.CONFLICT if isinstance(obstacle, SidecarConflictError) else SidecarStatus.FAILED
            return SidecarResult(result.path, status, task.target, error=obstacle)
        return self._written(task, with_additions(result.record, old), CUT_OFF if is_cut_off(old) else None)

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
        if old is not None and task.image.origin is not None and old.get("url", task.url) != task.url:
            raise SidecarConflictError(f"it is the sidecar of {old['url']}")
        original = path_of(old.get("url")) if old is not None and self.is_shared else None
        if original is not None and original != os.path.abspath(task.image.path) and not is_gone(original):
            raise SidecarConflictError(f"it is the sidecar of {original}")
        return old

    def _written(self, task: _WriteTask, record: ImageRecord, warning: str | None) -> SidecarResult:
        path = task.image.path
        if self.dry_run:
            return self._told(task, SidecarStatus.WOULD_WRITE, record, warning)
        try:
            if self.is_shared:
                make_folder(os.path.dirname(task.target))
            mode_from = path if task.image.origin is None else None
            atomic_write(task.target, sidecar_json(record), mode_from=mode_from, fsync=self.fsync)
        except OutputError as error:
            return self.failed(task, error)
        return self._told(task, SidecarStatus.WRITTEN, record, warning)

    def _told(self, task: _WriteTask, status: SidecarStatus, record: ImageRecord, warning: str | None) -> SidecarResult:
        kept = record if self.records else None
        return SidecarResult(task.image.path, status, task.target, kept, warning=warning, facts=facts_of(record))
