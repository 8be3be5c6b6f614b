"""The application: every address of the gallery, behind its guard. What they are is told in docs/gallery.md."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.routing import Route

from extractor.gallery.answers import guarded
from extractor.gallery.gallery import Gallery
from extractor.gallery.guard import App, Guard
from extractor.gallery.pages import Pages
from extractor.gallery.showing import Showing
from extractor.gallery.threads import Threads
from extractor.gallery.viewing import Viewing


class Server:
    """One gallery that is served."""

    def __init__(self, gallery: Gallery, token: str, port: int = 0) -> None:
        self.stopping = asyncio.Event()
        """Set when it is to end: streams of events do then."""
        self._threads = Threads()
        pages = Pages(gallery, self.stopping)
        viewing, showing = Viewing(gallery, self._threads, port), Showing(gallery, self._threads)
        gets = {**pages.gets(), **viewing.gets(), **showing.gets()}
        posts = {"/read": showing.read, "/report": viewing.report}
        routes = [Route(path, guarded(handler), methods=["GET"]) for path, handler in gets.items()]
        routes += [Route(path, guarded(handler), methods=["POST"]) for path, handler in posts.items()]
        self.app: App = Guard(Starlette(routes=routes), token)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()
