"""Plots as SVG texts, for the page and the report.

Style sheets find classes in them; without one, attributes give the colours. Neither a script nor an inline style stands
in them, which the page's policy forbids.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_WIDTH: Final = 480
_ROW: Final = 26
_LABEL: Final = 176
_GAP: Final = 10
_COUNT: Final = 56
_BAR: Final = 14
_LETTERS: Final = 22
"""Narrow characters that have room in a label."""
_HEIGHT: Final = 150
_FOOT: Final = 22
_WIDEST_COLUMN: Final = 28
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class Bar(NamedTuple):
    """One value and how many images have it."""

    name: str
    images: int


def xml_text(text: str) -> str:
    """Any text as XML and HTML hold it; what neither can hold is U+FFFD."""
    return _NOT_XML.sub("\ufffd", text).translate(_ESCAPES)


def bars(rows: Sequence[Bar], title: str) -> str:
    """A row a value, its bar as long as its count; the row's number stands in ``data-row``."""
    height = max(1, len(rows)) * _ROW
    return _svg(title, height, "bars", _bar_parts(rows))


def _bar_parts(rows: Sequence[Bar]) -> Iterator[str]:
    largest = max((row.images for row in rows), default=1)
    room = _WIDTH - _LABEL - 2 * _GAP - _COUNT
    for number, (name, count) in enumerate(rows):
        middle = number * _ROW + _ROW / 2
        width = max(2.0, count / largest * room)
        yield (
            f'<g class="plot-row" data-row="{number}"><title>{xml_text(name)}: {count:,}</title>'
            f'<rect class="plot-hit" x="0" y="{number * _ROW}" width="{_WIDTH}" height="{_ROW}" fill="transparent"/>'
            f'<text class="plot-label" x="{_LABEL}" y="{middle:g}" text-anchor="end" dominant-baseline="central" '
            f'font-size="13" fill="currentColor">{xml_text(shortened(name, _LETTERS))}</text>'
            f'<rect class="plot-bar" x="{_LABEL + _GAP}" y="{middle - _BAR / 2:g}" width="{width:.1f}" height="{_BAR}" '
            'rx="3" fill="#3d7dd8"/>'
            f'<text class="plot-count" x="{_LABEL + 2 * _GAP + width:.1f}" y="{middle:g}" dominant-baseline="central" '
            f'font-size="12" fill="currentColor" opacity="0.75">{count:,}</text></g>'
        )


def columns(rows: Sequence[Bar], title: str) -> str:
    """A column a month (``2024-03``), in their order; years are told below."""
    return _svg(title, _HEIGHT, "columns", _column_parts(rows))


def _column_parts(rows: Sequence[Bar]) -> Iterator[str]:
    largest = max((row.images for row in rows), default=1)
    room = _HEIGHT - _FOOT - 4
    step = min(float(_WIDEST_COLUMN), _WIDTH / max(1, len(rows)))
    width = max(0.5, step - min(3.0, step * 0.2))
    year, told = "", -_WIDTH
    for number, (name, count) in enumerate(rows):
        left, height = number * step, max(1.5, count / largest * room)
        yield (
            f'<g class="plot-row" data-row="{number}"><title>{xml_text(name)}: {count:,}</title>'
            f'<rect class="plot-hit" x="{left:.2f}" y="0" width="{step:.2f}" height="{room + 4}" fill="transparent"/>'
            f'<rect class="plot-bar" x="{left:.2f}" y="{room + 4 - height:.1f}" width="{width:.2f}" '
            f'height="{height:.1f}" rx="1.5" fill="#3d7dd8"/></g>'
        )
        if name[:4] != year and left - told >= 36:
            year, told = name[:4], int(left)
            yield (
                f'<text class="plot-label" x="{left:.1f}" y="{_HEIGHT - 6}" font-size="12" fill="currentColor" '
                f'opacity="0.75">{xml_text(year)}</text>'
            )


def _svg(title: str, height: int, kind: str, parts: Iterator[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot plot-{kind}" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" font-family="system-ui, sans-serif">'
        f"<title>{xml_text(title)}</title>{''.join(parts)}</svg>"
    )


def shortened(text: str, room: int) -> str:
    """A text on one line in so many narrow characters; the middle of a longer one is left out."""
    line = " ".join(text.split())
    if _cells(line) <= room:
        return line
    head, tail = "", ""
    for character in line:
        if _cells(head + character) > (room - 1) * 2 // 3:
            break
        head += character
    for character in reversed(line):
        if _cells(head) + _cells(tail + character) > room - 1:
            break
        tail = character + tail
    return f"{head.rstrip()}…{tail.lstrip()}"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
