"""The threads in which requests wait, so that one that takes long does not keep others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class Threads:
    """Three kinds of work."""

    def __init__(self) -> None:
        self._views = ThreadPoolExecutor(1, "views")
        self._rows = ThreadPoolExecutor(2, "rows")
        self._files = ThreadPoolExecutor(8, "files")

    async def view(self, work: Callable[..., T], *arguments: Any) -> T:
        """Over all images: one at a time, and one that nobody waits for any more is dropped before it is begun."""
        return await self._in(self._views, work, arguments)

    async def row(self, work: Callable[..., T], *arguments: Any) -> T:
        """Of a few rows of the catalog."""
        return await self._in(self._rows, work, arguments)

    async def file(self, work: Callable[..., T], *arguments: Any) -> T:
        """What waits for a disk, perhaps one far away."""
        return await self._in(self._files, work, arguments)

    @staticmethod
    async def _in(executor: ThreadPoolExecutor, work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, partial(work, *arguments))

    def close(self) -> None:
        """Let go of them."""
        for executor in (self._views, self._rows, self._files):
            executor.shutdown(wait=False, cancel_futures=True)
