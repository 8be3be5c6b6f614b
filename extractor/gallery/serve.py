"""Runs the server on the loopback until it is told to end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn

from extractor.gallery.app import Server
from extractor.gallery.gallery import Gallery

LOOPBACK: Final = "127.0.0.1"
"""The only address there is; no option changes it."""


def listening(port: int) -> socket.socket:
    """A socket on the loopback; 0 is any free port. Raises `OSError`."""
    # asyncio switches Nagle's delay (40 ms an answer) off where a socket says that it is TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None], ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._told_started = started
        self._told_ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End. uvicorn would raise the signal again at the end, before what is open has been put away."""
        self._told_ending()
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(gallery: Gallery, listener: socket.socket, token: str, started: Callable[[], None]) -> None:
    """Answer until Ctrl-C. `started` is called when a browser may come."""
    server = Server(gallery, token, listener.getsockname()[1])
    config = uvicorn.Config(
        server.app,
        log_level="error",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=75,
        ws="none",
        http="h11",
        loop="asyncio",
    )
    try:
        _Uvicorn(config, started, server.stopping.set).run([listener])
    finally:
        server.close()
        listener.close()
