"""A SQLite catalog of images: updated in place, so that a second run reads only what is new or changed."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from extractor.catalog.schema import APPLICATION_ID, IMAGE_COLUMNS, RESOURCE_COLUMNS, TABLES, VERSION
from extractor.errors import OutputError
from extractor.files.paths import is_gone
from extractor.rows.base import RowWriter
from extractor.rows.rows import error_object, row_object, value_at
from extractor.text.printable import encodable

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult, Skip

_BATCH_ROWS: Final = 1_000
_BATCH_SECONDS: Final = 2.0
"""A transaction ends when it holds either."""
_LARGEST: Final = 2**63
"""SQLite's integers end here."""

_COLUMNS: Final = ("path", *(name for name, _, _ in IMAGE_COLUMNS), "record", "stamp")
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
        with _reported():
            self._connection = _opened(os.path.abspath(os.fspath(path)))
        self._waiting = 0
        self._since = time.monotonic()
        self._whole = True
        """Whether no row is half written."""

    def write_row(self, result: ScanResult) -> None:
        """Insert or update one image, or note why it failed (what was known of it stays).

        Raises `OutputError` when the file cannot be written.
        """
        with _reported():
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
                self._waiting, self._since = 0, time.monotonic()
            self._whole = False
            self._connection.execute("SAVEPOINT one_row")
            path = _stored_path(result.path)
            if result.error is not None:
                self._note_failure(path, result.error)
            else:
                self._store(path, row_object(result))
            self._connection.execute("RELEASE one_row")
            self._whole = True
            self._waiting += 1
            if self._waiting >= _BATCH_ROWS or time.monotonic() - self._since > _BATCH_SECONDS:
                self._commit()

    @property
    def skip(self) -> Skip:
        """As `is_current`."""
        return self.is_current

    def is_current(self, path: str, stamp: dict[str, Any]) -> bool:
        """Whether the image was stored with this stamp."""
        with _reported():
            row = self._connection.execute("SELECT stamp FROM images WHERE path = ?", (_stored_path(path),)).fetchone()
        return row is not None and bool(row[0] == _stamp_text(stamp))

    def prune(self, roots: Iterable[str]) -> int:
        """Remove the images at or under `roots` that are no longer there; how many these were.

        Only an image of which the system says that there is no such file is removed, and only below a root that is
        there itself.
        """
        folders = [os.path.abspath(root) for root in roots if os.path.lexists(root)]
        with _reported():
            self._commit()
            gone = [
                (path,)
                for (path,) in self._connection.execute("SELECT path FROM images UNION SELECT path FROM failures")
                if _is_under(os.fsdecode(path), folders) and is_gone(os.fsdecode(path))
            ]
            self._connection.execute("BEGIN IMMEDIATE")
            removed = self._connection.executemany("DELETE FROM images WHERE path = ?", gone).rowcount
            self._connection.executemany("DELETE FROM failures WHERE path = ?", gone)
            self._connection.execute("COMMIT")
        return max(0, removed)

    def close(self) -> None:
        """Write what waits; of an image whose writing was interrupted, nothing."""
        with _reported():
            try:
                if not self._whole:
                    with suppress(sqlite3.OperationalError):  # interrupted before there was anything to take back
                        self._connection.execute("ROLLBACK TO one_row")
                self._commit()
            finally:
                self._connection.close()

    def _commit(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def _store(self, path: str | bytes, row: dict[str, Any]) -> None:
        del row["path"]
        extraction = row.get("extraction", {})
        stamp = extraction.get("stamp", {})
        raw = extraction.pop("raw", None) or []
        columns = [_value(value_at(row, place)) for _, _, place in IMAGE_COLUMNS]
        ((image,),) = self._connection.execute(_UPSERT, (path, *columns, _json(row), _stamp_text(stamp))).fetchall()
        self._connection.execute("DELETE FROM failures WHERE path = ?", (path,))
        self._connection.execute("DELETE FROM resources WHERE image_id = ?", (image,))
        self._connection.execute("DELETE FROM texts WHERE image_id = ?", (image,))
        resources = value_at(row, ("meta", "resources")) or []
        self._connection.executemany(
            _INSERT_RESOURCE,
            [
                (image, position, *(_value(resource.get(key)) for key, _, _ in RESOURCE_COLUMNS))
                for position, resource in enumerate(resources)
            ],
        )
        self._connection.executemany(
            "INSERT INTO texts VALUES (?, ?, ?, ?)",
            [(image, position, text["source"], encodable(text["text"])) for position, text in enumerate(raw)],
        )

    def _note_failure(self, path: str | bytes, error: Exception) -> None:
        failure = error_object(error)
        self._connection.execute(
            "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (path, failure["type"], encodable(failure["message"]))
        )


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise OutputError(None, f"the catalog cannot be used: {error}") from error


def _opened(path: str) -> sqlite3.Connection:
    is_new = not os.path.exists(path) or os.path.getsize(path) == 0
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        if is_new:
            connection.executescript(
                f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; {TABLES} COMMIT;"
            )
        _check_ours(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_ours(connection: sqlite3.Connection) -> None:
    ((application,),) = connection.execute("PRAGMA application_id").fetchall()
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    if application != APPLICATION_ID:
        raise OutputError(None, "not a catalog of this program; it is left alone")
    if version != VERSION:
        raise OutputError(None, f"a catalog of version {version}, not {VERSION}; it is left alone")


def _stored_path(path: str) -> str | bytes:
    absolute = os.path.abspath(path)
    return absolute if encodable(absolute) == absolute else os.fsencode(absolute)


def _value(value: Any) -> Any:
    """A value as SQLite can hold it without loss."""
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return str(value)
    if isinstance(value, str):
        return encodable(value)
    return _json(value) if isinstance(value, (dict, list)) else value


def _json(value: Any) -> str:
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _stamp_text(stamp: dict[str, Any]) -> str:
    return _json(dict(sorted(stamp.items())))


def _is_under(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)
