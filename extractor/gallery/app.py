"""The addresses of the gallery; what they are is told in docs/gallery.md."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from importlib.resources import files
from typing import Any, Final, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from extractor.gallery import details
from extractor.gallery.answers import Handler, RefusedError, as_error, as_file, as_json, guarded, number
from extractor.gallery.cells import MOST_CELLS, cells, place, shape
from extractor.gallery.filters import LABELS, MOST, Filter, FilterError, parse_filter
from extractor.gallery.gallery import Gallery
from extractor.gallery.guard import App, Guard
from extractor.gallery.served import GoneError, NotServedError, open_image
from extractor.gallery.thumbs import EDGES, Dropped, ThumbTask
from extractor.gallery.views import SORTS, Question, View
from extractor.version import __version__

T = TypeVar("T")

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
}
_LARGEST_ID: Final = 2**53 - 1
_BEAT: Final = 0.5
"""Seconds between two looks for something to tell a page."""
_SILENCE: Final = 15.0
"""Seconds after which a page is told that the server is there."""
_FOREVER: Final = "private, max-age=31536000, immutable"


class Server:
    """The handlers, and the threads in which they wait."""

    def __init__(self, gallery: Gallery, token: str, port: int = 0) -> None:
        self.gallery = gallery
        self.token = token
        self.port = port
        self.stopping = asyncio.Event()
        self._views = ThreadPoolExecutor(1, "views")
        """One at a time: a view that nobody waits for any more is dropped before it is begun."""
        self._details = ThreadPoolExecutor(2, "details")
        self._static = _static_files()

    def app(self) -> App:
        """The application behind its guard."""
        routes = [Route(path, guarded(handler), methods=["GET"]) for path, handler in self._gets().items()]
        return Guard(Starlette(routes=routes), self.token)

    def close(self) -> None:
        """Let go of the threads."""
        for executor in (self._views, self._details):
            executor.shutdown(wait=False, cancel_futures=True)

    def _gets(self) -> dict[str, Handler]:
        return {
            "/": self._page,
            "/static/{name:path}": self._part,
            "/info": self._info,
            "/events": self._events,
            "/view": self._view,
            "/facet": self._facet,
            "/view/{key}/shape": self._shape,
            "/view/{key}/cells": self._cells,
            "/view/{key}/place": self._place,
            "/image/{id}": self._image,
            "/file/{id}": self._file,
            "/thumb/{id}": self._thumb,
        }

    # What the page is made of

    async def _page(self, _: Request) -> Response:
        return self._static_answer("index.html")

    async def _part(self, request: Request) -> Response:
        return self._static_answer(request.path_params["name"])

    def _static_answer(self, name: str) -> Response:
        part = self._static.get(name)
        if part is None:
            raise RefusedError(404, "no such part of the page")
        return Response(part[0], headers={"cache-control": "no-cache"}, media_type=part[1])

    async def _info(self, _: Request) -> Response:
        gallery = self.gallery
        return as_json(
            {
                "title": gallery.title,
                "version": __version__,
                "models": False,
                "command": gallery.command,
                "readonly": True,
                "images": len(gallery.snapshot),
                "limits": {"drop": 256 * 1024 * 1024},
            }
        )

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self._told(), 200, {"cache-control": "no-store"}, "text/event-stream")

    async def _told(self) -> AsyncIterator[bytes]:
        told, silent = "", 0.0
        while not self.stopping.is_set():
            state = json.dumps(self.gallery.state(), ensure_ascii=True)
            if state != told:
                told, silent = state, 0.0
                yield f"event: state\ndata: {state}\n\n".encode()
            elif silent >= _SILENCE:
                silent = 0.0
                yield b": here\n\n"
            silent += _BEAT
            try:
                await asyncio.wait_for(self.stopping.wait(), _BEAT)
            except TimeoutError:
                continue

    # Views

    async def _view(self, request: Request) -> Response:
        question = _question(request)
        view = await self._run(self._views, self._made, question)
        return as_json(view.answer)

    def _made(self, question: Question) -> View:
        with self.gallery.source.connection() as connection:
            return self.gallery.views.view(question, connection)

    async def _facet(self, request: Request) -> Response:
        question, kind = _question(request), request.query_params.get("kind", "")
        if kind not in LABELS:
            raise RefusedError(400, f"no facet: {kind[:100]}")
        text = request.query_params.get("contains", "")[:1000]
        return as_json(await self._run(self._views, self._found, question, kind, text))

    def _found(self, question: Question, kind: str, text: str) -> dict[str, Any]:
        with self.gallery.source.connection() as connection:
            return self.gallery.views.facet(question, kind, text, connection)

    def _known(self, request: Request) -> View:
        view = self.gallery.views.get(request.path_params["key"])
        if view is None:
            raise RefusedError(410, "this view is no longer known; ask for it again")
        return view

    async def _shape(self, request: Request) -> Response:
        view = self._known(request)
        etag = f'"{view.key}"'
        headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        data = await self._run(self._details, shape, self.gallery.snapshot, view)
        if self._is_far(request) and "gzip" in request.headers.get("accept-encoding", ""):
            data = await self._run(self._details, partial(gzip.compress, compresslevel=1), data)
            headers["content-encoding"] = "gzip"
        return Response(data, 200, headers, "application/octet-stream")

    def _is_far(self, request: Request) -> bool:
        """Whether the page is at the far end of a tunnel (another port): here, packing takes longer than sending."""
        return request.headers.get("host", "").rpartition(":")[2] != str(self.port)

    async def _cells(self, request: Request) -> Response:
        view = self._known(request)
        start = number(request.query_params.get("from"), 0, _LARGEST_ID, 0)
        count = number(request.query_params.get("n"), 0, MOST_CELLS, MOST_CELLS)
        found = await self._run(self._details, self._tiles, view, start, count)
        return as_json({"from": start, "cells": found})

    def _tiles(self, view: View, start: int, count: int) -> list[dict[str, Any]]:
        with self.gallery.source.connection() as connection:
            return cells(connection, view, start, count, self.gallery.gone, ())

    async def _place(self, request: Request) -> Response:
        view, image = self._known(request), number(request.query_params.get("id"), 0, _LARGEST_ID)
        return as_json({"position": await self._run(self._details, place, self.gallery.snapshot, view, image)})

    # Images

    async def _image(self, request: Request) -> Response:
        image = number(request.path_params["id"], 0, _LARGEST_ID)
        return as_json(await self._run(self._details, self._described, image))

    def _described(self, image: int) -> dict[str, Any]:
        from extractor.catalog.masks import Masks

        gallery = self.gallery
        with gallery.source.connection() as connection:
            found = details.stored(connection, image)
            if found is None:
                raise RefusedError(404, "no such image", code="unknown")
            path, record, row, version = found
            is_servable, is_gone = gallery.is_servable(image, path)
            texts = details.texts_of(connection, image)
            answer = {
                "id": image,
                "v": version,
                **details.file_facts(path, row, is_servable=is_servable, is_gone=is_gone),
                **details.described(record, row),
                "same": details.same(gallery.snapshot, Masks(connection, gallery.snapshot.shelf), image, row),
                "texts": texts,
            }
        answer["copies"]["workflow"] = details.workflow_of(texts)
        return answer

    async def _file(self, request: Request) -> Response:
        image = number(request.path_params["id"], 0, _LARGEST_ID)
        path, _ = await self._run(self._details, self._stored, image)
        file = await self._run(self._details, lambda: open_image(self.gallery.place(image, path)))
        return as_file(request, file, path.replace("\\", "/").rpartition("/")[2])

    async def _thumb(self, request: Request) -> Response:
        image = number(request.path_params["id"], 0, _LARGEST_ID)
        edge = number(request.query_params.get("edge"), min(EDGES), max(EDGES), 384)
        if edge not in EDGES:
            raise RefusedError(400, f"edge is one of {', '.join(map(str, EDGES))}")
        path, version = await self._run(self._details, self._stored, image)
        headers = {"etag": f'"{version}"', "cache-control": _FOREVER}
        data, task = await self._run(self._details, self._cached, image, path, version, edge)
        if data is None and task is not None:
            thumb = await self._awaited(request, task)
            if thumb.data is None:
                return as_error(415, thumb.reason, code="undecodable")
            data = thumb.data
            await self._run(self._details, self.gallery.cache.put, version, edge, data)
        return Response(data, 200, headers, "image/webp")

    def _stored(self, image: int) -> tuple[str, str]:
        with self.gallery.source.connection() as connection:
            found = details.file_of(connection, image)
        if found is None:
            raise RefusedError(404, "no such image", code="unknown")
        return found

    def _cached(self, image: int, path: str, version: str, edge: int) -> tuple[bytes | None, ThumbTask | None]:
        """A thumbnail that is there, or what has to be done for it. One of a file that is gone stays."""
        try:
            where = self.gallery.place(image, path)
        except GoneError:
            data = self.gallery.cache.get(version, edge)
            if data is None:
                raise
            return data, None
        return self.gallery.cache.get(version, edge), ThumbTask(where, edge)

    async def _awaited(self, request: Request, task: ThumbTask) -> Any:
        """The thumbnail, unless the page gives up waiting for it."""
        making = self.gallery.maker.submit(task)
        future = asyncio.wrap_future(making)
        leaving = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait((future, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not future.done():
                future.cancel()
                raise RefusedError(499, "nobody waits for it")
            return future.result()
        except Dropped:
            raise RefusedError(503, "newer requests went first; ask again", code="dropped") from None
        finally:
            leaving.cancel()

    async def _run(self, executor: Executor, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, partial(work, *arguments))


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _question(request: Request) -> Question:
    """The parameters of a view. Raises `RefusedError`."""
    asked = request.query_params
    texts = asked.getlist("f")
    if len(texts) > MOST:
        raise RefusedError(400, f"more than {MOST} filters")
    try:
        filters: tuple[Filter, ...] = tuple(dict.fromkeys(map(parse_filter, texts)))
    except FilterError as error:
        raise RefusedError(400, error.reason) from error
    sort = asked.get("sort", "newest")
    if sort not in SORTS:
        raise RefusedError(400, f"sort is one of {', '.join(SORTS)}")
    return Question(
        asked.get("q", ""), filters, sort, is_stacked=asked.get("stacks") == "1", is_typed=asked.get("prefix") == "1"
    )


def _static_files() -> dict[str, tuple[bytes, str]]:
    """Name -> bytes and type of all that the page is made of; there are no others."""
    found = {}
    folders = [("", files("extractor.gallery") / "static")]
    while folders:
        prefix, folder = folders.pop()
        for item in folder.iterdir():
            kind = _TYPES.get(item.name[item.name.rfind(".") :])
            if item.is_dir():
                folders.append((f"{prefix}{item.name}/", item))
            elif kind is not None:
                found[prefix + item.name] = item.read_bytes(), kind
    return found


__all__ = ["NotServedError", "Server"]
