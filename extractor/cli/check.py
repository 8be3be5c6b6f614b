"""``extractor check``."""

from __future__ import annotations

import click

from extractor.cli.options import files
from extractor.cli.rowsource import STDIN, stdin_bytes
from extractor.cli.status import FAILED


@click.command(
    no_args_is_help=True,
    short_help="Tell what Civitai's site would drop of an image's data.",
    epilog="\b\nExample:\n  extractor check a.png b.jpg",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=files)
def command(files: tuple[str, ...]) -> int:
    """Tell what Civitai's site would drop of an image's generation data, and why.

    FILE can be - for an image or a text on standard input. The exit code is 1 if all of a file would be lost, or it
    has none.
    """
    from extractor.cli.output import note, print_text
    from extractor.errors import ExtractorError
    from extractor.text.printable import one_line
    from extractor.writers.civitai import check_civitai

    status = 0
    for file in files:
        name = one_line(file)
        try:
            text = _infotext(file)
        except ExtractorError as error:
            note(f"failed: {name}: {one_line(error.reason)}")
            status = FAILED
            continue
        if text is None:
            print_text(f"{name}: there is no infotext; extractor embed --civitai writes one")
            status = FAILED
            continue
        remarks = check_civitai(text)
        if any(remark.loses_all for remark in remarks):
            status = FAILED
        print_text(f"{name}: {'some of it is not read' if remarks else 'all of it is read'}")
        for remark in remarks:
            print_text(f"  {'loses all: ' if remark.loses_all else ''}{one_line(remark.message)}")
    return status


def _infotext(file: str) -> str | None:
    """The text that the site would read."""
    from extractor.cli.arguments import resolve_argument
    from extractor.containers.kinds import sniff
    from extractor.writers.contents import infotext_of

    if file != STDIN:
        return infotext_of(resolve_argument(file))
    data = stdin_bytes()
    return data.decode("utf-8-sig", "replace") if sniff(data) is None else infotext_of(data)
