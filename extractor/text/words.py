"""What differs between two texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Final

_WORD: Final = re.compile(r"\s+|[^\s,;:.()\[\]{}<>|]+|.")
"""Blanks, a word, or one mark: words of a prompt stand between commas and brackets."""
_MOST: Final = 300
"""Words taken out and put in that are looked for; with more, everything between the common ends has changed."""


class Change(StrEnum):
    """What became of a piece of the first text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


def word_diff(before: str, after: str) -> list[tuple[Change, str]]:
    """Pieces of both texts in order: the same, removed, added. The first two joined are `before`.

    Myers' algorithm: the work is linear in the texts times the number of words that differ, which is bounded.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    steps = [
        *((Change.SAME, word) for word in old[:start]),
        *_steps(old[start : len(old) - end], new[start : len(new) - end]),
        *((Change.SAME, word) for word in old[len(old) - end :]),
    ]
    return [(change, "".join(word for _, word in words)) for change, words in groupby(steps, lambda step: step[0])]


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for first, second in zip(old, new, strict=False):
        if first != second:
            break
        count += 1
    return count


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Change, str]]:
    trace = _furthest(old, new)
    if trace is None:
        yield from ((Change.REMOVED, word) for word in old)
        yield from ((Change.ADDED, word) for word in new)
        return
    path: list[tuple[Change, str]] = []
    x, y = len(old), len(new)
    for distance in range(len(trace) - 1, -1, -1):
        reached = trace[distance]
        diagonal = x - y
        down = diagonal == -distance or (
            diagonal != distance and reached.get(diagonal - 1, -1) < reached.get(diagonal + 1, -1)
        )
        before = diagonal + 1 if down else diagonal - 1
        from_x = reached.get(before, 0)
        from_y = from_x - before
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            path.append((Change.SAME, old[x]))
        if distance:
            path.append((Change.ADDED, new[from_y]) if down else (Change.REMOVED, old[from_x]))
        x, y = from_x, from_y
    yield from _removed_first(path[::-1])


def _furthest(old: Sequence[str], new: Sequence[str]) -> list[dict[int, int]] | None:
    """For each number of changes, how far each diagonal had come before; None when there are too many."""
    reached = {1: 0}
    trace = []
    for distance in range(min(len(old) + len(new), _MOST) + 1):
        trace.append(dict(reached))
        for diagonal in range(-distance, distance + 1, 2):
            down = diagonal == -distance or (
                diagonal != distance and reached.get(diagonal - 1, -1) < reached.get(diagonal + 1, -1)
            )
            x = reached.get(diagonal + 1, 0) if down else reached.get(diagonal - 1, 0) + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            reached[diagonal] = x
            if x >= len(old) and y >= len(new):
                return trace
    return None


def _removed_first(steps: Sequence[tuple[Change, str]]) -> Iterator[tuple[Change, str]]:
    """The steps, with what was removed in front of what was added in its place."""
    for is_same, group in groupby(steps, lambda step: step[0] is Change.SAME):
        changed = list(group)
        if is_same:
            yield from changed
            continue
        yield from (step for step in changed if step[0] is Change.REMOVED)
        yield from (step for step in changed if step[0] is Change.ADDED)
