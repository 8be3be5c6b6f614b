"""``extractor same``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.options import named_files, walking_options
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.rows.same import SameGroup

_KINDS: Final = ("bytes", "look", "recipe")


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor same ~/pictures\n  extractor same ~/pictures --by look --by recipe",
)
@click.option(
    "--by",
    type=click.Choice(_KINDS),
    multiple=True,
    help="bytes: equal files (the default). look: pictures that look the same. recipe: made alike but for the seed.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    metavar="D",
    help="For the look: the distance of image hashes, 0 to 1, up to which two are the same. Default: 0.04.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: {by, paths}.")
@walking_options
def command(
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    by: tuple[str, ...],
    threshold: float | None,
    as_json: bool,
    **scanning: Any,
) -> int:
    """Find pictures that are the same.

    Groups of two and more, each with its paths. By bytes no pixel is decoded; by look the size, the format and the
    quality of a picture do not count.
    """
    from extractor.cli.run import watched
    from extractor.cli.summary import print_same_summary
    from extractor.rows.same import LOOK_THRESHOLD, find_same
    from extractor.scanning.tally import Tally

    given = list(named_files(paths, files_from, null=null))
    tally = Tally()
    groups: list[SameGroup] = []
    with watched(tally, given, scanning, print_same_summary(groups), quiet=quiet):
        for place, kind in enumerate(by or _KINDS[:1]):
            chosen = LOOK_THRESHOLD if threshold is None else threshold
            groups += find_same(given, kind, threshold=chosen, seen=tally.add if place == 0 else None, **scanning)
    for group in groups:
        _print(group.by, group.paths, as_json=as_json)
    return FAILED if tally.failed else 0


def _print(by: str, paths: list[str], *, as_json: bool) -> None:
    from extractor.cli.cells import shown_name
    from extractor.cli.output import print_json, wants_color
    from extractor.rows.rows import path_object

    if as_json:
        rows = [path_object(path)["path"] for path in paths]
        print_json(json.dumps({"by": by, "paths": rows}, ensure_ascii=False))
        return
    color = wants_color()
    title = f"same {by} ({len(paths)})"
    click.echo(click.style(title, bold=True) if color else title, color=color)
    click.echo("".join(f"  {shown_name(path)}\n" for path in paths))
