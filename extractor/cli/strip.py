"""``extractor strip``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from extractor.cli.options import files
from extractor.cli.writing import Job, jobs, run_jobs, writing_options

if TYPE_CHECKING:
    from extractor.writers.report import WriteReport

_KEEPABLE = ("parameters", "graphs", "texts", "exif", "xmp", "iptc", "c2pa")


@click.command(
    no_args_is_help=True,
    short_help="Take out of images what tells how they were made.",
    epilog="\b\nExample:\n  extractor strip a.png -o clean.png\n"
    "  extractor strip pictures --in-place --keep parameters",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=files)
@click.option(
    "--all",
    "all",
    is_flag=True,
    help="Also the marks of AI origin, all of EXIF but the orientation, and what stands behind a JPEG.",
)
@click.option(
    "--keep", multiple=True, type=click.Choice(_KEEPABLE), help="What stays. graphs are ComfyUI's. Repeatable."
)
@click.option("--reencode", is_flag=True, help="Also clear data hidden in the pixels (PNG only): changes lowest bits.")
@click.option(
    "--stealth/--no-stealth",
    default=None,
    help="Look for hidden data in the colours too, or nowhere. Default: in the alpha channel.",
)
@writing_options
def command(
    paths: tuple[str, ...], output: str | None, in_place: bool, dry_run: bool, quiet: bool, **options: Any
) -> int:
    """Take out of images what tells how they were made, and say what was found and taken. No pixel is touched.

    What a camera or a person wrote into EXIF stays, and so do orientation, colour profile, and the marks of AI origin
    that laws ask for.
    """
    from extractor.writers.strip import strip

    def write(job: Job) -> WriteReport:
        return strip(job.source, job.dest, in_place=in_place, dry_run=dry_run, **options)

    return run_jobs(jobs(paths, output, in_place=in_place, dry_run=dry_run), write, quiet=quiet, dry_run=dry_run)
