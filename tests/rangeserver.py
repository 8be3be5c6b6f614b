"""An object store on 127.0.0.1 as S3 and plain HTTP show it: LIST, HEAD, GET by ranges, conditional PUT, and faults.

``python -m tests.rangeserver --delay 0.05`` serves in a process of its own; the port is printed first.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

MTIME = 1_700_000_000
_REASONS = {200: "OK", 206: "Partial Content", 304: "Not Modified", 403: "Forbidden", 404: "Not Found"}
_REASONS |= {412: "Precondition Failed", 416: "Range Not Satisfiable", 503: "Slow Down", 405: "Method Not Allowed"}

Fault = Callable[[str, str, int], str | None]
"""(method, path, how many requests there were before) -> ``503``, ``403``, ``cut``, ``hang`` or None."""


@dataclass
class Store:
    """What is served, how, and what was asked for. Keys begin with a slash and the bucket: ``/bucket/a.png``."""

    objects: dict[str, bytes] = field(default_factory=dict)
    delay: float = 0.0
    fault: Fault | None = None
    with_etags: bool = True
    with_ranges: bool = True
    with_quotes: bool = True
    """Whether listings have etags in quotes, as answers do."""
    page: int = 1000
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """(method, path, the Range header)."""
    sent: int = 0
    """Bytes of objects."""
    most: int = 0
    """Requests that were being answered at the same time, at most."""
    port: int = 0
    _now: int = 0

    def clear(self) -> None:
        self.requests.clear()
        self.sent = self.most = 0

    @property
    def gets(self) -> list[tuple[str, str, str]]:
        """Requests for objects, without listings."""
        return [request for request in self.requests if "list-type" not in request[1]]

    async def answer(self, head: str, body: bytes) -> tuple[bytes, str | None]:
        """The response, and ``cut`` or ``hang`` where it is not sent as it should be."""
        line, *lines = head.split("\r\n")
        method, target, _ = line.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (item.partition(":") for item in lines)}
        path, _, query = target.partition("?")
        wanted = headers.get("range", "")
        number = len(self.requests)
        self.requests.append((method, target if "list-type" in query else unquote(path), wanted))
        self._now += 1
        self.most = max(self.most, self._now)
        if self.delay:
            await asyncio.sleep(self.delay)
        self._now -= 1
        fault = self.fault(method, unquote(path), number) if self.fault else None
        if fault in ("503", "403"):
            return _response(int(fault), b"<Error><Code>Fault</Code></Error>"), None
        if "list-type" in query:
            return self._list(
                unquote(path).strip("/"), {key: value[0] for key, value in parse_qs(query).items()}
            ), fault
        if method == "PUT":
            return self._put(unquote(path), body, headers), fault
        return self._object(method, unquote(path), headers), fault

    def _object(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        data = self.objects.get(path)
        if data is None:
            return _response(404, b"<Error><Code>NoSuchKey</Code></Error>")
        etag = etag_of(data)
        told = {"Last-Modified": formatdate(MTIME, usegmt=True)} | ({"ETag": etag} if self.with_etags else {})
        if headers.get("if-match", etag) != etag:
            return _response(412, b"")
        if method == "HEAD":
            return _response(200, b"", told | {"Content-Length": str(len(data))})
        wanted = headers.get("range")
        if wanted and self.with_ranges:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start = int(first) if first else max(0, len(data) - int(last))
            end = min(int(last) + 1, len(data)) if first and last else len(data)
            if start >= len(data):
                return _response(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            self.sent += end - start
            return _response(206, data[start:end], told | {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"})
        self.sent += len(data)
        return _response(200, data, told)

    def _put(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        there = self.objects.get(path)
        if (headers.get("if-none-match") == "*" and there is not None) or (
            "if-match" in headers and (there is None or headers["if-match"] != etag_of(there))
        ):
            return _response(412, b"")
        self.objects[path] = body
        return _response(200, b"", {"ETag": etag_of(body)})

    def _list(self, bucket: str, query: dict[str, str]) -> bytes:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        after = query.get("continuation-token", "")
        keys = sorted(path.removeprefix(f"/{bucket}/") for path in self.objects if path.startswith(f"/{bucket}/"))
        found: dict[str, str] = {}
        for key in keys:
            if key.startswith(prefix):
                rest = key[len(prefix) :]
                if delimiter and delimiter in rest:
                    name = prefix + rest.split(delimiter)[0] + delimiter
                    found[name] = f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
                else:
                    data = self.objects[f"/{bucket}/{key}"]
                    etag = etag_of(data) if self.with_quotes else etag_of(data).strip('"')
                    found[key] = (
                        f"<Contents><Key>{escape(key)}</Key><LastModified>2023-11-14T22:13:20.000Z</LastModified>"
                        f"<ETag>{escape(etag)}</ETag><Size>{len(data)}</Size></Contents>"
                    )
        left = [name for name in found if name > after]
        page = left[: self.page]
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if len(left) > len(page) else ""
        body = "".join(found[name] for name in page)
        return _response(200, f"<ListBucketResult>{body}{more}</ListBucketResult>".encode())


@lru_cache(maxsize=100_000)
def etag_of(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'  # bytes keep their hash: one digest for each object


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    fields = {"Content-Length": str(len(body))} | (headers or {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {_REASONS[status]}\r\n{lines}\r\n".encode() + body


async def _serve(store: Store, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n")
            length = next(
                (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length:")),
                0,
            )
            response, fault = await store.answer(head, await reader.readexactly(length))
            if fault == "hang":
                await asyncio.sleep(3600)
            writer.write(response[: len(response) // 2] if fault == "cut" else response)
            await writer.drain()
            if fault == "cut":
                writer.transport.abort()
                return
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()


@contextmanager
def serving(store: Store | None = None) -> Iterator[Store]:
    """Serve from a thread of this process while the block runs."""
    served = store or Store()
    ready = threading.Event()
    ends: list[Callable[[], object]] = []

    async def main() -> None:
        end = asyncio.Event()
        loop = asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(end.set))
        server = await asyncio.start_server(lambda r, w: _serve(served, r, w), "127.0.0.1", 0, backlog=1024)
        served.port = server.sockets[0].getsockname()[1]
        ready.set()
        await end.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield served
    finally:
        ends[0]()
        thread.join(10)


def environment(port: int) -> dict[str, str]:
    """What obstore must find in the environment to take the server for S3."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }


def main() -> None:
    """Serve the pictures of folders under ``/b/N/NAME``, so many times, until stdin is closed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("paths", nargs="*", type=Path)
    given = parser.parse_args()
    files = {path.name: path.read_bytes() for path in given.paths}
    for data in files.values():
        etag_of(data)  # a store knows them: the first request must not wait for the digest of a large archive
    objects = {f"/b/{number:04}/{name}": data for number in range(given.times) for name, data in files.items()}
    with serving(Store(objects, delay=given.delay)) as store:
        print(store.port, flush=True)
        sys.stdin.read()
    print(len(store.gets), store.sent, flush=True)


if __name__ == "__main__":
    main()
