"""The columns of a table, and their widths: by what stands in them and what the terminal has room for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from rich.cells import cell_len

from extractor.cli.cells import cut_end, cut_middle, padded

GAP: Final = "  "
NARROWEST, WIDEST = 40, 300
"""Cells of a table, whatever the terminal says."""
_MANY: Final = 20
"""Rows from which on a few long seeds do not make the column wide for all."""


class Cut(Enum):
    """What becomes of a value that is too long for its column."""

    END = 0
    MIDDLE = 1
    NEVER = 2
    """It is shown whole; the last column, or else the first, has less room in that row."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, before it has a width."""

    title: str
    place: tuple[str, ...]
    """Where its value stands in a row as `row_object` gives it; empty for the file's name."""
    rank: int
    """Which columns go first when there is not enough room: those of the highest rank."""
    narrow: int
    """Cells below which it is of no use."""
    wide: int
    cut: Cut = Cut.END
    right: bool = False


USUAL: Final = (
    Column("file", (), 0, 20, 44, Cut.MIDDLE),
    Column("size", ("size",), 8, 7, 11),
    Column("generator", ("extraction", "generator"), 6, 9, 16),
    Column("model", ("meta", "Model"), 3, 10, 32),
    Column("sampler", ("meta", "sampler"), 4, 8, 22),
    Column("steps", ("meta", "steps"), 5, 5, 7, right=True),
    Column("CFG", ("meta", "cfgScale"), 7, 3, 6, right=True),
    Column("seed", ("meta", "seed"), 2, 10, 20, Cut.NEVER, right=True),
    Column("prompt", ("meta", "prompt"), 1, 16, 1000),
)


def chosen(place: tuple[str, ...], title: str, rank: int) -> Column:
    """A column for a field that somebody asked for."""
    known = next((column for column in USUAL if column.place == place), None)
    if known is not None:
        return Column(title, place, rank, known.narrow, known.wide, known.cut, known.right)
    if place == ("path",):  # it names a file only as a whole
        return Column(title, place, rank, 8, WIDEST, Cut.MIDDLE)
    return Column(title, place, rank, 8, 60)


class Layout:
    """Columns with widths, fixed for all rows."""

    def __init__(self, columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int, *, complete: bool) -> None:
        """Measure.

        Args:
            columns: All that may be shown.
            rows: The cells of the first rows.
            width: Cells of the terminal.
            complete: Whether there are no further rows: then no room is kept for what they might hold.
        """
        self._width = min(max(width, NARROWEST), WIDEST)
        by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
        content = [_content(column, cells) for column, cells in zip(columns, by_column, strict=True)]
        wanted = [_wanted(column, cells, complete=complete) for column, cells in zip(columns, content, strict=True)]
        if complete:  # a column of nothing is not shown
            wanted = [want if cells else 0 for cells, want in zip(content, wanted, strict=True)]
        kept = self._kept(columns, wanted)
        self.indices = kept
        self.columns = [columns[index] for index in kept]
        self._widths = self._shared(self.columns, [wanted[index] for index in kept])

    @property
    def titles(self) -> str:
        """The line of titles."""
        return self.line([column.title for column in self.columns])

    def line(self, cells: Sequence[str]) -> str:
        """A row; `cells` are those of `columns`."""
        widths = list(self._widths)
        for index, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            if column.cut is Cut.NEVER and cell_len(cell) > widths[index]:
                self._make_room(widths, index, cell_len(cell))
        fitted = [
            padded(_fitted(column, cell, width), width, right=column.right)
            for column, cell, width in zip(self.columns, cells, widths, strict=True)
        ]
        return GAP.join(fitted).rstrip()

    def spanning(self, cell: str, rest: str) -> str:
        """A row of the first column, and a text over all others."""
        width = self._widths[0]
        first = padded(_fitted(self.columns[0], cell, width), width)
        return f"{first}{GAP}{cut_end(rest, self._width - width - len(GAP))}".rstrip()

    def whole(self, cell: str) -> str:
        """A line of one text."""
        return cut_middle(cell, self._width)

    def _kept(self, columns: Sequence[Column], wanted: Sequence[int]) -> list[int]:
        """The columns for whose narrowest width there is room, by rank; without those that want nothing."""
        kept: list[int] = []
        left = self._width + len(GAP)
        for index in sorted(range(len(columns)), key=lambda index: columns[index].rank):
            least = min(columns[index].narrow, wanted[index]) if columns[index].cut is not Cut.NEVER else wanted[index]
            if not wanted[index]:
                continue
            if kept and least + len(GAP) > left:
                break
            kept.append(index)
            left -= least + len(GAP)
        return sorted(kept) or [0]

    def _shared(self, columns: Sequence[Column], wanted: Sequence[int]) -> list[int]:
        """Widths: the narrowest; then the last column gets half of what is left, the others share the rest."""
        widths = [
            want if column.cut is Cut.NEVER else min(column.narrow, want)
            for column, want in zip(columns, wanted, strict=True)
        ]
        spare = max(0, self._width - sum(widths) - len(GAP) * (len(widths) - 1))
        last = len(widths) - 1
        kept = min(wanted[last] - widths[last], spare // 2)
        spare = kept + _fill(widths, wanted, range(last), spare - kept)
        spare = _fill(widths, wanted, range(last, last + 1), spare)
        _fill(widths, wanted, range(last), spare)
        return widths

    def _make_room(self, widths: list[int], index: int, wanted: int) -> None:
        """Widen a column in one row, at the cost of the last or the first."""
        used = sum(widths) + len(GAP) * (len(widths) - 1)
        debt = max(0, used + wanted - widths[index] - self._width)
        widths[index] = wanted
        for payer in (len(widths) - 1, 0):
            if payer != index:
                paid = min(debt, widths[payer])
                widths[payer] -= paid
                debt -= paid


def _content(column: Column, cells: Sequence[str]) -> int:
    """The widest cell; of many that are never cut, one that nine of ten do not exceed."""
    lengths = sorted(filter(None, map(cell_len, cells)))
    if not lengths:
        return 0
    if column.cut is not Cut.NEVER or len(lengths) < _MANY:
        return lengths[-1]
    return lengths[(len(lengths) - 1) * 9 // 10]


def _wanted(column: Column, content: int, *, complete: bool) -> int:
    least = len(column.title) if complete else max(len(column.title), column.narrow)
    most = column.wide if column.cut is not Cut.NEVER else max(column.wide, content)
    return min(max(content, least), most)


def _fill(widths: list[int], wanted: Sequence[int], indices: Iterable[int], spare: int) -> int:
    """Give each as much as it wants, those that want least first, all an equal share; what is left."""
    order = sorted(indices, key=lambda index: wanted[index] - widths[index])
    for place, index in enumerate(order):
        more = min(spare // (len(order) - place), wanted[index] - widths[index])
        widths[index] += more
        spare -= more
    return spare


def _fitted(column: Column, cell: str, width: int) -> str:
    if column.cut is Cut.NEVER:
        return cell
    return cut_middle(cell, width) if column.cut is Cut.MIDDLE else cut_end(cell, width)
