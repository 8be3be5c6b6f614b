"""A table that is printed line by line: a folder may have a million rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO, Final

import click
from rich.cells import cell_len, set_cell_size

from extractor.rows.base import RowWriter
from extractor.rows.rows import error_object
from extractor.text.printable import one_line

if TYPE_CHECKING:
    from extractor.record import ImageRecord
    from extractor.scanning.scan import ScanResult

_COLUMNS: Final = (
    ("file", 14, 40),
    ("size", 9, 11),
    ("generator", 9, 12),
    ("model", 10, 24),
    ("sampler", 8, 18),
    ("steps", 5, 5),
    ("CFG", 4, 5),
    ("seed", 10, 20),
    ("prompt", 8, 0),
)
"""Title, narrowest and widest width; the prompt takes what the others leave."""
_NUMBERS: Final = ("steps", "CFG", "seed")
_LONGEST: Final = 2000
"""Characters of a value that are looked at: no terminal is wider."""
_GAP: Final = "  "


class TableWriter(RowWriter):
    """Columns of a fixed width that share the width of the terminal."""

    def __init__(self, stream: BinaryIO, *, width: int, color: bool) -> None:
        self._stream = stream
        self._color = color
        self._width = width
        self._widths = _share(width)
        titles = [title for title, _, _ in _COLUMNS]
        self._write(_line(titles, self._widths), bold=True)

    def write_row(self, result: ScanResult) -> None:
        """Print one row."""
        if result.record is not None:
            self._write(_line(_cells(result.path, result.record), self._widths))
        elif result.error is not None:
            failure = error_object(result.error)
            file = _fit_end(one_line(result.path[-_LONGEST:]), self._widths[0])
            self._write(f"{file}{_GAP}{failure['type']}: {one_line(failure['message'][:_LONGEST])}", fg="red")

    def _write(self, line: str, *, bold: bool = False, fg: str | None = None) -> None:
        line = line.rstrip()
        if self._color and (bold or fg):
            line = click.style(line, bold=bold or None, fg=fg)
        self._stream.write(f"{line}\n".encode())


def _share(width: int) -> list[int]:
    """The columns' widths: the narrowest, half of what is left for the prompt, the rest shared by the others."""
    widths = [narrow for _, narrow, _ in _COLUMNS]
    spare = max(0, width - sum(widths) - len(_GAP) * (len(widths) - 1))
    budget = spare // 2
    for index, (_, narrow, wide) in enumerate(_COLUMNS[:-1]):
        more = min(budget // (len(_COLUMNS) - 1 - index), wide - narrow)
        widths[index] += more
        budget -= more
        spare -= more
    widths[-1] += spare
    return widths


def _cells(path: str, record: ImageRecord) -> list[str]:
    meta = record.meta
    generator = record.extraction.generator if record.extraction is not None else None
    values: list[object] = [
        path,
        f"{record.width}x{record.height}",
        generator,
        *(getattr(meta, name, None) for name in ("model", "sampler", "steps", "cfg_scale", "seed", "prompt")),
    ]
    return [_text(value) for value in values]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _line(cells: list[str], widths: list[int]) -> str:
    fitted = []
    for (title, _, _), cell, width in zip(_COLUMNS, cells, widths, strict=True):
        if title == "file":
            fitted.append(_fit_end(one_line(cell[-_LONGEST:]), width))
        elif title in _NUMBERS:
            fitted.append(_fit(one_line(cell[:_LONGEST]), width, right=True))
        else:
            fitted.append(_fit(one_line(" ".join(cell[:_LONGEST].split())), width))
    return _GAP.join(fitted)


def _fit(text: str, width: int, *, right: bool = False) -> str:
    """The beginning of a text, exactly `width` cells wide."""
    if cell_len(text) > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - cell_len(text)) + text if right else set_cell_size(text, width)


def _fit_end(text: str, width: int) -> str:
    """The end of a text (of a path, the part that tells files apart), exactly `width` cells wide."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    text = text[-width:]
    while cell_len(text) > width - 1:
        text = text[1:]
    return set_cell_size("…" + text, width)
