"""The cache of thumbnails: one SQLite file, of which the least recently used go."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import suppress
from typing import Final

from extractor.limits import MIB

DEFAULT_BYTES: Final = 2048 * MIB
"""131,000 thumbnails of 16 KiB."""
_IN_MEMORY: Final = 64 * MIB
"""Where no file can be kept."""
_LEFT: Final = 0.9
"""Share of the room that is left full when it was exceeded."""
_FLUSH: Final = 256
"""Uses that are noted at once."""
_CREATE: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = OFF",  # what is lost is made again
    "PRAGMA busy_timeout = 5000",
    "CREATE TABLE IF NOT EXISTS thumbs (version TEXT, edge INTEGER, used INTEGER NOT NULL, size INTEGER NOT NULL, "
    "data BLOB NOT NULL, PRIMARY KEY (version, edge))",
    "CREATE INDEX IF NOT EXISTS thumbs_by_use ON thumbs (used, size)",
)


class ThumbCache:
    """Thumbnails by the version of a file (see `extractor.gallery.cells.version`) and edge. For many threads.

    Any number of programs may share the file. Whatever goes wrong with it costs thumbnails, nothing else.
    """

    def __init__(self, path: str | None, most_bytes: int = DEFAULT_BYTES) -> None:
        """Open or begin it. None, or a place that cannot be written to, is one in memory."""
        self._lock = threading.Lock()
        self._used: dict[tuple[str, int], int] = {}
        self.path: str | None = None
        """The file; None in memory."""
        self.most_bytes = most_bytes
        for place in (path, path, None):  # a file that is none of ours any more is begun again
            if place is None:
                self._connection = _opened(":memory:")
                self.most_bytes = min(most_bytes, _IN_MEMORY)
                break
            try:
                os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
                os.close(os.open(place, os.O_RDWR | os.O_CREAT, 0o600))  # pictures are nobody else's
                self._connection = _opened(place)
                self.path = place
                break
            except sqlite3.OperationalError:
                continue
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    os.unlink(place)
            except OSError:
                continue
        self._total = self._sum()

    def get(self, version: str, edge: int) -> bytes | None:
        """A thumbnail that is there."""
        with self._lock, suppress(sqlite3.Error):
            select = "SELECT data FROM thumbs WHERE version = ? AND edge = ?"
            for (data,) in self._connection.execute(select, (version, edge)):
                self._used[version, edge] = _now()
                if len(self._used) >= _FLUSH:
                    self._note_uses()
                return bytes(data)
        return None

    def put(self, version: str, edge: int, data: bytes) -> None:
        """Keep a thumbnail; older ones make room."""
        with self._lock, suppress(sqlite3.Error):
            insert = "INSERT OR REPLACE INTO thumbs VALUES (?, ?, ?, ?, ?)"
            self._connection.execute(insert, (version, edge, _now(), len(data), data))
            self._total += len(data)
            if self._total > self.most_bytes:
                self._make_room()

    def has(self, version: str, edge: int) -> bool:
        """Whether a thumbnail is there."""
        with self._lock, suppress(sqlite3.Error):
            select = "SELECT 1 FROM thumbs WHERE version = ? AND edge = ?"
            return self._connection.execute(select, (version, edge)).fetchone() is not None
        return False

    @property
    def total(self) -> int:
        """Bytes of all thumbnails."""
        return self._total

    def close(self) -> None:
        """Note the last uses and let go of the file."""
        with self._lock, suppress(sqlite3.Error):
            self._note_uses()
            self._connection.close()

    def _note_uses(self) -> None:
        update = "UPDATE thumbs SET used = ? WHERE version = ? AND edge = ?"
        uses = [(time_of_use, *key) for key, time_of_use in self._used.items()]
        self._used.clear()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(update, uses)
        self._connection.execute("COMMIT")

    def _make_room(self) -> None:
        self._note_uses()
        self._total = self._sum()  # others write too
        over = self._total - int(self.most_bytes * _LEFT)
        if over <= 0:
            return
        last, gone = 0, 0
        for used, size in self._connection.execute("SELECT used, size FROM thumbs ORDER BY used"):
            last, gone = used, gone + size
            if gone >= over:
                break
        self._connection.execute("DELETE FROM thumbs WHERE used <= ?", (last,))
        self._total = self._sum()

    def _sum(self) -> int:
        with suppress(sqlite3.Error):
            ((total,),) = self._connection.execute("SELECT total(size) FROM thumbs").fetchall()
            return int(total)
        return 0


def _opened(place: str) -> sqlite3.Connection:
    connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    try:
        for statement in _CREATE:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _now() -> int:
    """Microseconds, so that no two uses are one."""
    return time.time_ns() // 1_000
