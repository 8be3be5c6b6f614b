"""Views: which images, in which order, with what counts; the last few are kept under their keys."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractor.catalog.masks import Masks
from extractor.catalog.query import Contains, Either, Every, Query, Words, parse_query
from extractor.catalog.shelf import Mask
from extractor.catalog.tokens import tokens
from extractor.gallery.columns import Picked, Rows, Snapshot
from extractor.gallery.facets import facet, facets, histogram
from extractor.gallery.filters import Filter, mask_of
from extractor.limits import MIB

SORTS: Final = ("newest", "oldest", "name", "size")
_KEPT_BYTES: Final = 24 * MIB
"""Of views: six that hold a million images each."""
_KEPT_MASKS: Final = 8 * MIB
"""Bytes of answers to queries: one an image each."""
_MOST_MASKS: Final = 64
_TYPED: Final = re.compile(r'(?:^|\s)-?([^\s":*]++)$')
"""A last word that may go on."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a view is made of."""

    text: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = "newest"
    is_stacked: bool = False
    is_typed: bool = False
    """Whether the last word is still being typed, and stands for all that begin so."""

    @property
    def query(self) -> Query:
        """The query. Raises `QueryError`."""
        return parse_query(self.words)

    @property
    def words(self) -> str:
        """The text of the query."""
        if self.is_typed and self.text.count('"') % 2:  # a phrase that goes on
            return f'{self.text}"*' if tokens(self.text.rpartition('"')[2]) else self.text.rpartition('"')[0]
        typed = _TYPED.search(self.text) if self.is_typed else None
        return f"{self.text}*" if typed and typed[1] != "OR" and tokens(typed[1]) else self.text

    def key(self, revision: int) -> str:
        """Names the view of a catalog's revision."""
        parts = (self.words, sorted(map(str, self.filters)), self.sort, self.is_stacked, revision)
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class View:
    """The tiles of a view."""

    key: str
    ids: NDArray[Any]
    stacks: NDArray[np.int32] | None
    """How many images each tile stands for; None: one each."""
    answer: dict[str, Any] = field(repr=False)
    """What the page is told."""

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return self.ids.nbytes + (self.stacks.nbytes if self.stacks is not None else 0) + 4096


