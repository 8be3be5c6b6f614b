"""A SQLite catalog of images: updated in place, so that a second run reads only what is new or changed."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from extractor.catalog.gone import look
from extractor.catalog.opening import open_to_write, reported
from extractor.catalog.rows import FILLED, image_values, sql_json, sql_value
from extractor.catalog.schema import RESOURCE_COLUMNS
from extractor.errors import OutputError
from extractor.extraction.stamp import Kept, kept_of, serves
from extractor.files.paths import stored_path
from extractor.rows.base import RowWriter
from extractor.rows.rows import error_object, row_object, value_at
from extractor.sidecars.prune import refusal
from extractor.text.printable import encodable

if TYPE_CHECKING:
    from extractor.scanning.scan import Make, ScanResult, Skip

_BATCH_ROWS: Final = 1_000
_BATCH_SECONDS: Final = 2.0
"""A transaction ends when it holds either."""
_PACK_ROWS: Final = 16_384
"""Rows after which they are packed for searching, so that a search in a growing catalog has little to pack itself."""

_COLUMNS: Final = ("path", *FILLED, "record", "stamp")
_UPSERT: Final = (
    f"INSERT INTO images ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    f"ON CONFLICT (path) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])} "
    "RETURNING id"
)
_INSERT_RESOURCE: Final = f"INSERT INTO resources VALUES ({', '.join('?' * (2 + len(RESOURCE_COLUMNS)))})"


_INSERT_TEXT: Final = "INSERT INTO texts VALUES (?, ?, ?, ?)"


class Catalog(RowWriter):
    """The tables ``images``, ``resources``, ``texts`` and ``failures``, and a full-text index ``prompts``.

    Images are known by their absolute path; a path whose bytes are not UTF-8 is kept as a BLOB of its bytes. Rows
    are written in transactions: whatever happens, the file holds whole images only.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open or create. Raises `OutputError` when the file is not a catalog or cannot be written."""
        with reported():
            self._connection = open_to_write(os.path.abspath(os.fspath(path)))
        self._waiting = self._unpacked = 0
        self._since = time.monotonic()
        self._whole = True
        """Whether no row is half written."""

    def write_row(self, result: ScanResult) -> None:
        """Insert or update one image, or note why it failed (what was known of it stays).

        Raises `OutputError` when the file cannot be written.
        """
        if result.error is None:
            self.write_ready(stored_row(result))
            return
        with self._one_row():
            self._note_failure(stored_path(result.path), result.error)

    def write_ready(self, row: StoredRow) -> None:
        """Insert or update one image."""
        with self._one_row():
            self._store(row)

    @property
    def make(self) -> Make:
        """See `RowWriter.make`."""
        return stored_row

    @contextmanager
    def _one_row(self) -> Iterator[None]:
        """Around the writing of one row: it is there whole or not at all."""
        with reported():
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
                self._waiting, self._since = 0, time.monotonic()
            self._whole = False
            self._connection.execute("SAVEPOINT one_row")
            yield
            self._connection.execute("RELEASE one_row")
            self._whole = True
            self._waiting += 1
            self._unpacked += 1
            if self._waiting >= _BATCH_ROWS or time.monotonic() - self._since > _BATCH_SECONDS:
                self._commit()
                if self._unpacked >= _PACK_ROWS:
                    self._pack()

    @property
    def skip(self) -> Skip:
        """As `known`."""
        return self.known

    def known(self, path: str, stamp: dict[str, Any]) -> bool | Kept:
        """Whether the image was stored with this stamp, or what of its pixels still holds."""
        with reported():
            if time.monotonic() - self._since > _BATCH_SECONDS:
                self._commit()  # what is passed over for long must not keep others waiting
            select = "SELECT stamp, record FROM images WHERE path = ?"
            row = self._connection.execute(select, (stored_path(path),)).fetchone()
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
            self._commit()
            stored = self._connection.execute("SELECT path FROM images UNION SELECT path FROM failures")
            looked = look((path for (path,) in stored), roots)
            for below in looked if not force else ():
                refused = refusal(len(below.gone), below.standing, is_empty=below.is_empty)
                if refused is not None:
                    raise OutputError(None, f"{below.root}: {refused}")
            gone = [(path,) for below in looked for path in below.gone]
            self._connection.execute("BEGIN IMMEDIATE")
            removed = self._connection.executemany("DELETE FROM images WHERE path = ?", gone).rowcount
            self._connection.executemany("DELETE FROM failures WHERE path = ?", gone)
            self._connection.execute("COMMIT")
        return max(0, removed)

    def close(self) -> None:
        """Write what waits; of an image whose writing was interrupted, nothing."""
        with reported():
            try:
                if not self._whole:
                    with suppress(sqlite3.OperationalError):  # interrupted before there was anything to take back
                        self._connection.execute("ROLLBACK TO one_row")
                self._commit()
                self._pack()
            finally:
                self._connection.close()

    def _commit(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def _pack(self) -> None:
        """Leave what was written ready for searching. If it does not come to that, each search does it for itself."""
        self._unpacked = 0
        if self._connection.execute("SELECT 1 FROM stale LIMIT 1").fetchone() is None:
            return
        from extractor.catalog.shelf import refill

        with suppress(sqlite3.OperationalError):  # another run writes: it will do this too
            self._connection.execute("BEGIN IMMEDIATE")
            refill(self._connection)
            self._connection.execute("COMMIT")

    def _store(self, row: StoredRow) -> None:
        values = row.values if row.wants_hash else self._with_stored_hash(row)
        ((image,),) = self._connection.execute(_UPSERT, (row.path, *values)).fetchall()
        self._connection.execute("DELETE FROM failures WHERE path = ?", (row.path,))
        self._connection.execute("DELETE FROM resources WHERE image_id = ?", (image,))
        self._connection.execute("DELETE FROM texts WHERE image_id = ?", (image,))
        if row.resources:
            self._connection.executemany(_INSERT_RESOURCE, [(image, *resource) for resource in row.resources])
        if row.texts:
            self._connection.executemany(_INSERT_TEXT, [(image, *text) for text in row.texts])

    def _with_stored_hash(self, row: StoredRow) -> tuple[Any, ...]:
        """The values with the stored hash and digest of the very file, as this run did not ask for them.

        The stamp goes on saying so: hidden texts were not looked for.
        """
        select = "SELECT record FROM images WHERE path = ?"
        for (stored,) in self._connection.execute(select, (row.path,)).fetchall():
            record, stamp = json.loads(row.record), json.loads(row.stamp)
            kept = kept_of(json.loads(stored), stamp)
            if kept is not None:
                record["hash"] = kept.hash
                record.setdefault("extraction", {}).setdefault("sha256", kept.sha256)
                return _values(row.path, record, stamp)
        return row.values

    def _note_failure(self, path: str | bytes, error: Exception) -> None:
        failure = error_object(error)
        self._connection.execute(
            "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (path, failure["type"], encodable(failure["message"]))
        )


class StoredRow(NamedTuple):
    """One image as its tables hold it."""

    path: str | bytes
    values: tuple[Any, ...]
    """Of all columns of ``images`` but the path; record and stamp are the last."""
    wants_hash: bool
    """Whether the run that read it asked for the hash."""
    resources: list[tuple[Any, ...]]
    """Rows of ``resources`` without the image's number."""
    texts: list[tuple[Any, ...]]
    """Rows of ``texts`` without the image's number."""

    @property
    def record(self) -> str:
        """The record's JSON."""
        text: str = self.values[-2]
        return text

    @property
    def stamp(self) -> str:
        """The stamp's JSON."""
        text: str = self.values[-1]
        return text


def stored_row(result: ScanResult) -> StoredRow:
    """A result with a record, ready to be stored."""
    path, row = stored_path(result.path), row_object(result)
    row.pop("path")
    row.pop("pathBytes", None)
    extraction = row.get("extraction", {})
    stamp = extraction.get("stamp", {})
    raw = extraction.pop("raw", None) or []
    resources = [
        (position, *(sql_value(resource.get(key)) for key, _, _ in RESOURCE_COLUMNS))
        for position, resource in enumerate(value_at(row, ("meta", "resources")) or [])
        if isinstance(resource, dict)
    ]
    texts = [(position, text["source"], encodable(text["text"])) for position, text in enumerate(raw)]
    return StoredRow(path, _values(path, row, stamp), "hash" in row or _wants_hash(stamp), resources, texts)


def _values(path: str | bytes, row: dict[str, Any], stamp: dict[str, Any]) -> tuple[Any, ...]:
    return *image_values(path, row), sql_json(row), _stamp_text(stamp)


def _wants_hash(stamp: dict[str, Any]) -> bool:
    return stamp.get("options", {}).get("hash") is not False


def _stamp_text(stamp: dict[str, Any]) -> str:
    return sql_json(dict(sorted(stamp.items())))
