"""How answers are written: JSON for any text, errors, files in parts."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from io import FileIO
from typing import Any, Final, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from extractor.catalog.query import QueryError
from extractor.errors import ExtractorError
from extractor.gallery.served import GoneError, NotServedError, ServedFile
from extractor.limits import KIB
from extractor.text.printable import encodable

_BLOCK: Final = 256 * KIB
_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_NO_STORE: Final = {"cache-control": "no-store"}

KEPT_FOREVER: Final = "private, max-age=31536000, immutable"
"""The cache-control of what no request for the same address ever answers otherwise."""

LARGEST_ID: Final = 2**53 - 1
"""Numbers beyond are not exact in a browser."""

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


def as_json(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    text = encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return Response(text.encode(), status, _NO_STORE, "application/json")


def as_error(status: int, message: str, position: int | None = None, **more: Any) -> Response:
    """An error as the page reads it."""
    return as_json({"error": {"message": message, "position": position, **more}}, status)


def guarded(handler: Handler) -> Handler:
    """A handler whose errors are answers."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusedError as error:
            return as_error(error.status, error.message, **error.more)
        except QueryError as error:
            return as_error(400, error.args[0], error.position)
        except GoneError as error:
            return as_error(404, error.reason, code="gone")
        except NotServedError as error:
            return as_error(403, error.reason, code="outside")
        except ExtractorError as error:
            return as_error(400, error.reason)

    return answer


def number(text: str | None, least: int, most: int, default: int | None = None) -> int:
    """A number of an address. Raises `RefusedError`."""
    if text is None and default is not None:
        return default
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 16 or not least <= int(text) <= most:
        raise RefusedError(400, f"a number from {least} to {most} is wanted")
    return int(text)


async def while_there(request: Request, work: Awaitable[T]) -> T:
    """What comes of some work, unless the page stops waiting: then it is cancelled, if it has not begun.

    The request has no body. Raises `RefusedError`, which nobody reads, and what the work raises.
    """
    task, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((task, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise RefusedError(499, "nobody waits for it")
        return task.result()
    finally:
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def body_of(request: Request, most: int) -> bytes:
    """The body of a request. Raises `RefusedError` for a longer one."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > most:
            raise RefusedError(413, f"more than {most} bytes")
    return body


def as_file(request: Request, file: ServedFile, name: str) -> Response:
    """A file, or the part of it that is asked for. Closes it at the end."""
    etag = f'"{file.modified_ns:x}-{file.size:x}"'
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else "_" for c in encodable(name)) or "file"
    headers = {
        "accept-ranges": "bytes",
        "etag": etag,
        "cache-control": "private, no-cache",
        "content-disposition": f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(encodable(name), safe='')}",
    }
    if request.headers.get("if-none-match") == etag:
        os.close(file.descriptor)
        return Response(status_code=304, headers=headers)
    start, end, status = 0, file.size, 200
    asked = request.headers.get("range")
    if asked is not None and request.headers.get("if-range", etag) == etag:
        part = _part(asked, file.size)
        if part is not None:
            start, end = part
            status = 206 if start < end else 416
            if status == 416:
                os.close(file.descriptor)
                return Response(status_code=416, headers={**headers, "content-range": f"bytes */{file.size}"})
            headers["content-range"] = f"bytes {start}-{end - 1}/{file.size}"
    headers["content-length"] = str(end - start)
    if request.method == "HEAD":
        os.close(file.descriptor)
        return Response(status_code=status, headers=headers, media_type=file.kind.mime)
    # As an object it is closed even if nobody ever reads of it.
    stream = os.fdopen(file.descriptor, "rb", buffering=0)
    return StreamingResponse(_blocks(stream, start, end), status, headers, file.kind.mime)


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """The bytes of one range; an empty one where it is none of the file; None for what is not understood."""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size if int(match[2]) else 0
    start = int(match[1])
    end = min(size, int(match[2]) + 1) if match[2] else size
    if match[2] and int(match[2]) < start:
        return None
    return (start, end) if start < size else (0, 0)


def _blocks(stream: FileIO, start: int, end: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        while start < end:
            block = stream.read(min(_BLOCK, end - start))
            if not block:  # it was cut short meanwhile
                return
            start += len(block)
            yield block