class Views:
    """Makes views of the latest snapshot, one at a time, and keeps the last few."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._masks: OrderedDict[str, Mask] = OrderedDict()
        self._views: OrderedDict[str, View] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """The latest."""
        return self._snapshot

    def renew(self, snapshot: Snapshot) -> None:
        """The catalog has changed. Views of before stay until they are forgotten."""
        with self._lock:
            self._snapshot = snapshot
            self._masks.clear()

    def get(self, key: str) -> View | None:
        """A view that is still known."""
        with self._lock:
            view = self._views.get(key)
            if view is not None:
                self._views.move_to_end(key)
            return view

    def view(self, question: Question, connection: sqlite3.Connection) -> View:
        """The view that answers a question. Raises `QueryError`."""
        view = self.get(question.key(self._snapshot.revision))
        if view is None:
            view = _Making(self, question, connection).view()
            with self._lock:
                self._views[view.key] = view
                while sum(one.size for one in self._views.values()) > _KEPT_BYTES and len(self._views) > 1:
                    self._views.popitem(last=False)
        return view

    def facet(self, question: Question, kind: str, text: str, connection: sqlite3.Connection) -> dict[str, Any]:
        """Values of one kind whose names contain a text. Raises `QueryError`."""
        making = _Making(self, question, connection)
        return facet(making.snapshot, kind, text, making.picked(kind), dict.fromkeys(question.filters))

    def picked(self, question: Question, connection: sqlite3.Connection) -> tuple[Snapshot, Picked]:
        """The images of a view. Raises `QueryError`."""
        making = _Making(self, question, connection)
        return making.snapshot, making.picked("")

    def mask(self, words: str, query: Query, snapshot: Snapshot, connection: sqlite3.Connection) -> Mask:
        """Which images meet a query; what it answered lately is remembered."""
        with self._lock:
            mask = self._masks.get(words) if snapshot is self._snapshot else None
            if mask is not None:
                self._masks.move_to_end(words)
                return mask
        mask = Masks(connection, snapshot.shelf).of(query)
        with self._lock:
            if snapshot is self._snapshot:
                self._masks[words] = mask
                while len(self._masks) > max(1, _KEPT_MASKS // max(1, len(mask))) or len(self._masks) > _MOST_MASKS:
                    self._masks.popitem(last=False)
        return mask


class _Making:
    """The making of one view."""

    def __init__(self, views: Views, question: Question, connection: sqlite3.Connection) -> None:
        self.snapshot = views.snapshot
        self._question = question
        self._masks = Masks(connection, self.snapshot.shelf)
        self._by_name = _NamesInOrder(connection)
        self._query = question.query
        self._answer = views.mask(question.words, self._query, self.snapshot, connection)
        self._base = self._answer
        self._kinds: dict[str, Mask] = {}
        """Of each kind that is filtered by inclusion, the images it lets through."""
        for kind in dict.fromkeys(one.kind for one in question.filters):
            included, excluded = self._values(kind, is_out=False), self._values(kind, is_out=True)
            if included:
                self._kinds[kind] = mask_of(kind, included, self.snapshot, self._masks)
            if excluded:
                self._base = self._base & ~mask_of(kind, excluded, self.snapshot, self._masks)
        self._picked: dict[str, Picked] = {}

    def _values(self, kind: str, *, is_out: bool) -> list[str]:
        return [one.value for one in self._question.filters if one.kind == kind and one.is_out is is_out]

    def picked(self, kind: str) -> Picked:
        """The images that meet the query and all filters but what a kind includes."""
        name = kind if kind in self._kinds else ""
        if name not in self._picked:
            mask = self._base
            for other, others in self._kinds.items():
                if other != name:
                    mask = mask & others
            self._picked[name] = Picked(mask)
        return self._picked[name]

    def view(self) -> View:
        """All of it."""
        question, snapshot = self._question, self.snapshot
        picked = self.picked("")
        order = snapshot.order(question.sort, self._by_name)
        tiles = (np.flatnonzero(picked.mask) if order is None else order[picked.mask[order]]).astype(np.int32)
        stacks = None
        if question.is_stacked:
            tiles, stacks = _stacked(snapshot.recipes, tiles)
        ids = snapshot.shelf["id"][tiles]
        chosen = dict.fromkeys(question.filters)
        answer: dict[str, Any] = {
            "key": question.key(snapshot.revision),
            "total": len(ids),
            "all": len(snapshot),
            "revision": snapshot.revision,
            "images": picked.count,
            "terms": terms(self._query),
            "stacked": question.is_stacked,
            "facets": facets(snapshot, self.picked, chosen),
            "histogram": histogram(snapshot, picked, question.sort, tiles, is_stacked=question.is_stacked),
            "chips": [{"f": str(one), "label": one.label, "out": one.is_out} for one in chosen],
        }
        if not len(ids):
            answer["drop"] = self._drops()
        if not len(ids) or ids.max() < 2**32:
            ids = ids.astype(np.uint32)
        return View(answer["key"], ids, stacks, answer)

    def _drops(self) -> list[dict[str, Any]]:
        """What could be left out, and how many images there would be then; the most first."""
        found = []
        everything = np.ones(len(self.snapshot), np.bool_)
        parts: list[tuple[dict[str, str], tuple[Filter, ...], bool]] = [
            ({"f": str(one)}, tuple(other for other in self._question.filters if other != one), True)
            for one in self._question.filters
        ]
        if self._question.text.strip():
            parts.append(({"q": self._question.text}, self._question.filters, False))
        for left_out, filters, has_query in parts:
            mask = self._answer if has_query else everything
            for kind in {one.kind for one in filters}:
                for is_out in (False, True):
                    values = [one.value for one in filters if one.kind == kind and one.is_out is is_out]
                    if values:
                        of_kind = mask_of(kind, values, self.snapshot, self._masks)
                        mask = mask & (~of_kind if is_out else of_kind)
            count = int(np.count_nonzero(mask))
            if count:
                found.append({**left_out, "total": count})
        return sorted(found, key=lambda one: -int(one["total"]))


def _stacked(recipes: NDArray[np.uint32], tiles: Rows) -> tuple[Rows, NDArray[np.int32]]:
    """The first tile of each recipe, and how many have it."""
    codes = recipes[tiles]
    first = np.full(int(recipes.max(initial=0)) + 1, -1, np.int32)
    first[codes[::-1]] = np.arange(len(tiles) - 1, -1, -1, dtype=np.int32)  # the last that is written is the first
    heads = np.sort(first[first >= 0])
    counts = np.bincount(codes, minlength=len(first)).astype(np.int32)
    return tiles[heads], counts[codes[heads]]


class _NamesInOrder:
    """All ids in the order of their files' names."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __call__(self) -> NDArray[np.int64]:
        # The index of paths alone is gone through; a text of all ids is taken faster than rows.
        self._connection.create_function("name_key", 1, name_key, deterministic=True)
        select = "SELECT group_concat(id) FROM (SELECT id FROM images ORDER BY name_key(path), path)"
        ((text,),) = self._connection.execute(select).fetchall()
        return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)


def name_key(path: object) -> str:
    """A file's name as it is sorted."""
    text = path.decode("utf-8", "replace") if isinstance(path, bytes) else str(path)
    return text.rpartition("/" if "/" in text else "\\")[2].casefold()


def terms(query: Query) -> list[str]:
    """What of a query is marked in a prompt; ``*`` at the end of one that may go on."""
    if isinstance(query, (Every, Either)):
        return list(dict.fromkeys(term for one in query.terms for term in terms(one)))
    if isinstance(query, Words):
        return [f"{query.text}*" if query.is_prefix else query.text]
    return [query.text] if isinstance(query, Contains) and query.key == "prompt" else []
