"""The query language of search, of ``--where`` and of the gallery: a text becomes a tree of conditions.

Words are ANDed and stand for whole words of the prompt, the file's name and the names of models; ``word*`` is a prefix,
``"several words"`` a phrase, ``-`` in front excludes, ``OR`` between two takes either. ``key:value`` asks for a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from extractor.catalog.tokens import tokens
from extractor.errors import ExtractorError
from extractor.text.coerce import to_number

LONGEST: Final = 10_000
"""Characters of a query."""
MOST_TERMS: Final = 200
"""Conditions of a query."""


class QueryError(ExtractorError, ValueError):
    """What is wrong with a query, and where: `position` counts its characters from 0."""

    def __init__(self, message: str, query: str, position: int) -> None:
        super().__init__(message)
        self.query = query
        self.position = position

    def __str__(self) -> str:
        return f"{self.args[0]} (at character {self.position + 1})"

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, str, int]]:
        return type(self), (self.args[0], self.query, self.position)


@dataclass(frozen=True, slots=True)
class Words:
    """Whole words that follow each other in the prompt or in a name; the last may go on if it is a prefix."""

    text: str
    """As written: an index folds it itself."""
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """A part of a text field, without regard to case."""

    key: str
    """``model lora sampler scheduler generator path prompt negative``."""
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A number between two bounds, which belong to it unless they are open; None is no bound."""

    key: str
    """``seed steps cfg width height``, ``created`` (milliseconds since 1970), ``side`` (the longer), ``pixels``."""
    low: int | float | None = None
    high: int | float | None = None
    low_is_open: bool = False
    high_is_open: bool = False

    def holds(self, value: int | float) -> bool:
        """Whether a value lies within."""
        if self.low is not None and (value <= self.low if self.low_is_open else value < self.low):
            return False
        return self.high is None or (value < self.high if self.high_is_open else value <= self.high)


@dataclass(frozen=True, slots=True)
class Has:
    """A field that is there and not empty."""

    what: str
    """One of `PARTS`."""


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    term: Query


@dataclass(frozen=True, slots=True)
class Every:
    """All of them; none at all is always true."""

    terms: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of them."""

    terms: tuple[Query, ...]


Query: TypeAlias = Words | Contains | Span | Has | Not | Every | Either

PARTS: Final = (
    *("metadata", "prompt", "negative", "seed", "steps", "cfg", "sampler", "scheduler", "model", "lora", "vae"),
    *("denoise", "hash", "ai", "warnings"),
)
"""What ``with:`` and ``without:`` ask for. Their places here are bits of the catalog's column ``has``: only add."""

_TEXTS: Final = ("model", "lora", "sampler", "scheduler", "generator", "path", "prompt", "negative")

_PIECE: Final = re.compile(r'(-?+)(?:([A-Za-z_]++):)?+(?:"([^"]*+)(")?+(\*?+)|(\S*+))')
_RANGE: Final = re.compile(r"(>=|<=|>|<)?+(.*+)", re.DOTALL)
_SIZE: Final = re.compile(r"([0-9]{1,9})\s*+[xX×]\s*+([0-9]{1,9})")
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?+Z?+)?+)?+)?+"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class _Value(NamedTuple):
    """What stands behind a key."""

    key: str
    text: str
    quoted: bool
    query: str
    start: int

    def error(self, message: str) -> QueryError:
        return QueryError(message, self.query, self.start)


def parse_query(text: str) -> Query:
    """The conditions of a query; an empty one is true of everything.

    Raises:
        QueryError: It is none: an unknown key, a quote without its end, a value that is no number...
    """
    if len(text) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST:,} characters", text, LONGEST)
    terms: list[Query] = []
    joining: int | None = None
    for term, start in _terms(text):
        if term is None:
            if not terms or joining is not None:
                raise QueryError("OR stands between two conditions", text, start)
            joining = start
        elif joining is not None:
            last = terms.pop()
            terms.append(Either((*last.terms, term) if isinstance(last, Either) else (last, term)))
            joining = None
        else:
            terms.append(term)
    if joining is not None:
        raise QueryError("OR stands between two conditions", text, joining)
    return terms[0] if len(terms) == 1 else Every(tuple(terms))


