"""All texts of one file, as the parsers look at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from extractor.embedded import Carrier, Text
from extractor.jsontext import JsonObject, JsonValue, load_json, looks_like_object
from extractor.warning import WarningLog


@dataclass(slots=True)
class Document:
    """One text, whose JSON is read at most once, and whether a parser has taken it."""

    text: Text
    log: WarningLog
    claimed: bool = False
    _json: JsonValue = None
    _json_read: bool = False

    @property
    def value(self) -> str:
        """The text itself."""
        return self.text.value

    @property
    def key(self) -> str:
        """The text's key, case folded."""
        return self.text.key.casefold()

    def json_object(self) -> JsonObject | None:
        """The JSON object this text is, or None."""
        if not self._json_read:
            self._json_read = True
            if looks_like_object(self.text.value):
                self._json = load_json(self.text.value, self.log, self.text.source)
        return self._json if isinstance(self._json, dict) else None


@dataclass(slots=True)
class Bundle:
    """The texts of one file in file order, found by key."""

    documents: list[Document]
    log: WarningLog
    _by_key: dict[str, list[Document]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: list[Text], log: WarningLog) -> Bundle:
        """A bundle of `texts`; parser warnings go to `log`."""
        bundle = cls([Document(text, log) for text in texts], log)
        for document in bundle.documents:
            bundle._by_key.setdefault(document.key, []).append(document)
        return bundle

    def named(self, key: str, *carriers: Carrier) -> Iterator[Document]:
        """Documents whose key is `key` (given case folded), of the given carriers or of any."""
        for document in self._by_key.get(key, ()):
            if not carriers or document.text.carrier in carriers:
                yield document

    def first(self, key: str, *carriers: Carrier) -> Document | None:
        """The first of `named`."""
        return next(self.named(key, *carriers), None)

    def unclaimed(self) -> Iterator[Document]:
        """Documents no parser has claimed yet, in file order."""
        return (document for document in self.documents if not document.claimed)
