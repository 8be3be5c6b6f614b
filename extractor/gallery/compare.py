"""In what two recipes differ, as the page shows it: fields, and the words of the prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from extractor.gallery.details import FIELD_LABELS
from extractor.record import ImageRecord, Meta
from extractor.rows.difference import differences

_PROMPTS: Final = ("prompt", "negativePrompt")
_PIECE: Final = re.compile(r"[^\s,]++[,\s]*+|[,\s]++")
"""A word with what follows it."""
_MOST_PIECES: Final = 600
"""Of the parts of two prompts that differ: beyond, they are one difference. Comparing takes the square."""


def compared(a: ImageRecord, b: ImageRecord) -> dict[str, Any]:
    """``{fields: [{field, label, a, b}], prompts: [{field, words: [[sign, text], ...]}]}`` of what differs.

    Signs are ``=`` for both, ``-`` for the first alone, ``+`` for the second alone.
    """
    found = differences(a, b)
    prompts = []
    for key in _PROMPTS:
        before, after = _prompt(a, key), _prompt(b, key)
        if before != after:
            prompts.append({"field": key, "words": list(word_difference(before, after))})
    fields = [
        {"field": key, "label": FIELD_LABELS.get(key, key), "a": _shown(before), "b": _shown(after)}
        for key, before, after in found
        if key not in _PROMPTS
    ]
    return {"fields": fields, "prompts": prompts}


def _prompt(record: ImageRecord, key: str) -> str:
    if not isinstance(record.meta, Meta):
        return ""
    value = record.meta.prompt if key == "prompt" else record.meta.negative_prompt
    return value if isinstance(value, str) else ""


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if value is True:
        return "used"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def word_difference(before: str, after: str) -> Iterator[list[str]]:
    """The pieces of two texts, in order; joined without ``+`` they are the first, without ``-`` the second."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    if start:
        yield ["=", "".join(old[:start])]
    old_end, new_end = len(old) - end, len(new) - end
    yield from _runs(_changes(old[start:old_end], new[start:new_end]))
    if end:
        yield ["=", "".join(old[old_end:])]


def _runs(changes: Iterable[list[str]]) -> Iterator[list[str]]:
    """Neighbours of one sign as one; within a run of changes, all that goes before all that comes."""
    gone = came = same = ""
    for sign, text in changes:
        if sign == "=":
            yield from ([mark, run] for mark, run in (("-", gone), ("+", came)) if run)
            gone = came = ""
            same += text
            continue
        if same:
            yield ["=", same]
            same = ""
        gone, came = (gone + text, came) if sign == "-" else (gone, came + text)
    yield from ([mark, run] for mark, run in (("=", same), ("-", gone), ("+", came)) if run)


def _changes(old: list[str], new: list[str]) -> Iterator[list[str]]:
    steps: Sequence[tuple[str, int, int, int, int]]
    if max(len(old), len(new)) > _MOST_PIECES:
        steps = [("replace", 0, len(old), 0, len(new))]
    else:
        steps = SequenceMatcher(None, _words(old), _words(new), autojunk=False).get_opcodes()
    for tag, first, last, at, to in steps:
        before, after = old[first:last], new[at:to]
        pairs = zip(before, after, strict=True) if tag == "equal" else [("".join(before), "".join(after))]
        for one, other in pairs:
            if one == other:
                yield ["=", one]
            else:  # of equal words, commas or case may differ
                yield from ([sign, text] for sign, text in (("-", one), ("+", other)) if text)


def _words(pieces: list[str]) -> Sequence[str]:
    return [piece.strip(" ,\t\r\n").casefold() or piece for piece in pieces]


def _common(a: list[str], b: list[str]) -> int:
    """How many pieces two lists begin with."""
    count = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        count += 1
    return count