def _terms(text: str) -> Iterator[tuple[Query | None, int]]:
    """Each condition with its place; None for ``OR``."""
    at = count = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        match = _PIECE.match(text, at)
        assert match is not None  # each of its parts may be empty
        count += 1
        if count > MOST_TERMS:
            raise QueryError(f"more than {MOST_TERMS} conditions", text, at)
        yield (None if match[0] == "OR" else _term(match, text)), at
        at = match.end()


def _term(match: re.Match[str], text: str) -> Query:
    minus, key, quoted, end, star, plain = match.groups()
    start = match.start(3) if quoted is not None else match.start(6)
    if quoted is not None and end is None:
        raise QueryError("this quote has no end", text, start - 1)
    value = _Value((key or "").lower(), plain if quoted is None else quoted, quoted is not None, text, start)
    if key is None:
        term: Query = _words(value, star)
    elif value.key not in _KEYS:
        message = f"unknown key {key}: (known are {', '.join(_KEYS)}; in quotes it is words)"
        raise QueryError(message, text, match.start(2))
    elif not value.text.strip():
        raise value.error(f"{key}: lacks its value")
    else:
        term = _KEYS[value.key](value)
    return Not(term) if minus else term


def _words(value: _Value, star: str) -> Query:
    plain = value.text.removesuffix("*") if not value.quoted else value.text
    if not tokens(plain):
        raise value.error("no letter or digit to look for")
    return Words(plain, is_prefix=bool(star) or plain != value.text)


def _contains(value: _Value) -> Query:
    return Contains(value.key, value.text.strip() if value.key != "prompt" else value.text)


def _has(value: _Value) -> Query:
    part = value.text.strip().lower()
    if part not in PARTS:
        raise value.error(f"{value.key}: takes one of {', '.join(PARTS)}")
    return Has(part) if value.key == "with" else Not(Has(part))


def _number(value: _Value) -> Query:
    span = _span(value, value.key, to_number)
    if value.key == "seed" and any(isinstance(bound, float) for bound in (span.low, span.high)):
        raise value.error("a seed is a whole number")
    return span


def _size(value: _Value) -> Query:
    """``512x768`` is that size; ``1024`` a side; compared, a number is the longer side and a size its pixels."""
    exact = _SIZE.fullmatch(value.text.strip())
    if exact is not None:
        width, height = int(exact[1]), int(exact[2])
        return Every((Span("width", width, width), Span("height", height, height)))
    if value.text.strip().isdecimal():
        side = int(value.text)
        return Either((Span("width", side, side), Span("height", side, side)))
    is_area = _SIZE.search(value.text) is not None
    return _span(value, "pixels" if is_area else "side", _area if is_area else to_number)


def _area(text: str) -> int | None:
    match = _SIZE.fullmatch(text)
    return int(match[1]) * int(match[2]) if match else None


def _span(value: _Value, key: str, read: Callable[[str], int | float | None]) -> Span:
    sign, text = _RANGE.fullmatch(value.text.strip()).groups()  # type: ignore[union-attr]
    first, dots, last = text.partition("..")
    if dots and not sign and (first or last):
        low, high = (read(part.strip()) if part else None for part in (first, last))
        if (low is not None or not first) and (high is not None or not last):
            return Span(key, low, high)
    number = None if dots else read(text.strip())
    if number is None:
        example = "512x768" if key == "pixels" else "20"
        raise value.error(f"{value.key}: takes a number, a comparison (>{example}) or a range ({example}..), not this")
    if not sign:
        return Span(key, number, number)
    if sign[0] == ">":
        return Span(key, low=number, low_is_open=sign == ">")
    return Span(key, high=number, high_is_open=sign == "<")


def _date(value: _Value) -> Query:
    """From the beginning of a day, month or year on, or up to there."""
    match = _DATE.fullmatch(value.text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day, hour, minute, second = (
            int(part or least) for part, least in zip(match.groups(), _LEAST, strict=True)
        )
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise value.error(f"{value.key}: takes a date such as 2024, 2024-05 or 2024-05-31") from None
    time = (moment - _EPOCH) // _MILLISECOND
    return Span("created", low=time) if value.key == "after" else Span("created", high=time, high_is_open=True)


_LEAST: Final = (1, 1, 1, 0, 0, 0)
_KEYS: Final[dict[str, Callable[[_Value], Query]]] = {
    **dict.fromkeys(_TEXTS, _contains),
    **dict.fromkeys(("seed", "steps", "cfg"), _number),
    "size": _size,
    "before": _date,
    "after": _date,
    "with": _has,
    "without": _has,
}
