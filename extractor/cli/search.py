"""``extractor search``."""

from __future__ import annotations

from contextlib import ExitStack, closing
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from extractor.cli.fields import fields_of
from extractor.cli.options import given_paths, walking_options
from extractor.cli.queries import query_argument
from extractor.cli.rowtarget import FORMATS, Rows
from extractor.cli.scan import row_format
from extractor.cli.selection import Order
from extractor.cli.status import FAILED

if TYPE_CHECKING:
    from extractor.scanning.tally import Tally

_EXAMPLES: Final = """\b
Example:
  extractor search lighthouse catalog.db
  extractor search '"golden hour" -blurry lora:detail steps:20..30' catalog.db
  extractor search 'castle OR tower after:2024-05 size:>1024' ~/pictures --index
  extractor search -- '-cat model:flux' catalog.db
\b
What a query can hold:
  word, "two words", word*   whole words of the prompt, the file's name, the model and LoRAs; * any ending
  -condition, this OR that   all others must be met
  model: lora: sampler: scheduler: generator: path: prompt: negative:   a part of the text
  seed: steps: cfg:          5, >5, <=5, 5..10
  size:                      512x768, 1024 (a side), >1024 (the longer side), >=1024x1024 (pixels)
  before: after:             2024, 2024-05, 2024-05-31 (UTC)
  with: without:             metadata prompt negative seed model lora vae hash ai warnings ...
"""


@click.command(no_args_is_help=True, epilog=_EXAMPLES)
@click.argument("query")
@click.option(
    "--index", is_flag=True, help="Keep a catalog of each folder in your cache: the next search takes no scan."
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: a table on a terminal, else JSON Lines.")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE: .jsonl .json .csv .parquet .db")
@click.option("--fields", metavar="A,B,...", help="Only these fields, as in scan. One alone is printed bare.")
@click.option("--sort", metavar="FIELD", help="In the order of a field; -FIELD: the largest first.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most N images.")
@walking_options
def command(
    query: str,
    index: bool,
    form: str | None,
    output: str | None,
    fields: str | None,
    sort: str | None,
    limit: int | None,
    paths: tuple[str, ...],
    files_from: BinaryIO | None,
    null: bool,
    quiet: bool,
    **scanning: Any,
) -> int:
    """Find images by their prompts, models and settings.

    PATH is a catalog (extractor scan -o catalog.db), which answers in milliseconds, newest first; or a file or
    folder, which is scanned: the folder one is in, if none is named; or - for an image on standard input. QUERY is
    one argument: put it in quotes.
    """
    from extractor.catalog.find import search
    from extractor.cli.rowsource import counted, found_on_stdin, without_pixels, without_stdin
    from extractor.scanning.tally import Tally

    condition = query_argument(query)
    output = None if output == "-" else output
    chosen = Rows(row_format(form, output, fields), output, fields_of(fields) if fields is not None else [])
    chosen.check(prune=False)
    order = Order(sort) if sort else None
    given = given_paths(paths or (() if files_from else (".",)), files_from, null=null)
    files, is_piped = without_stdin(given)
    tally = Tally()
    with ExitStack() as stack:
        writer = stack.enter_context(chosen.writer())
        each = None if order else limit
        reading = without_pixels(scanning)
        piped = found_on_stdin(condition, reading) if is_piped else ()
        results = search(condition, files, index=index, limit=each, **reading)
        found = counted(chain(piped, stack.enter_context(closing(results))), tally)  # type: ignore[type-var]
        for result in order.sorted(found, limit) if order else islice(found, limit):
            writer.write(result)
    if not quiet:
        _print_summary(tally)
    return FAILED if tally.failed else 0


def _print_summary(tally: Tally) -> None:
    from extractor.cli.output import note
    from extractor.cli.summary import print_failures

    found = tally.files - tally.failed
    note(f"{found:,} {'image' if found == 1 else 'images'} found")
    print_failures(tally)
