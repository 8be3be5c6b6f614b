"""The addresses of views: which images, their tiles, their counts, a report of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from extractor.errors import ExtractorError
from extractor.gallery import details
from extractor.gallery.answers import LARGEST_ID, Handler, RefusedError, as_json, body_of, number, while_there
from extractor.gallery.cells import MOST_CELLS, cells, place, shape
from extractor.gallery.filters import LABELS, MOST, FilterError, parse_filter
from extractor.gallery.gallery import Gallery
from extractor.gallery.report import EDGE, Entry, report
from extractor.gallery.report import MOST as MOST_REPORTED
from extractor.gallery.statistics import statistics
from extractor.gallery.threads import Threads
from extractor.gallery.thumbs import Dropped, ThumbTask
from extractor.gallery.views import SORTS, Question, View

_LONGEST_TITLE: Final = 200
_REPORT_BYTES: Final = 64 * 1024
"""Of the request for a report."""


class Viewing:
    """The handlers."""

    def __init__(self, gallery: Gallery, threads: Threads, port: int) -> None:
        self._gallery = gallery
        self._threads = threads
        self._port = port

    def gets(self) -> dict[str, Handler]:
        """Address -> handler."""
        return {
            "/view": self.view,
            "/facet": self.facet,
            "/stats": self.stats,
            "/view/{key}/shape": self.shape,
            "/view/{key}/cells": self.cells,
            "/view/{key}/place": self.place,
        }

    async def view(self, request: Request) -> Response:
        """Which images, in which order, with what counts."""
        view = await while_there(request, self._threads.view(self._made, question_of(request)))
        return as_json(view.answer)

    def _made(self, question: Question) -> View:
        with self._gallery.source.connection() as connection:
            return self._gallery.views.view(question, connection)

    async def facet(self, request: Request) -> Response:
        """Values of one kind by a part of their name."""
        question, kind = question_of(request), request.query_params.get("kind", "")
        if kind not in LABELS:
            raise RefusedError(400, f"no facet: {kind[:100]}")
        text = request.query_params.get("contains", "")[:1000]
        return as_json(await while_there(request, self._threads.view(self._found, question, kind, text)))

    def _found(self, question: Question, kind: str, text: str) -> dict[str, Any]:
        with self._gallery.source.connection() as connection:
            return self._gallery.views.facet(question, kind, text, connection)

    async def stats(self, request: Request) -> Response:
        """What a view is made of, with plots."""
        return as_json(await while_there(request, self._threads.view(self._counted, question_of(request))))

    def _counted(self, question: Question) -> dict[str, Any]:
        with self._gallery.source.connection() as connection:
            return statistics(*self._gallery.views.picked(question, connection))

    def _known(self, key: str) -> View:
        view = self._gallery.views.get(key)
        if view is None:
            raise RefusedError(410, "this view is no longer known; ask for it again")
        return view

    async def shape(self, request: Request) -> Response:
        """Four bytes a tile."""
        view = self._known(request.path_params["key"])
        etag = f'"{view.key}"'
        headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        data = await self._threads.row(shape, self._gallery.snapshot, view)
        if self._is_far(request) and "gzip" in request.headers.get("accept-encoding", ""):
            data = await self._threads.row(partial(gzip.compress, compresslevel=1), data)
            headers["content-encoding"] = "gzip"
        return Response(data, 200, headers, "application/octet-stream")

    def _is_far(self, request: Request) -> bool:
        """Whether the page is at the far end of a tunnel (another port): here, packing takes longer than sending."""
        return request.headers.get("host", "").rpartition(":")[2] != str(self._port)

    async def cells(self, request: Request) -> Response:
        """Some tiles."""
        view = self._known(request.path_params["key"])
        start = number(request.query_params.get("from"), 0, LARGEST_ID, 0)
        count = number(request.query_params.get("n"), 0, MOST_CELLS, MOST_CELLS)
        return as_json({"from": start, "cells": await self._threads.row(self._tiles, view, start, count)})

    def _tiles(self, view: View, start: int, count: int) -> list[dict[str, Any]]:
        with self._gallery.source.connection() as connection:
            return cells(connection, self._gallery.snapshot, view, start, count, self._gallery.gone)

    async def place(self, request: Request) -> Response:
        """Where an image stands."""
        view = self._known(request.path_params["key"])
        image = number(request.query_params.get("id"), 0, LARGEST_ID)
        return as_json({"position": await self._threads.row(place, self._gallery.snapshot, view, image)})

    async def report(self, request: Request) -> Response:
        """A report of a view or of some images."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise RefusedError(415, "application/json is wanted")
        try:
            asked = json.loads(await body_of(request, _REPORT_BYTES))
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            raise RefusedError(400, "an object is wanted")
        ids, total = self._reported(asked)
        title = str(asked.get("title") or self._gallery.title)[:_LONGEST_TITLE]
        text = await self._threads.file(self._report, ids, total - len(ids), title, asked)
        name = "".join(character if character.isalnum() else "-" for character in title).strip("-") or "report"
        disposition = f"attachment; filename=\"report.html\"; filename*=UTF-8''{quote(name, safe='')}.html"
        return Response(text, 200, {"content-disposition": disposition, "cache-control": "no-store"}, "text/html")

    def _reported(self, asked: Mapping[str, Any]) -> tuple[list[int], int]:
        """The ids that are wanted, at most as many as go in, and how many there were."""
        ids = asked.get("ids")
        if isinstance(ids, list):
            if not all(isinstance(one, int) and 0 <= one <= LARGEST_ID for one in ids):
                raise RefusedError(400, "ids are whole numbers")
            return list(dict.fromkeys(ids))[:MOST_REPORTED], len(set(ids))
        view = self._known(str(asked.get("key")))
        return view.ids[:MOST_REPORTED].tolist(), len(view.ids)

    def _report(self, ids: list[int], more: int, title: str, asked: Mapping[str, Any]) -> bytes:
        entries = []
        with self._gallery.source.connection() as connection:
            for image in ids:
                found = details.stored(connection, image)
                if found is not None:
                    path, _, row, version = found
                    entries.append((image, path, row, version))
        waiting = [(path, row, self._thumb(image, path, version)) for image, path, row, version in entries]
        parts = report(
            title,
            (Entry(path, row, thumb()) for path, row, thumb in waiting),
            has_prompts=asked.get("prompts") is True,
            has_paths=asked.get("paths") is True,
            more=more,
        )
        return "".join(parts).encode()

    def _thumb(self, image: int, path: str, version: str) -> Any:
        """A function that waits for the thumbnail of an image; None where there is none."""
        cached = self._gallery.cache.get(version, EDGE)
        if cached is not None:
            return lambda: cached
        try:
            future = self._gallery.maker.submit(ThumbTask(self._gallery.place(image, path), EDGE), is_patient=True)
        except ExtractorError:
            return lambda: None

        def made() -> bytes | None:
            try:
                data = future.result().data
            except Dropped:  # the server ends
                return None
            if data is not None:
                self._gallery.cache.put(version, EDGE, data)
            return data

        return made


def question_of(request: Request) -> Question:
    """The parameters of a view. Raises `RefusedError`."""
    asked = request.query_params
    texts = asked.getlist("f")
    if len(texts) > MOST:
        raise RefusedError(400, f"more than {MOST} filters")
    try:
        filters = tuple(dict.fromkeys(map(parse_filter, texts)))
    except FilterError as error:
        raise RefusedError(400, error.reason) from error
    sort = asked.get("sort", "newest")
    if sort not in SORTS:
        raise RefusedError(400, f"sort is one of {', '.join(SORTS)}")
    return Question(
        asked.get("q", ""), filters, sort, is_stacked=asked.get("stacks") == "1", is_typed=asked.get("prefix") == "1"
    )
