"""``extractor batch``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, Final

import click

from extractor.cli.completing import models_option, opened_models
from extractor.cli.options import archives_option, raw_option, reading_options, walking_options
from extractor.cli.run import FILTERS

_ENGINES: Final = ("local", "ray")
_SHARE: Final = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_READING: Final = ("hash", "stealth", "raw", "foreign_sidecars")


def _share(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int]:
    """(which, of how many), which counted from 0."""
    match = _SHARE.fullmatch("0/1" if value is None else value)
    which, of = (int(match[1]), int(match[2])) if match else (1, 0)
    if which > of or not of:
        raise click.BadParameter(f"{value} is no share such as 3/16")
    return which % of, of


@click.command(
    no_args_is_help=True,
    epilog="\b\nExamples:\n"
    "  extractor batch ~/pictures -o ~/run --no-hash\n"
    "  extractor batch ~/pictures -o ~/run --part $SLURM_ARRAY_TASK_ID/100\n"
    "  extractor batch --status ~/run",
)
@click.option("-o", "--output", metavar="RUN", help="The run's folder; a run that is there is gone on with.")
@click.option(
    "--engine", type=click.Choice(_ENGINES), default=_ENGINES[0], help="Who reads: this machine (local), or Ray."
)
@click.option("--rows", type=click.IntRange(1, 1_000_000), metavar="N", help="Files of a part. Default: 10000.")
@click.option(
    "--part",
    "share",
    callback=_share,
    metavar="K/N",
    help="Do only one of N equal shares, counted from 0 or from 1: for arrays of jobs.",
)
@click.option("--status", "is_asked", is_flag=True, help="Tell how far RUN is, and read no image.")
@click.option("--retry-failed", is_flag=True, help="Read again what failed in RUN for a reason that may have passed.")
@models_option
@reading_options
@raw_option
@archives_option
@walking_options
def command(
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    output: str | None,
    is_asked: bool,
    retry_failed: bool,
    rows: int | None,
    share: tuple[int, int],
    models: str | None,
    engine: str,
    workers: int | None,
    connections: int | None,
    image_column: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Read very many images, in parts that can be shared and resumed.

    RUN is a folder. run.json says what is read and how, manifest/ lists the files, and rows/ gets a Parquet file for
    each part of the list, whole or not at all. A part whose file is there is done; the same command again does what
    is missing. Needs the extra "parquet".
    """
    from extractor.cli.batchrun import Doing, begin_run, joined_run, print_status
    from extractor.export.nested import pyarrow

    pyarrow("batch")
    doing = Doing(engine, share, workers, connections, quiet=quiet)
    with opened_models(models, quiet=quiet) as library:
        if is_asked or retry_failed:
            run = joined_run(_only(paths, output), library)
            return print_status(run) if is_asked else doing.retry(run)
        if output is None:
            raise click.UsageError("give the run's folder: -o RUN")
        reading = {name: options[name] for name in _READING}
        filters = {name: options[name] for name in (*FILTERS, "archives")}
        named, more = _named(paths, files_from, null=null)
        options = {**reading, "models": library}
        return doing.read(begin_run(output, named, more, rows, filters, image_column, options, quiet=quiet))


def _named(arguments: Sequence[str], listed: BinaryIO | None, *, null: bool) -> tuple[list[str], Iterable[str]]:
    """The paths and addresses of the command line, and those of --files-from as they come."""
    from extractor.cli.arguments import read_list, resolve_argument, resolve_source

    more = () if listed is None else map(resolve_argument, read_list(listed, separator=b"\0" if null else b"\n"))
    return [resolve_source(argument) for argument in arguments], more


def _only(paths: tuple[str, ...], output: str | None) -> str:
    """The run's folder, which may stand alone without -o. Raises `click.UsageError`."""
    named = [*paths, *([] if output is None else [output])]
    if len(named) != 1:
        raise click.UsageError("--status and --retry-failed take the folder of one run")
    return named[0]
