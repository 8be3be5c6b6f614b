"""The page itself, what it is told when it comes, and what it is told as that changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from extractor.gallery.answers import KEPT_FOREVER, Handler, RefusedError, as_json
from extractor.gallery.gallery import Gallery
from extractor.version import __version__

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_BEAT: Final = 0.5
"""Seconds between two looks for something to tell a page."""
_SILENCE: Final = 15.0
"""Seconds after which a page is told that the server is there."""


class Pages:
    """The handlers."""

    def __init__(self, gallery: Gallery, stopping: asyncio.Event) -> None:
        self._gallery = gallery
        self._stopping = stopping
        self._parts = _static_files()

    def gets(self) -> dict[str, Handler]:
        """Address -> handler."""
        return {"/": self.index, "/static/{name:path}": self.part, "/info": self.info, "/events": self.events}

    async def index(self, _: Request) -> Response:
        """The page."""
        return self._part("index.html", "no-cache")

    async def part(self, request: Request) -> Response:
        """A part of it."""
        # Parts are read once a run, and each run has a token, so addresses, of its own.
        return self._part(request.path_params["name"], KEPT_FOREVER)

    def _part(self, name: str, kept: str) -> Response:
        part = self._parts.get(name)
        if part is None:
            raise RefusedError(404, "no such part of the page")
        return Response(part[0], headers={"cache-control": kept}, media_type=part[1])

    async def info(self, _: Request) -> Response:
        """What does not change."""
        gallery = self._gallery
        return as_json(
            {
                "title": gallery.title,
                "version": __version__,
                "models": gallery.models is not None,
                "command": gallery.command,
                "readonly": True,
                "images": len(gallery.snapshot),
                "limits": {"drop": gallery.drops.most_bytes},
            }
        )

    async def events(self, _: Request) -> Response:
        """What does."""
        return StreamingResponse(self._told(), 200, {"cache-control": "no-store"}, "text/event-stream")

    async def _told(self) -> AsyncIterator[bytes]:
        told, silent = "", 0.0
        while not self._stopping.is_set():
            state = json.dumps(self._gallery.state(), ensure_ascii=True)
            if state != told:
                told, silent = state, 0.0
                yield f"event: state\ndata: {state}\n\n".encode()
            elif silent >= _SILENCE:
                silent = 0.0
                yield b": here\n\n"
            silent += _BEAT
            try:
                await asyncio.wait_for(self._stopping.wait(), _BEAT)
            except TimeoutError:
                continue


def _static_files() -> dict[str, tuple[bytes, str]]:
    """Name -> bytes and type of all that the page is made of: nothing else is looked for on the disk."""
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
