"""``extractor diff``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from extractor.cli.options import files, reading_options
from extractor.text.printable import lines
from extractor.text.words import Change, word_diff

if TYPE_CHECKING:
    from extractor.record import ImageRecord
    from extractor.rows.difference import Difference

_SAME, _DIFFERENT, _TROUBLE = 0, 1, 2
_STDIN: Final = "-"
_SHORT: Final = 40
_MARKS: Final = {Change.SAME: ("", "", None), Change.REMOVED: ("[-", "-]", "red"), Change.ADDED: ("{+", "+}", "green")}


@click.command(
    no_args_is_help=True, epilog="\b\nExample:\n  extractor diff a.png b.png\n  extractor diff a.png b.png --json"
)
@click.argument("before", metavar="A", shell_complete=files)
@click.argument("after", metavar="B", shell_complete=files)
@click.option("--json", "as_json", is_flag=True, help="An object: field -> [value of A, value of B].")
@reading_options
def command(before: str, after: str, as_json: bool, **reading: Any) -> int:
    """Show in what the recipes of two images differ.

    Fields that differ, and prompts word by word: [-gone-] {+new+}. Nothing of the files counts, only how the pictures
    were made. Exit code: 0 no difference, 1 some, 2 trouble.
    """
    from extractor.cli.output import print_json
    from extractor.rows.difference import differences

    records = []
    for argument in (before, after):
        record = _read(argument, **{**reading, "hash": False})
        if record is None:
            return _TROUBLE
        records.append(record)
    found = differences(*records)
    if as_json:
        print_json(json.dumps({item.field: [item.before, item.after] for item in found}, ensure_ascii=False, indent=2))
    elif found:
        _print(before, after, found)
    return _DIFFERENT if found else _SAME


def _read(argument: str, **reading: Any) -> ImageRecord | None:
    from extractor.cli.arguments import resolve_argument
    from extractor.cli.output import note
    from extractor.errors import ExtractorError
    from extractor.extraction.extract import extract
    from extractor.text.printable import one_line

    try:
        return extract(sys.stdin.buffer if argument == _STDIN else resolve_argument(argument), **reading)
    except ExtractorError as error:
        note(f"Error: {one_line(argument)}: {one_line(error.reason)}")
        return None


def _print(before: str, after: str, found: list[Difference]) -> None:
    from extractor.cli.cells import shown_name
    from extractor.cli.output import wants_color

    color = wants_color()
    click.echo(_styled(f"--- {shown_name(before)}", color, fg="red"), color=color)
    click.echo(_styled(f"+++ {shown_name(after)}", color, fg="green"), color=color)
    for item in found:
        click.echo(_line(item, color), color=color)


def _line(item: Difference, color: bool) -> str:
    from extractor.cli.cells import shown_name

    title = _styled(shown_name(item.field), color, bold=True)
    if _is_prose(item.before) and _is_prose(item.after):
        pieces = (_piece(change, lines(text), color) for change, text in word_diff(item.before, item.after))
        return f"{title}: {''.join(pieces)}"
    old, new = (_value(value) for value in (item.before, item.after))
    return f"{title}: {_styled(old, color, fg='red')} -> {_styled(new, color, fg='green')}"


def _is_prose(value: Any) -> bool:
    """Whether a text is compared by its words."""
    return isinstance(value, str) and (len(value) > _SHORT or "," in value)


def _value(value: Any) -> str:
    from extractor.cli.cells import shown

    if value is None:
        return "(none)"
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items())
    return "(there)" if value is True else shown(value) or "(empty)"


def _piece(change: Change, text: str, color: bool) -> str:
    begin, end, fg = _MARKS[change]
    return _styled(f"{begin}{text}{end}", color and fg is not None, fg=fg)


def _styled(text: str, color: bool, **style: Any) -> str:
    return click.style(text, **style) if color else text
