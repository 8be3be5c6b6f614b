"""``extractor copy``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from extractor.cli.options import files
from extractor.cli.rowsource import STDIN, stdin_bytes
from extractor.cli.writing import Job, embedding_options, jobs, run_jobs, writing_options

if TYPE_CHECKING:
    from extractor.writers.report import WriteReport


@click.command(
    no_args_is_help=True,
    short_help="Write one image's generation data into another.",
    epilog="\b\nExample:\n  extractor copy original.png resized.jpg --in-place\n"
    "  extractor copy originals resized --in-place       pairs a.png with a.jpg",
)
@click.argument("source", metavar="SOURCE", shell_complete=files)
@click.argument("image", metavar="IMAGE", shell_complete=files)
@click.option(
    "--drop-workflow", is_flag=True, help="Where not all fits, leave out the workflow, then the graph itself."
)
@embedding_options
@writing_options
def command(
    source: str, image: str, output: str | None, in_place: bool, dry_run: bool, quiet: bool, **options: Any
) -> int:
    """Write the generation data of SOURCE into IMAGE, in the place of what that has. No pixel is touched.

    Of two folders, files of the same name but for the extension are paired, also in the folders below them.
    """
    from extractor.cli.arguments import is_there, resolve_argument
    from extractor.cli.output import note
    from extractor.errors import WriteRefusedError
    from extractor.text.printable import one_line
    from extractor.writers.copy import copy_metadata

    if source == image == STDIN:
        raise click.UsageError("only one of SOURCE and IMAGE comes on standard input")
    origin, target = resolve_argument(source), resolve_argument(image)
    if os.path.isdir(origin) != os.path.isdir(target):
        raise click.UsageError("SOURCE and IMAGE are two files or two folders")
    piped = stdin_bytes() if origin == STDIN and not is_there(STDIN) else None
    partners = _stems(origin) if os.path.isdir(origin) else {}

    def write(job: Job) -> WriteReport:
        of: str | bytes = origin if piped is None else piped
        if partners:
            stem = os.path.splitext(os.path.relpath(job.path, target))[0]
            if len(partners.get(stem, ())) > 1:
                raise WriteRefusedError(f"several files are named {os.path.basename(stem)} in {origin}")
            of = partners[stem][0]
        return copy_metadata(of, job.source, job.dest, in_place=in_place, dry_run=dry_run, **options)

    todo = jobs([target], output, in_place=in_place, dry_run=dry_run)
    if os.path.isdir(target):
        paired = [job for job in todo if os.path.splitext(os.path.relpath(job.path, target))[0] in partners]
        if len(paired) < len(todo) and not quiet:
            alone = len(todo) - len(paired)
            note(f"passed over: {alone:,} files that have no partner of their name in {one_line(origin)}")
        todo = paired
    return run_jobs(todo, write, quiet=quiet, dry_run=dry_run)


def _stems(folder: str) -> dict[str, list[str]]:
    """Path below the folder, without extension -> the images of that name."""
    from extractor.containers.kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES, has_suffix
    from extractor.scanning.walk import FileEntry, walk

    found: dict[str, list[str]] = {}
    for entry in walk([folder]):
        if isinstance(entry, FileEntry) and has_suffix(entry.path, IMAGE_SUFFIXES | VIDEO_SUFFIXES):
            found.setdefault(os.path.splitext(entry.relative)[0], []).append(entry.path)
    return found
