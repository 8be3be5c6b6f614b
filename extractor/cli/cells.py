"""Text in a terminal's cells: a character may take none, one or two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, set_cell_size

from extractor.text.printable import one_line

_LONGEST: Final = 4000
"""Characters of a value that are looked at for one line: no terminal is wider."""
_CUT: Final = "…"


def shown(value: object) -> str:
    """A value on one line, safe to print; an absent one is empty, a list or an object is JSON."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + _CUT
    return one_line(" ".join(text.split()))


def shown_name(name: str) -> str:
    """The name of a file or folder on one line, whose blanks count; of a very long one both ends."""
    if len(name) > 2 * _LONGEST:
        name = name[:_LONGEST] + _CUT + name[-_LONGEST:]
    return one_line(name)


def cut_end(text: str, width: int) -> str:
    """The text, or its beginning, in at most `width` cells."""
    if cell_len(text) <= width:
        return text
    return _beginning(text, width - 1) + _CUT if width > 0 else ""


def cut_middle(text: str, width: int) -> str:
    """The text, or its beginning and its end (which tell files apart), in at most `width` cells."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    end = width // 2
    return _beginning(text, width - 1 - end) + _CUT + _beginning(text[::-1], end)[::-1]


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text with blanks, at least `width` cells wide."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text, those that are too long broken at blanks, or within words longer than a line."""
    for line in text.split("\n"):
        yield from _broken(line.expandtabs(4).rstrip(), max(width, 8))


def _broken(line: str, width: int) -> Iterator[str]:
    at = 0
    while at < len(line):
        end = at + (len(_beginning(line[at : at + 2 * width], width)) or 1)
        if line[end : end + 1].strip():
            blank = line.rfind(" ", at, end)
            end = blank if line[at : max(blank, at)].strip() else end
        yield line[at:end].rstrip()
        at = end
        while line[at : at + 1] == " ":
            at += 1
    if not line:
        yield ""


def _beginning(text: str, width: int) -> str:
    """As many characters as fit."""
    if width <= 0:
        return ""
    cut = set_cell_size(text[: width * 4], width)
    # A character of two cells that does not fit was replaced by a blank.
    return cut if text.startswith(cut) else cut[:-1]
