"""``extractor report``."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.options import named_files, walking_options
from extractor.cli.queries import query_argument
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractor.gallery.report import Entry
    from extractor.scanning.scan import ScanResult

_MOST: Final = 500


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor report ~/pictures -o report.html --title 'Castles' --where castle",
)
@click.option("-o", "--output", metavar="FILE", required=True, help="The HTML file; replaced in one step at the end.")
@click.option("--title", metavar="TEXT", help="Default: the name of the first path.")
@click.option("--where", metavar="QUERY", help="Only images that meet a query, as extractor search takes it.")
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=_MOST, show_default=True, metavar="N", help="At most N images."
)
@click.option("--prompts/--no-prompts", default=True, help="Whether prompts are told. On by default.")
@click.option("--paths", "has_paths", is_flag=True, help="Also tell names and folders of the files.")
@walking_options
def command(
    output: str,
    title: str | None,
    where: str | None,
    limit: int,
    prompts: bool,
    has_paths: bool,
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    **scanning: Any,
) -> int:
    """Make one HTML file of pictures and their recipes.

    PATH is a catalog (extractor scan -o catalog.db), whose newest images are taken, or a file or folder. The report
    holds small pictures, no scripts, and of the recipes what Civitai shows.
    """
    import os

    from extractor.catalog.find import search
    from extractor.catalog.query import parse_query
    from extractor.cli.output import note
    from extractor.cli.rowsource import counted, without_pixels
    from extractor.cli.summary import print_failures
    from extractor.files.atomic import atomic_write
    from extractor.gallery.report import report
    from extractor.scanning.tally import Tally

    condition = query_argument(where) if where is not None else parse_query("")
    given = named_files(paths, files_from, null=null)
    tally = Tally()
    with closing(search(condition, given, limit=limit, **without_pixels(scanning))) as results:  # type: ignore[type-var]
        found = list(islice(counted(results, tally), limit))
    name = title or os.path.basename(os.path.abspath(paths[0] if paths else "."))
    parts = report(name, _entries(found, scanning.get("workers")), has_prompts=prompts, has_paths=has_paths)
    atomic_write(output, "".join(parts).encode())
    if not quiet:
        note(f"{len(found):,} {'picture' if len(found) == 1 else 'pictures'} in {output}")
        print_failures(tally)
    return FAILED if tally.failed else 0


def _entries(results: list[ScanResult], workers: int | None) -> Iterator[Entry]:
    """Each with its thumbnail, made in other processes."""
    import os

    from extractor.gallery.report import EDGE, Entry
    from extractor.gallery.served import Place
    from extractor.gallery.thumbs import Thumb, ThumbJob, ThumbTask
    from extractor.scanning.workers import run

    def task(path: str) -> ThumbTask | Thumb:
        real = os.path.realpath(path)
        return ThumbTask(Place(os.path.dirname(real), real), EDGE)

    tasks = (task(result.path) for result in results)
    with closing(run(tasks, ThumbJob(), workers, isolated=True)) as thumbs:
        for result, thumb in zip(results, thumbs, strict=True):
            assert result.record is not None
            yield Entry(result.path, result.record.model_dump(mode="json", exclude_none=True), thumb.data)
