"""The addresses of images: what is known of one, its file, its thumbnail, and what is dropped on the page."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from extractor.catalog.masks import Masks
from extractor.errors import ExtractorError
from extractor.files.bytesource import FileSource
from extractor.gallery import details
from extractor.gallery.answers import (
    KEPT_FOREVER,
    LARGEST_ID,
    Handler,
    RefusedError,
    as_error,
    as_file,
    as_json,
    number,
    while_there,
)
from extractor.gallery.dropped import BusyError, TooLargeError
from extractor.gallery.gallery import Gallery
from extractor.gallery.served import GoneError, open_image
from extractor.gallery.threads import Threads
from extractor.gallery.thumbs import EDGES, Dropped, Thumb, ThumbTask
from extractor.rows.normal import normal_row

if TYPE_CHECKING:
    from extractor.record import ImageRecord

_LONGEST_NAME: Final = 1_000


class Showing:
    """The handlers."""

    def __init__(self, gallery: Gallery, threads: Threads) -> None:
        self._gallery = gallery
        self._threads = threads

    def gets(self) -> dict[str, Handler]:
        """Address -> handler."""
        return {
            "/image/{id}": self.image,
            "/image/{id}/texts": self.texts,
            "/compare": self.compare,
            "/file/{id}": self.file,
            "/thumb/{id}": self.thumb,
            "/model": self.model,
        }

    async def image(self, request: Request) -> Response:
        """Everything about one."""
        image = number(request.path_params["id"], 0, LARGEST_ID)
        answer = await self._threads.row(self._described, image)
        if not answer["texts"] and answer["file"]["servable"]:
            answer["texts"] = await self._threads.file(self._texts_in, image, answer["path"])
            answer["copies"]["workflow"] = await self._threads.file(details.workflow_of, answer["texts"])
        return as_json(answer)

    def _described(self, image: int) -> dict[str, Any]:
        gallery = self._gallery
        with gallery.source.connection() as connection:
            found = details.stored(connection, image)
            if found is None:
                raise RefusedError(404, "no such image", code="unknown")
            path, record, row, version = found
            texts = details.texts_of(connection, image)
            same = details.same(gallery.snapshot, Masks(connection, gallery.snapshot.shelf), image, row)
        is_servable, is_gone = gallery.is_servable(image, path)
        answer = {
            "id": image,
            "v": version,
            **details.file_facts(path, row, is_servable=is_servable, is_gone=is_gone),
            **details.described(*self._completed(record, row), gallery.models),
            "same": same,
            "texts": texts,
        }
        answer["copies"]["workflow"] = details.workflow_of(texts)
        return answer

    def _completed(self, record: ImageRecord, row: dict[str, Any]) -> tuple[ImageRecord, dict[str, Any]]:
        """The record, with what the model library adds, and its JSON."""
        if self._gallery.models is None:
            return record, row
        completed = self._gallery.models.completed(record)
        return completed, completed.model_dump(mode="json")

    async def texts(self, request: Request) -> Response:
        """The texts as they stand in the file."""
        image = number(request.path_params["id"], 0, LARGEST_ID)
        path, _ = await self._threads.row(self._stored, image)
        texts = await self._threads.file(self._texts_in, image, path)
        return as_json({"texts": texts, "workflow": await self._threads.file(details.workflow_of, texts)})

    def _texts_in(self, image: int, path: str) -> list[dict[str, str]]:
        """The texts of a file, read without its pixels; none where it cannot be read."""
        from extractor.extraction.extract import extract_opened
        from extractor.extraction.given import Opened
        from extractor.extraction.options import Options
        from extractor.extraction.stack import with_room

        options = Options(hash=False, stealth=False, raw=True, foreign_sidecars=False)
        try:
            place = self._gallery.place(image, path)
            with closing(FileSource.of(place.open(), place.path)) as source:
                record = with_room(lambda: extract_opened(Opened(source), options, url=""))
        except ExtractorError:
            return []
        raw = record.extraction.raw if record.extraction is not None else None
        return [{"source": text.source, "text": text.text} for text in raw or ()]

    async def compare(self, request: Request) -> Response:
        """In what two differ."""
        a, b = (number(request.query_params.get(name), 0, LARGEST_ID) for name in ("a", "b"))
        return as_json(await self._threads.row(self._compared, a, b))

    def _compared(self, a: int, b: int) -> dict[str, Any]:
        from extractor.gallery.compare import compared

        with self._gallery.source.connection() as connection:
            found = [details.stored(connection, image) for image in (a, b)]
        if found[0] is None or found[1] is None:
            raise RefusedError(404, "no such image", code="unknown")
        return compared(found[0][1], found[1][1])

    async def file(self, request: Request) -> Response:
        """The file itself."""
        image = number(request.path_params["id"], 0, LARGEST_ID)
        path, _ = await self._threads.row(self._stored, image)
        file = await self._threads.file(lambda: open_image(self._gallery.place(image, path)))
        return as_file(request, file, path.replace("\\", "/").rpartition("/")[2])

    async def thumb(self, request: Request) -> Response:
        """A small picture of it."""
        image = number(request.path_params["id"], 0, LARGEST_ID)
        edge = number(request.query_params.get("edge"), min(EDGES), max(EDGES), 384)
        if edge not in EDGES:
            raise RefusedError(400, f"edge is one of {', '.join(map(str, EDGES))}")
        path, version = await self._threads.row(self._stored, image)
        data, task = await self._threads.file(self._cached, image, path, version, edge)
        if data is None and task is not None:
            thumb = await self._awaited(request, task)
            if thumb.data is None:
                return as_error(415, thumb.reason, code="undecodable")
            data = thumb.data
            await self._threads.file(self._gallery.cache.put, version, edge, data)
        return Response(data, 200, {"etag": f'"{version}"', "cache-control": KEPT_FOREVER}, "image/webp")

    def _stored(self, image: int) -> tuple[str, str]:
        with self._gallery.source.connection() as connection:
            found = details.file_of(connection, image)
        if found is None:
            raise RefusedError(404, "no such image", code="unknown")
        return found

    def _cached(self, image: int, path: str, version: str, edge: int) -> tuple[bytes | None, ThumbTask | None]:
        """A thumbnail that is there, or what has to be done for it. One of a file that is gone stays."""
        try:
            where = self._gallery.place(image, path)
        except GoneError:
            data = self._gallery.cache.get(version, edge)
            if data is None:
                raise
            return data, None
        return self._gallery.cache.get(version, edge), ThumbTask(where, edge)

    async def _awaited(self, request: Request, task: ThumbTask) -> Thumb:
        """The thumbnail, unless the page gives up waiting for it."""
        try:
            return await while_there(request, asyncio.wrap_future(self._gallery.maker.submit(task)))
        except Dropped:
            raise RefusedError(503, "newer requests went first; ask again", code="dropped") from None

    async def model(self, request: Request) -> Response:
        """What the library knows of a model."""
        if self._gallery.models is None:
            raise RefusedError(404, "there is no library of models: extractor gallery ... --models", code="unknown")
        from extractor.gallery.models import wanted_of

        kind, name, digest = (request.query_params.get(key) for key in ("type", "name", "hash"))
        page = await self._threads.row(self._gallery.models.page, wanted_of(kind, name, digest))
        if page is None:
            raise RefusedError(404, "the library knows no such model", code="unknown")
        return as_json({**page, "used": await self._threads.row(self._used, kind, name)})

    def _used(self, kind: str | None, name: str | None) -> dict[str, Any] | None:
        """How many pictures name it, and the filter that shows them."""
        return details.used(self._gallery.snapshot, kind, name)

    async def read(self, request: Request) -> Response:
        """What a dropped file says. Nothing of it is kept."""
        drops = self._gallery.drops
        if request.headers.get("content-type") != "application/octet-stream":
            raise RefusedError(415, "application/octet-stream is wanted")
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:18]) > drops.most_bytes:
            raise RefusedError(413, f"more than {drops.most_bytes >> 20} MiB", code="too-large")
        try:
            pool = drops.slot()
        except BusyError as error:
            raise RefusedError(429, error.reason, code="busy") from None
        try:
            path = await drops.received(request.stream())
            record = await self._threads.file(drops.read, pool, path)
        except TooLargeError as error:
            raise RefusedError(413, error.reason, code="too-large") from None
        except ExtractorError as error:
            raise RefusedError(422, error.reason, code="unreadable") from None
        finally:
            drops.back(pool)
        name = unquote(request.headers.get("x-name", ""))[:_LONGEST_NAME].replace("\\", "/").rpartition("/")[2]
        return as_json(await self._threads.row(self._of_dropped, record, name))

    def _of_dropped(self, record: ImageRecord, name: str) -> dict[str, Any]:
        """As of an image of the catalog, with its siblings there."""
        from extractor.rows.recipe import recipe_of

        extraction = record.extraction
        raw = (extraction.raw if extraction is not None else None) or []
        texts = [{"source": text.source, "text": text.text} for text in raw]
        if extraction is not None:
            record = record.model_copy(update={"extraction": extraction.model_copy(update={"raw": None})})
        record, row = self._completed(record, record.model_dump(mode="json"))
        answer = {
            "id": None,
            "thumb": None,
            **details.file_facts(name, row, is_servable=False, is_gone=False),
            "path": None,
            "folder": None,
            **details.described(record, row, self._gallery.models),
            "same": {},
            "texts": texts,
            "siblings": details.siblings(self._gallery.snapshot, recipe_of(normal_row(row))),
            "known": self._known(extraction.sha256 if extraction is not None else None),
        }
        answer["copies"]["workflow"] = details.workflow_of(texts)
        return answer

    def _known(self, digest: str | None) -> int | None:
        with self._gallery.source.connection() as connection:
            for (image,) in connection.execute("SELECT id FROM images WHERE sha256 = ? LIMIT 1", (digest,)):
                return int(image)
        return None
