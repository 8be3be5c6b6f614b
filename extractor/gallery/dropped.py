"""Files that are dropped on the page: read in a process of their own, from a file that is gone right after."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from extractor.errors import ExtractorError
from extractor.limits import MIB
from extractor.scanning.jobs import Task
from extractor.scanning.pool import Pool

if TYPE_CHECKING:
    from extractor.record import ImageRecord

MOST_BYTES: Final = 256 * MIB
"""Of one file."""
MOST_AT_ONCE: Final = 2


class TooLargeError(ExtractorError):
    """More bytes than one file may have."""


class BusyError(ExtractorError):
    """As many files are read as may be at once."""


@dataclass(frozen=True, slots=True)
class DropTask(Task):
    """A file to read."""

    path: str


@dataclass(frozen=True, slots=True)
class Read:
    """What became of it."""

    record: str | None
    """JSON."""
    reason: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class DropJob:
    """Reads all there is in a file."""

    @property
    def batch(self) -> int:
        """See `extractor.scanning.jobs.Job`."""
        return 1

    def __call__(self, task: DropTask) -> Read:
        """Read one, as a file without a name: its url is its digest."""
        from extractor.extraction.extract import extract

        try:
            with open(task.path, "rb") as file:
                record = extract(file, raw=True)
        except ExtractorError as error:
            return Read(None, error.reason)
        return Read(record.to_json())

    def failed(self, task: DropTask, error: ExtractorError) -> Read:
        """Of a file that no process survived."""
        return Read(None, error.reason)


class Drops:
    """Takes files in and reads them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._free: SimpleQueue[Pool[Read]] = SimpleQueue()
        self._pools: list[Pool[Read]] = [Pool(DropJob()) for _ in range(MOST_AT_ONCE)]
        for pool in self._pools:
            self._free.put(pool)

    def slot(self) -> Pool[Read]:
        """A place to read one file in; give it `back`. Raises `BusyError`."""
        try:
            return self._free.get_nowait()
        except Empty:
            raise BusyError(f"{MOST_AT_ONCE} files are being read; try again") from None

    def back(self, pool: Pool[Read]) -> None:
        """The place is free again."""
        self._free.put(pool)

    async def received(self, body: AsyncIterator[bytes]) -> str:
        """The path of a file, which nobody else can read, with all bytes of a body. Raises `TooLargeError`."""
        descriptor, path = tempfile.mkstemp(prefix="extractor-drop-")  # 0600
        size = 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for block in body:
                    size += len(block)
                    if size > self.most_bytes:
                        raise TooLargeError(f"more than {self.most_bytes // MIB} MiB")
                    file.write(block)
        except BaseException:
            os.unlink(path)
            raise
        return path

    def read(self, pool: Pool[Read], path: str) -> ImageRecord:
        """The record of a received file, which is removed. Raises `ExtractorError`."""
        try:
            read = pool.do(DropTask(path))
        finally:
            os.unlink(path)
        if read.record is None:
            raise ExtractorError(read.reason)
        from extractor.record import ImageRecord

        return ImageRecord.model_validate_json(read.record)

    def close(self) -> None:
        """End the processes."""
        for pool in self._pools:
            pool.close()
