"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

import click

from extractor.pixels.scaling import DEFAULT_SCALING, REVISIONS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_F = TypeVar("_F", bound=Callable[..., Any])


def files(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Has the shell complete an argument as a path."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


_NO_HASH: Final = "extractor.no-hash"

_READING: Final = (
    click.option(
        "--hash",
        type=click.Choice(tuple(REVISIONS)),
        default=DEFAULT_SCALING,
        callback=lambda context, _, value: False if context.meta.get(_NO_HASH) else value,
        show_default=True,
        help="How the picture is scaled before it is hashed: as most browsers do it, or as Chromium without a GPU.",
    ),
    click.option(
        "--no-hash",
        is_flag=True,
        is_eager=True,  # so that it is known when --hash is made what commands get
        expose_value=False,
        callback=lambda context, _, value: context.meta.update({_NO_HASH: value}),
        help="Do not read the pixels: no image hash, SHA-256 or hidden (stealth) metadata. Many times faster.",
    ),
    click.option(
        "--stealth/--no-stealth",
        default=None,
        help="Look for metadata hidden in the lowest bits of all channels, or nowhere. Default: in the alpha channel.",
    ),
    click.option(
        "--foreign-sidecars/--no-foreign-sidecars",
        default=None,
        help="Also read the files of other tools beside an image (a.txt, a.json, a.swarm.json). On by default, but "
        "not in buckets, where each is a request.",
    ),
)
raw_option: Final = click.option(
    "--raw", is_flag=True, help="Keep every text of the file, as it stands there, in the record."
)
archives_option: Final = click.option(
    "--archives",
    is_flag=True,
    help="Also read what is in archives (.zip .cbz .tar .parquet) that stand in folders; those that are named are read "
    "anyway.",
)
_RECORDS: Final = (
    raw_option,
    click.option(
        "--base-url",
        metavar="URL",
        help="Make each url of this and the path below the folder that was named, instead of file://...",
    ),
)
_FAR: Final = (
    click.option(
        "--connections",
        type=click.IntRange(1, 1024),
        metavar="N",
        help="Remote files (s3://...) read at the same time. Default: 64.",
    ),
    click.option(
        "--image-column",
        metavar="NAME",
        help="The column of a Parquet file with the images. Default: the only one that holds bytes.",
    ),
)
_WALKING: Final = (
    click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=files),
    click.option(
        "--files-from",
        type=click.File("rb", lazy=False),
        metavar="FILE",
        help="Read further paths from a file, one a line; - is standard input.",
    ),
    click.option("-0", "--null", is_flag=True, help="The paths of --files-from end with a NUL instead of a line end."),
    click.option("--include", multiple=True, metavar="GLOB", help="Only files whose name matches. Can be repeated."),
    click.option(
        "--exclude", multiple=True, metavar="GLOB", help="No files or folders whose name matches. Can be repeated."
    ),
    click.option("--hidden", is_flag=True, help="Also what begins with a dot."),
    click.option("--follow-symlinks", is_flag=True, help="Also folders behind symbolic links. Never in circles."),
    click.option(
        "--workers", type=click.IntRange(min=1), metavar="N", help="Files read at the same time. Default: measured."
    ),
    *_FAR,
    click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
)


def reading_options(command: _F) -> _F:
    """What is read of one file."""
    return _with(command, _READING)


def far_options(command: _F) -> _F:
    """How remote files and tables are read; `walking_options` has these too."""
    return _with(command, _FAR)


def record_options(command: _F) -> _F:
    """`reading_options`, and what stands in the record."""
    return _with(command, (*_READING, *_RECORDS))


def walking_options(command: _F) -> _F:
    """Which files."""
    return _with(command, _WALKING)


def given_paths(arguments: Sequence[str], listed: BinaryIO | None, *, null: bool) -> Iterable[str]:
    """The paths of the command line, then those of ``--files-from`` as they come.

    Raises `click.UsageError` when there are neither.
    """
    from extractor.cli.arguments import read_list, resolve_argument, resolve_source

    if listed is None and not arguments:
        raise click.UsageError("name files or folders, or give --files-from")
    named = [resolve_source(argument) for argument in arguments]
    if listed is None:
        return named
    entries = read_list(listed, separator=b"\0" if null else b"\n")
    return chain(named, map(resolve_argument, entries))


def named_files(arguments: Sequence[str], listed: BinaryIO | None, *, null: bool) -> Iterable[str]:
    """`given_paths`, for a command to which an image on standard input says nothing.

    Raises `click.UsageError` for ``-`` unless a file has that name.
    """
    from extractor.cli.arguments import is_there

    if "-" in arguments and not is_there("-"):
        raise click.UsageError("this command takes files and folders, not an image on standard input")
    return given_paths(arguments, listed, null=null)


def _with(command: _F, options: Sequence[Callable[[_F], _F]]) -> _F:
    for option in reversed(options):
        command = option(command)
    return command
