"""What the commands share that write to pictures: which files, where the new ones go, and what is told of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from extractor.cli.rowsource import STDIN, stdin_bytes
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.scanning.tally import Tally
    from extractor.writers.report import WriteReport

_F = TypeVar("_F", bound=Callable[..., Any])

_WRITING: Final = (
    click.option("--in-place", is_flag=True, help="Replace each file in one step. Nothing is replaced without this."),
    click.option(
        "-o", "--output", metavar="PATH", help="Write the new file here; for several files, a folder to write them to."
    ),
    click.option("--dry-run", is_flag=True, help="Change nothing, print what would be done."),
    click.option("--keep-times", is_flag=True, help="Leave the time of modification as it is."),
    click.option("--fsync/--no-fsync", default=True, help="Wait for each file to be on the disk. Faster without."),
    click.option("-q", "--quiet", is_flag=True, help="Only what failed or was lost; no progress."),
)
_CREDENTIALS: Final = click.option(
    "--c2pa",
    type=click.Choice(["drop", "keep"]),
    help="What becomes of content credentials, which do not hold once a file is changed. Without this it is left.",
)
_SPLIT: Final = click.option(
    "--split-exif", is_flag=True, help="Let EXIF go on in further segments of a JPEG; not every program reads that."
)


def writing_options(command: _F) -> _F:
    """Where to, and how it is told."""
    for option in reversed(_WRITING):
        command = option(command)
    return command


def embedding_options(command: _F) -> _F:
    """What `embed` and `copy` must be told of some files."""
    return _CREDENTIALS(_SPLIT(command))


class Job(NamedTuple):
    """One file to write to."""

    path: str
    dest: str | None
    """None: in place, or nowhere in a dry run."""
    data: bytes | None = None
    """The image itself, if it came on standard input."""

    @property
    def source(self) -> str | bytes:
        """What the functions take that write."""
        return self.path if self.data is None else self.data


def jobs(paths: Sequence[str], output: str | None, *, in_place: bool, dry_run: bool) -> list[Job]:
    """The images among these paths, those in folders by their names, each with its target.

    Raises `click.UsageError` when nothing says where to.
    """
    from extractor.cli.arguments import is_there, resolve_argument
    from extractor.containers.kinds import IMAGE_SUFFIXES, has_suffix
    from extractor.scanning.walk import FileEntry, Unreadable, walk

    if in_place and output is not None:
        raise click.UsageError("--in-place and --output exclude each other")
    if not in_place and output is None and not dry_run:
        raise click.UsageError("say --in-place, or where to with --output; --dry-run only tells")
    if STDIN in paths and not is_there(STDIN):
        if in_place or len(paths) > 1:
            raise click.UsageError("an image on standard input is written alone, to a file: - -o FILE")
        return [Job(STDIN, output, stdin_bytes())]
    named = [resolve_argument(path) for path in paths]
    files: list[tuple[str, str]] = []
    for found in walk(named):
        if isinstance(found, FileEntry) and (found.folder is None or has_suffix(found.path, IMAGE_SUFFIXES)):
            files.append((found.path, found.relative))
        elif isinstance(found, Unreadable):
            files.append((found.path, os.path.basename(found.path)))
    if output is None:
        return [Job(path, None) for path, _ in files]
    is_folder = len(named) > 1 or os.path.isdir(output) or any(map(os.path.isdir, named))
    todo = [Job(path, os.path.join(output, relative) if is_folder else output) for path, relative in files]
    if len({job.dest for job in todo}) < len(todo):
        raise click.UsageError("two of the files would be written to one place; name them one after another")
    return todo


def run_jobs(todo: Sequence[Job], write: Callable[[Job], WriteReport], *, quiet: bool, dry_run: bool) -> int:
    """Do them all, tell what came of each, and what it came to; the exit code."""
    from functools import partial

    from extractor.cli.output import note, print_text
    from extractor.cli.run import watched
    from extractor.errors import ExtractorError, FileAccessError
    from extractor.files.paths import make_folder
    from extractor.scanning.tally import Tally
    from extractor.text.printable import one_line

    tally = Tally()
    with watched(tally, _endless(todo), {}, partial(_summary, dry_run=dry_run), quiet=quiet) as progress:
        for job in todo:
            try:
                if job.dest is not None and not dry_run:
                    make_folder(os.path.dirname(job.dest))
                report = write(job)
            except ExtractorError as error:
                tally.add_failure(job.path, error)
                with progress.paused():
                    path = (error.filename if isinstance(error, FileAccessError) else None) or job.path
                    note(f"failed: {one_line(path)}: {one_line(error.reason)}")
                continue
            if report.changed:
                tally.with_metadata += 1
            else:
                tally.without_metadata += 1
            if report.lost or not quiet:
                with progress.paused():
                    print_text("\n".join(_lines(job, report, dry_run=dry_run)))
    return FAILED if tally.failed else 0


def _endless(todo: Sequence[Job]) -> Iterable[str]:
    """Their paths, so that progress does not walk the folders again."""
    return (job.path for job in todo)


def _lines(job: Job, report: WriteReport, *, dry_run: bool) -> Iterator[str]:
    from extractor.text.printable import one_line

    done = ("would change" if dry_run else "changed") if report.changed else "unchanged"
    target = "" if job.dest is None else f" -> {one_line(job.dest)}"
    yield f"{done}: {one_line(job.path)}{target}"
    for word, places in (
        ("wrote", report.written),
        ("took", report.removed),
        ("kept", report.kept),
        ("lost", report.lost),
    ):
        for place in places:
            yield f"  {word:<6}{one_line(place)}"


def _summary(tally: Tally, duration: str, *, dry_run: bool) -> None:
    from extractor.cli.output import note

    changed = "would change" if dry_run else "changed"
    note(
        f"{tally.files:,} {'file' if tally.files == 1 else 'files'} {duration}: {tally.with_metadata:,} {changed}, "
        f"{tally.without_metadata:,} unchanged, {tally.failed:,} failed"
    )
