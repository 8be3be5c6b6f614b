"""Whether a row at hand meets a query: the same answer as the catalog gives for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from extractor.catalog.facts import lora_names, milliseconds, names_of, parts_of
from extractor.catalog.query import Contains, Either, Every, Has, Not, Query, Span, Words
from extractor.catalog.tokens import contains, spaced, tokens
from extractor.files.paths import absolute
from extractor.rows.columns import BASE_SAMPLER
from extractor.rows.normal import normal_row
from extractor.rows.rows import row_object, value_at
from extractor.text.coerce import to_int, to_number
from extractor.vocabulary.schedules import schedule_word

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult


def matches(query: Query, result: ScanResult) -> bool:
    """Whether the record of a result meets the query; a result without one meets none."""
    return result.record is not None and _holds(query, _Facts(absolute(result.path), row_object(result)))


class _Facts:
    """What is asked of one row, found out when it is asked for."""

    def __init__(self, path: str, row: dict[str, Any]) -> None:
        self.path = path
        self.row = row

    @cached_property
    def normal(self) -> dict[str, Any]:
        return normal_row(self.row)

    @cached_property
    def parts(self) -> frozenset[str]:
        return parts_of(self.normal)

    @cached_property
    def words(self) -> tuple[list[str], list[str]]:
        """Of the prompt and of the names: a phrase stands in one of them."""
        return tokens(spaced(_text(self.row, "prompt"))), tokens(spaced(names_of(self.row, self.path)))


def _holds(query: Query, facts: _Facts) -> bool:
    if isinstance(query, Every):
        return all(_holds(term, facts) for term in query.terms)
    if isinstance(query, Either):
        return any(_holds(term, facts) for term in query.terms)
    if isinstance(query, Not):
        return not _holds(query.term, facts)
    if isinstance(query, Words):
        phrase = tuple(tokens(spaced(query.text)))
        return any(contains(words, phrase, is_prefix=query.is_prefix) for words in facts.words)
    if isinstance(query, Contains):
        wanted = folded(query.key, query.text)
        return any(wanted in folded(query.key, text) for text in _TEXTS[query.key](facts))
    if isinstance(query, Span):
        value = _NUMBERS[query.key](facts)
        return value is not None and query.holds(value)
    assert isinstance(query, Has)
    return query.what in facts.parts


def folded(key: str, text: str) -> str:
    """A text as it is compared under a key: without case; schedules in one spelling."""
    return schedule_word(text) or text.casefold() if key == "scheduler" else text.casefold()


def _text(row: dict[str, Any], key: str) -> str:
    value = value_at(row, ("meta", key))
    return value if isinstance(value, str) else ""


def _samplers(facts: _Facts) -> list[str]:
    return [_text(facts.row, "sampler"), facts.normal.get(BASE_SAMPLER) or ""]


def _side(pick: Callable[[int, int], int]) -> Callable[[_Facts], int | None]:
    def value(facts: _Facts) -> int | None:
        width, height = facts.row.get("width"), facts.row.get("height")
        return pick(width, height) if isinstance(width, int) and isinstance(height, int) else None

    return value


_TEXTS: Final[dict[str, Callable[[_Facts], list[str]]]] = {
    "model": lambda facts: [_text(facts.row, "Model")],
    "lora": lambda facts: list(lora_names(facts.row)),
    "sampler": _samplers,
    "scheduler": lambda facts: [_text(facts.normal, "scheduler")],
    "generator": lambda facts: [value_at(facts.row, ("extraction", "generator")) or ""],
    "path": lambda facts: [facts.path],
    "prompt": lambda facts: [_text(facts.row, "prompt")],
    "negative": lambda facts: [_text(facts.row, "negativePrompt")],
}
"""Key of `Contains` -> the texts it looks into."""

_NUMBERS: Final[dict[str, Callable[[_Facts], int | float | None]]] = {
    "seed": lambda facts: to_int(value_at(facts.row, ("meta", "seed"))),
    "steps": lambda facts: to_number(value_at(facts.row, ("meta", "steps"))),
    "cfg": lambda facts: to_number(value_at(facts.row, ("meta", "cfgScale"))),
    "created": lambda facts: milliseconds(facts.row.get("createdAt")),
    "width": _side(lambda width, height: width),
    "height": _side(lambda width, height: height),
    "side": _side(max),
    "pixels": _side(lambda width, height: width * height),
}
"""Key of `Span` -> the number it compares."""
