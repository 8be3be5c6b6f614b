"""All texts of one file, as the parsers look at them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from extractor.embedded import Carrier, Text
from extractor.ledger import Ledger
from extractor.parsers.infotext.split import has_settings
from extractor.text.jsontext import (
    JsonObject,
    JsonValue,
    is_within_bounds,
    looks_like_object,
    seems_out_of_bounds,
    split_json,
)

_PADDING: Final = "\ufeff\0 \t\r\n"
_LABELLED_JSON: Final = re.compile(r"[\s\ufeff]*+(?:[A-Za-z_]{1,32}:\s?)?(?=[\[{]\s*+[\"{}\]])")
OBJECT: Final = "{"
"""Mark of a bundle in which a text begins like a JSON object."""


class Candidate:
    """One text, whose JSON is read at most once, and whether a parser has taken it."""

    __slots__ = (
        "_complaints",
        "_is_json",
        "_json",
        "_json_read",
        "claimed",
        "is_object",
        "key",
        "log",
        "text",
        "value",
    )

    def __init__(self, text: Text, log: Ledger) -> None:
        self.text = text
        self.value = text.value
        self.key = text.key.casefold()
        self.log = log
        self.claimed = False
        self.is_object = looks_like_object(text.value)
        """Whether the text begins like a JSON object."""
        self._complaints: Ledger | None = None
        """What is wrong with the JSON; no matter if the text turns out to be none."""
        self._is_json = False
        self._json: JsonObject | None = None
        self._json_read = False

    def json_object(self) -> JsonObject | None:
        """The JSON object this text is, or None."""
        if self.is_object and not self._json_read:
            self._json_read = True
            self._complaints = self.log.aside()
            value, self._is_json = _read_json(self.value, self._complaints, self.text.source)
            self._json = value if isinstance(value, dict) else None
        return self._json

    def is_json(self) -> bool:
        """Whether the text is JSON, perhaps behind a label: not a prompt that begins like it, with settings behind."""
        begin = _LABELLED_JSON.match(self.value)
        if begin is None:
            return False
        if self.is_object:
            self.json_object()
            return self._is_json
        return _read_json(self.value[begin.end() :], self.log.aside(), self.text.source)[1]

    def complain(self) -> None:
        """Say what is wrong with the JSON, unless the text was taken for something else."""
        if self._complaints is not None and (self._is_json or not self.claimed):
            self.log.adopt(self._complaints)

    def check_bounds(self) -> None:
        """Leave a warning if this is JSON too large or too deep to be read, and no parser has come upon that."""
        text = self.value
        unread = not self._json_read and not self.claimed and text.startswith(("{", "["))
        if unread and seems_out_of_bounds(text, self.log):
            is_within_bounds(text, self.log, self.text.source)


def _read_json(text: str, log: Ledger, what: str) -> tuple[JsonValue, bool]:
    """The value at the beginning of a text, and whether the text is JSON: behind a prompt stand settings.

    Other things behind the value are the junk that `load_json` tolerates.
    """
    value, rest = split_json(text, log, what)
    is_prompt = bool(rest.strip(_PADDING)) and has_settings(rest, log)
    return (None, False) if is_prompt else (value, True)


@dataclass(slots=True)
class Bundle:
    """The texts of one file in file order, found by key."""

    candidates: list[Candidate]
    log: Ledger
    marks: set[str]
    """All keys, case folded, and `OBJECT` where a text is one: what tells whether a parser may find something."""
    _by_key: dict[str, list[Candidate]]
    size: tuple[int, int] = (0, 0)
    """Stored width and height of the picture; 0 when they are not known."""

    @classmethod
    def of(cls, texts: list[Text], log: Ledger, size: tuple[int, int] = (0, 0)) -> Bundle:
        """A bundle of `texts`; parser warnings go to `log`."""
        candidates = []
        by_key: dict[str, list[Candidate]] = {}
        has_object = False
        for text in texts:
            candidate = Candidate(text, log)
            candidates.append(candidate)
            by_key.setdefault(candidate.key, []).append(candidate)
            has_object = has_object or candidate.is_object
        marks = set(by_key)
        if has_object:
            marks.add(OBJECT)
        return cls(candidates, log, marks, by_key, size)

    def named(self, key: str, *carriers: Carrier) -> Iterator[Candidate]:
        """Candidates whose key is `key` (given case folded), of the given carriers or of any."""
        for candidate in self._by_key.get(key, ()):
            if not carriers or candidate.text.carrier in carriers:
                yield candidate

    def first(self, key: str, *carriers: Carrier) -> Candidate | None:
        """The first of `named`."""
        return next(self.named(key, *carriers), None)

    def unclaimed(self) -> Iterable[Candidate]:
        """Candidates no parser has claimed yet, in file order; none once `limits.sources` of the file are claimed."""
        if len(self.candidates) <= self.log.limits.sources:
            return [candidate for candidate in self.candidates if not candidate.claimed]
        return self._within_bounds()

    def _within_bounds(self) -> Iterator[Candidate]:
        left = self.log.limits.sources - sum(candidate.claimed for candidate in self.candidates)
        for candidate in self.candidates:
            if candidate.claimed:
                continue
            if left <= 0:
                self.log.limit("sources", "the texts after these are not searched for generation data")
                return
            yield candidate
            left -= candidate.claimed
