"""``extractor stats``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.options import given_paths, walking_options
from extractor.cli.queries import query_argument
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractor.catalog.stats import Stats

_TITLES: Final = {
    "models": "Models",
    "loras": "LoRAs",
    "samplers": "Samplers",
    "schedulers": "Schedulers",
    "sizes": "Sizes",
    "generators": "Generators",
    "months": "Months",
}
_WIDEST_NAME: Final = 36
_WIDEST_BAR: Final = 40
_WIDTH_OF_A_FILE: Final = 100
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor stats catalog.db\n  extractor stats ~/pictures --where 'after:2024' --top 5",
)
@click.option("--where", metavar="QUERY", help="Only images that meet a query, as extractor search takes it.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="So many of each.")
@click.option("--json", "as_json", is_flag=True, help="All counts as JSON; --top does not apply.")
@walking_options
def command(
    where: str | None,
    top: int,
    as_json: bool,
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    **scanning: Any,
) -> int:
    """Show which models, LoRAs, samplers and sizes are used most.

    Also generators, and the images of each month.

    PATH is a catalog (extractor scan -o catalog.db), or a file or folder, which is scanned.
    """
    import json

    from extractor.catalog.query import parse_query
    from extractor.catalog.stats import count
    from extractor.cli.output import print_json
    from extractor.cli.rowsource import found_on_stdin, without_pixels, without_stdin
    from extractor.cli.summary import print_failures

    condition = query_argument(where) if where is not None else parse_query("")
    reading = without_pixels(scanning)
    files, is_piped = without_stdin(given_paths(paths, files_from, null=null))
    stats = count(files, condition, **reading)
    for result in found_on_stdin(condition, reading) if is_piped else ():
        stats.add_result(result)
    if as_json:
        print_json(json.dumps(stats.as_object(), ensure_ascii=False, indent=2))
    else:
        _print(stats, top)
    if not quiet:
        print_failures(stats.failures)
    return FAILED if stats.failed else 0


def _print(stats: Stats, top: int) -> None:
    import shutil

    from extractor.cli.output import wants_color

    color = wants_color()
    width = shutil.get_terminal_size((_WIDTH_OF_A_FILE, 0)).columns
    click.echo(f"{stats.images:,} {'image' if stats.images == 1 else 'images'}, {stats.with_metadata:,} with metadata")
    for kind, title in _TITLES.items():
        rows = stats.top(kind, top)
        if rows:
            more = len(stats.counts[kind]) - len(rows)
            click.echo()
            click.echo(click.style(title, bold=True) if color else title, color=color)
            for line, bar in _bars(rows, width):
                click.echo(line + (click.style(bar, fg="cyan") if color else bar), color=color)
            if more:
                click.echo(f"  and {more:,} {'earlier' if kind == 'months' else 'more'}")


def _bars(rows: list[tuple[str, int]], width: int) -> Iterator[tuple[str, str]]:
    """Each line up to its bar, and the bar; names, counts and bars stand below each other."""
    from rich.cells import cell_len, set_cell_size

    from extractor.text.printable import one_line

    names = [one_line(name) for name, _ in rows]
    counts = [f"{count:,}" for _, count in rows]
    digits, largest = max(map(len, counts)), max(count for _, count in rows)
    widest = min(max(map(cell_len, names)), _WIDEST_NAME, max(8, width - digits - 16))
    room = max(0, min(_WIDEST_BAR, width - widest - digits - 7))
    for name, text, (_, count) in zip(names, counts, rows, strict=True):
        fitted = set_cell_size(name, widest - 1) + "…" if cell_len(name) > widest else set_cell_size(name, widest)
        eighths = round(count / largest * room * 8)
        bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        yield f"  {fitted}  {text:>{digits}}  ", bar
