"""A SQLite catalog of images: updated in place, so that a second run reads only what is new or changed."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from extractor.catalog.opening import open_to_write, reported
from extractor.catalog.rows import FILLED, image_values, sql_json, sql_value
from extractor.catalog.schema import RESOURCE_COLUMNS
from extractor.extraction.stamp import Kept, kept_of, serves
from extractor.files.paths import is_gone, is_under, stored_path
from extractor.rows.base import RowWriter
from extractor.rows.rows import error_object, row_object, value_at
from extractor.text.printable import encodable

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult, Skip

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
        with reported():
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
                self._waiting, self._since = 0, time.monotonic()
            self._whole = False
            self._connection.execute("SAVEPOINT one_row")
            path = stored_path(result.path)
            if result.error is not None:
                self._note_failure(path, result.error)
            else:
                self._store(path, row_object(result))
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

    def prune(self, roots: Iterable[str]) -> int:
        """Remove the images at or under `roots` that are no longer there; how many these were.

        Only an image of which the system says that there is no such file is removed, and only below a root that is
        there itself.
        """
        folders = [os.path.abspath(root) for root in roots if os.path.lexists(root)]
        with reported():
            self._commit()
            gone = [
                (path,)
                for (path,) in self._connection.execute("SELECT path FROM images UNION SELECT path FROM failures")
                if is_under(os.fsdecode(path), folders) and is_gone(os.fsdecode(path))
            ]
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

    def _store(self, path: str | bytes, row: dict[str, Any]) -> None:
        row.pop("path")
        row.pop("pathBytes", None)
        extraction = row.get("extraction", {})
        stamp = extraction.get("stamp", {})
        raw = extraction.pop("raw", None) or []
        self._keep_hash(path, row, stamp)
        columns = image_values(path, row)
        ((image,),) = self._connection.execute(_UPSERT, (path, *columns, sql_json(row), _stamp_text(stamp))).fetchall()
        self._connection.execute("DELETE FROM failures WHERE path = ?", (path,))
        self._connection.execute("DELETE FROM resources WHERE image_id = ?", (image,))
        self._connection.execute("DELETE FROM texts WHERE image_id = ?", (image,))
        resources = value_at(row, ("meta", "resources")) or []
        self._connection.executemany(
            _INSERT_RESOURCE,
            [
                (image, position, *(sql_value(resource.get(key)) for key, _, _ in RESOURCE_COLUMNS))
                for position, resource in enumerate(resources)
                if isinstance(resource, dict)
            ],
        )
        self._connection.executemany(
            "INSERT INTO texts VALUES (?, ?, ?, ?)",
            [(image, position, text["source"], encodable(text["text"])) for position, text in enumerate(raw)],
        )

    def _keep_hash(self, path: str | bytes, row: dict[str, Any], stamp: dict[str, Any]) -> None:
        """Take over the stored hash and digest of the very file, where a run did not ask for them.

        The stamp goes on saying so: hidden texts were not looked for.
        """
        if "hash" in row or stamp.get("options", {}).get("hash") is not False:
            return
        select = "SELECT record FROM images WHERE path = ?"
        for (stored,) in self._connection.execute(select, (path,)).fetchall():
            kept = kept_of(json.loads(stored), stamp)
            if kept is not None:
                row["hash"] = kept.hash
                row.setdefault("extraction", {}).setdefault("sha256", kept.sha256)

    def _note_failure(self, path: str | bytes, error: Exception) -> None:
        failure = error_object(error)
        self._connection.execute(
            "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (path, failure["type"], encodable(failure["message"]))
        )


def _stamp_text(stamp: dict[str, Any]) -> str:
    return sql_json(dict(sorted(stamp.items())))
