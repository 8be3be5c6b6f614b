"""A SQLite catalog of images: updated in place, so that a second run reads only what is new or changed."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from extractor.catalog.gone import look
from extractor.catalog.opening import open_to_write, reported, transaction
from extractor.catalog.staging import Staging
from extractor.catalog.stored import StoredRow, stored_row
from extractor.errors import ExtractorError, OutputError
from extractor.extraction.stamp import Kept, kept_of, serves
from extractor.files.paths import stored_path
from extractor.limits import MIB
from extractor.rows.base import RowWriter
from extractor.rows.rows import error_object
from extractor.sidecars.prune import refusal
from extractor.text.printable import encodable

if TYPE_CHECKING:
    from extractor.scanning.scan import Make, ScanResult, Skip

_BATCH_ROWS: Final = 1_000
_BATCH_LENGTH: Final = 16 * MIB
"""Characters of records and texts."""
_BATCH_SECONDS: Final = 2.0
"""What is to be written waits until it reaches any of these."""
_NOTE_FAILURE: Final = "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)"
_PACK_ROWS: Final = 16_384
"""Rows after which they are packed for searching, so that a search in a growing catalog has little to pack itself."""


class Catalog(RowWriter):
    """The tables ``images``, ``resources``, ``texts`` and ``failures``, and a full-text index ``prompts``.

    Images are known by their absolute path; a path whose bytes are not UTF-8 is kept as a BLOB of its bytes. They are
    written many at a time: whatever happens, the file holds whole images only.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open or create. Raises `OutputError` when the file is not a catalog or cannot be written."""
        with reported():
            self._connection = open_to_write(os.path.abspath(os.fspath(path)))
            self._staging = Staging(self._connection)
        self._rows: dict[str | bytes, StoredRow] = {}
        self._failures: dict[str | bytes, ExtractorError] = {}
        """What waits to be written, by path."""
        self._length = self._unpacked = 0
        self._since = time.monotonic()

    def write_row(self, result: ScanResult) -> None:
        """Insert or update one image, or note why it failed (what was known of it stays).

        Raises `OutputError` when the file cannot be written; what waited until then is lost.
        """
        if result.error is None:
            self.write_ready(stored_row(result))
            return
        self._failures[stored_path(result.path)] = result.error
        self._wait()

    def write_ready(self, row: StoredRow) -> None:
        """Insert or update one image."""
        self._rows[row.path] = row
        self._failures.pop(row.path, None)
        self._length += row.length
        self._wait()

    @property
    def make(self) -> Make:
        """See `RowWriter.make`."""
        return stored_row

    def _wait(self) -> None:
        """Write all that waits if there is enough of it or it has waited for long; called when one more does."""
        waiting = len(self._rows) + len(self._failures)
        if waiting == 1:
            self._since = time.monotonic()
        if waiting >= _BATCH_ROWS or self._length >= _BATCH_LENGTH or self._is_late():
            with reported():
                self._flush()
                if self._unpacked >= _PACK_ROWS:
                    self._pack()

    def _is_late(self) -> bool:
        return time.monotonic() - self._since > _BATCH_SECONDS

    @property
    def skip(self) -> Skip:
        """As `known`."""
        return self.known

    def known(self, path: str, stamp: dict[str, Any]) -> bool | Kept:
        """Whether the image was stored with this stamp, or what of its pixels still holds."""
        stored = stored_path(path)
        with reported():
            if self._is_late() or stored in self._rows:
                self._flush()
            select = "SELECT stamp, record FROM images WHERE path = ?"
            row = self._connection.execute(select, (stored,)).fetchone()
        if row is None:
            return False
        return serves(json.loads(row[0]), stamp) or kept_of(json.loads(row[1]), stamp) or False

    def prune(self, roots: Iterable[str], *, force: bool = False) -> int:
        """Remove the images at or under `roots` that are no longer there; how many these were.

        Only an image of which the system says that there is no such file is removed, and only below a root that is
        there itself; and one that a store no longer lists below an `Address`. Members of an archive go with it.

        Raises `OutputError`, with nothing removed, where sidecars would not be pruned either, unless `force`; and where
        a store does not list all that it has.
        """
        with reported():
            self._flush()
            stored = self._connection.execute("SELECT path FROM images UNION SELECT path FROM failures")
            looked = look((path for (path,) in stored), roots)
            for below in looked if not force else ():
                refused = refusal(len(below.gone), below.standing, is_empty=below.is_empty)
                if refused is not None:
                    raise OutputError(None, f"{below.root}: {refused}")
            gone = [(path,) for below in looked for path in below.gone]
            with transaction(self._connection):
                removed = self._connection.executemany("DELETE FROM images WHERE path = ?", gone).rowcount
                self._connection.executemany("DELETE FROM failures WHERE path = ?", gone)
        return max(0, removed)

    def close(self) -> None:
        """Write what waits."""
        with reported():
            try:
                self._flush()
                self._pack()
            finally:
                self._connection.close()

    def _flush(self) -> None:
        """Write what waits, all or nothing. What was interrupted goes on waiting; what failed does not."""
        if not self._rows and not self._failures:
            return
        try:
            with transaction(self._connection):
                self._staging.store(list(self._rows.values()))
                self._connection.executemany(_NOTE_FAILURE, [_failure_row(*noted) for noted in self._failures.items()])
        except sqlite3.Error:
            self._forget()
            raise
        self._unpacked += len(self._rows)
        self._forget()

    def _forget(self) -> None:
        self._rows.clear()
        self._failures.clear()
        self._length = 0

    def _pack(self) -> None:
        """Leave what was written ready for searching. If it does not come to that, each search does it for itself."""
        self._unpacked = 0
        if self._connection.execute("SELECT 1 FROM stale LIMIT 1").fetchone() is None:
            return
        from extractor.catalog.shelf import refill

        # Where another run writes, it will do this too.
        with suppress(sqlite3.OperationalError), transaction(self._connection):
            refill(self._connection)


def _failure_row(path: str | bytes, error: ExtractorError) -> tuple[str | bytes, str, str]:
    failure = error_object(error)
    return path, failure["type"], encodable(failure["message"])
