"""The catalog as the server reads it: connections that cannot write, and its latest moment."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeAlias

from extractor.catalog.masks import prepare
from extractor.catalog.opening import open_read_only, open_to_read, reported
from extractor.errors import OutputError
from extractor.gallery.columns import Snapshot

_CACHE_KIB: Final = 8 * 1024
"""Pages that each connection keeps; at most that much memory."""
_POLL: Final = 0.5
"""Seconds between two looks whether anything was written."""
_SHARE: Final = 5
"""A catalog that takes a second to read is read again after five: the page has the processor for the rest."""
_FIRST_BITS: Final = 32
"""Of the first revision: a page that outlives its server is not shown what it kept of the last one's."""
_PATIENCE: Final = 0.3
"""Seconds the end of the program waits for a look that is going on."""

Also: TypeAlias = Callable[[Snapshot, sqlite3.Connection], None]


class Source:
    """One catalog, open for reading for as long as the server runs."""

    def __init__(self, path: str) -> None:
        """Open it and read its columns. Raises `OutputError` for a file that is no catalog."""
        self.path = os.path.abspath(path)
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._closed = threading.Event()
        with reported():
            open_to_read(self.path).close()
            self._watching = self._opened()
            self._version = -1
            self._took = 0.0
            snapshot = self._newer(secrets.randbits(_FIRST_BITS))
        assert snapshot is not None
        self.snapshot = snapshot

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for the block; what is asked of it is asked of nobody else meanwhile."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._opened()
        try:
            with reported():
                yield connection
        finally:
            with self._lock:
                self._idle.append(connection)

    def watch(self, told: Callable[[Snapshot], None], also: Also | None = None) -> None:
        """Read the columns anew whenever something was written, and tell; until `close`.

        `also` adds to a snapshot what takes longer to find out. The first one was shown without it.
        """
        if also is not None:
            self._version = -1
        while not self._closed.wait(max(_POLL, _SHARE * self._took)):
            with suppress(OutputError), reported():  # a writer that holds the file; the next look will do
                snapshot = self.newer(also)
                if snapshot is not None:
                    told(snapshot)

    def newer(self, also: Also | None = None) -> Snapshot | None:
        """The present moment, if anything was written since the last."""
        with self._looking:
            snapshot = None if self._closed.is_set() else self._newer(self.snapshot.revision, also)
            if snapshot is not None:
                self.snapshot = snapshot
            return snapshot

    def close(self) -> None:
        """Let go of the file, and leave no empty log beside it."""
        self._closed.set()
        with self._lock:
            connections, self._idle = self._idle, []
        if self._looking.acquire(timeout=_PATIENCE):
            connections.append(self._watching)
            self._looking.release()
        for connection in connections:
            connection.close()
        with suppress(OutputError, sqlite3.Error):
            open_to_read(self.path).close()

    def _opened(self) -> sqlite3.Connection:
        connection = open_read_only(self.path)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        prepare(connection)
        return connection

    def _newer(self, revision: int, also: Also | None = None) -> Snapshot | None:
        ((version,),) = self._watching.execute("PRAGMA data_version").fetchall()
        if version == self._version:
            return None
        started = time.monotonic()
        self._watching.execute("BEGIN")
        try:
            snapshot = Snapshot(self._watching, revision + 1)
            if also is not None:
                also(snapshot, self._watching)
        finally:
            self._watching.execute("COMMIT")
        self._version, self._took = version, time.monotonic() - started
        return snapshot
