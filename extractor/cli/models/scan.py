"""``extractor models scan``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from extractor.cli.models.common import db_option, library_at
from extractor.cli.output import note
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.library.reading import ScannedModels


@click.command(no_args_is_help=True, epilog="\b\nExample:\n  extractor models scan ~/ComfyUI/models --hash all")
@click.argument("dirs", nargs=-1, metavar="DIR...", required=True)
@db_option
@click.option(
    "--hash",
    "hashing",
    type=click.Choice(("small", "all", "none")),
    default="small",
    help="Hash files below 1 GiB (the default), checkpoints too, or none.",
)
@click.option(
    "--cache",
    "caches",
    multiple=True,
    metavar="FILE",
    help="A cache.json or cache.db of A1111, Forge or SD.Next; those near DIR are found. Can be repeated.",
)
@click.option("--include", multiple=True, metavar="GLOB", help="Only files whose name matches. Can be repeated.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No files or folders whose name matches.")
@click.option("--follow-symlinks", is_flag=True, help="Also folders behind symbolic links.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def command(
    dirs: tuple[str, ...],
    db: str | None,
    hashing: str,
    caches: tuple[str, ...],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    follow_symlinks: bool,
    quiet: bool,
) -> int:
    """Bring the library up to date with folders of models.

    Headers and the files that other tools put beside models are read, small files hashed. Pickles (.ckpt, .pt) are
    hashed and never loaded. What has not changed is not read again, and a scan that was interrupted goes on where it
    was. Nothing is written but the library.
    """
    from extractor.cli.arguments import resolve_argument
    from extractor.cli.models.watching import print_problems, watched

    paths = [resolve_argument(path) for path in dirs]
    with library_at(db, is_new=True) as library:
        with watched(quiet=quiet) as report:
            scanned = library.scan(
                paths,
                hash=hashing,
                caches=caches,
                include=include,
                exclude=exclude,
                follow_symlinks=follow_symlinks,
                report=report,
            )
        if not quiet:
            print_problems(scanned.problems)
            note(summary(scanned))
    return FAILED if any(code == "unreadable" for _, code, _ in scanned.problems) else 0


def summary(scanned: ScannedModels) -> str:
    """What a scan came to, in a line."""
    counts = [
        ("new", scanned.added),
        ("changed", scanned.changed),
        ("moved", scanned.moved),
        ("gone", scanned.removed),
        ("hashed", scanned.hashed),
        ("hashes from other programs", scanned.cached),
        ("not hashed yet (--hash all)", scanned.unhashed),
    ]
    told = [f"{count:,} {what}" for what, count in counts if count] or ["nothing new"]
    return f"{scanned.files:,} {'model' if scanned.files == 1 else 'models'}: {', '.join(told)}"
