"""Opens a catalog: a new one, ours, or one of the first version, which is brought up to date."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain, count
from typing import Final

from extractor.catalog.schema import ADDED, ALTER, APPLICATION_ID, CHUNK_BITS, CREATE, VERSION
from extractor.errors import OutputError

_PATIENCE: Final = 30.0
"""Seconds that a writer waits for another: a transaction of ours takes two."""
_FIRST_VERSION: Final = 1
_ROWS: Final = 1_000
"""Images brought up to date at once."""


@contextmanager
def reported() -> Iterator[None]:
    """SQLite's errors as `OutputError`."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            message = "another run is writing to this catalog; try again when it has ended"
            raise OutputError(None, message) from error
        raise OutputError(None, f"the catalog cannot be used: {error}") from error


def open_to_write(path: str) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand. A file that is missing or empty becomes a catalog.

    Raises `OutputError` for a file of something else, which is left alone, and `sqlite3.Error`.
    """
    is_new = not os.path.exists(path) or os.path.getsize(path) == 0
    connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE)
    try:
        if not is_new:
            _check_ours(connection)
        with suppress(sqlite3.OperationalError):  # a file system without shared memory: readers wait there
            connection.execute("PRAGMA journal_mode = WAL")
        if is_new:
            _create(connection)
        elif version_of(connection) == _FIRST_VERSION:
            _copy(connection, path)
            _migrate(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: str) -> sqlite3.Connection:
    """A connection that cannot write; no writer locks it out. A catalog of the first version is brought up to date.

    Raises `OutputError` for a file that is no catalog, and `sqlite3.Error`.
    """
    connection = _reading(path)
    try:
        _check_ours(connection)
        if version_of(connection) == _FIRST_VERSION:
            connection.close()
            open_to_write(path).close()
            connection = _reading(path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_read_only(path: str) -> sqlite3.Connection:
    """A connection to what `open_to_read` has opened before, for a program that others can talk to.

    The system itself is asked for no more than to read. An empty log stays beside the catalog, until `open_to_read`
    takes it away.
    """
    return _reading(path, ("mode=ro", "mode=ro&immutable=1"))


def is_catalog(path: str) -> bool:
    """Whether a file is one, by its head."""
    try:
        with open(path, "rb") as file:
            head = file.read(72)
    except (OSError, ValueError):
        return False
    return head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION_ID.to_bytes(4)


def version_of(connection: sqlite3.Connection) -> int:
    """Which tables a catalog has."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


_MODES: Final = ("mode=rw", "mode=ro", "mode=ro&immutable=1")


def _reading(path: str, modes: Iterable[str] = _MODES) -> sqlite3.Connection:
    """As one that may write, so that the last to leave takes the log with it; where that cannot be, as a reader.

    In a folder that cannot be written to, a catalog nobody writes to needs no lock.
    """
    uri = "file:" + _quoted(os.path.abspath(path))
    error: sqlite3.OperationalError | None = None
    for mode in modes:
        connection = sqlite3.connect(
            f"{uri}?{mode}", uri=True, isolation_level=None, timeout=_PATIENCE, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as failure:
            connection.close()
            error = failure
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    assert error is not None
    raise error


def _quoted(path: str) -> str:
    from urllib.parse import quote_from_bytes

    return quote_from_bytes(os.fsencode(path))


def _check_ours(connection: sqlite3.Connection) -> None:
    ((application,),) = connection.execute("PRAGMA application_id").fetchall()
    if application != APPLICATION_ID:
        raise OutputError(None, "not a catalog of this program; it is left alone")
    version = version_of(connection)
    if not _FIRST_VERSION <= version <= VERSION:
        raise OutputError(
            None,
            f"a catalog of version {version}, and this program knows versions up to {VERSION}: update the program, "
            "or name another file; it is left alone",
        )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """What is written inside is there whole or not at all. Others that want to write wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _create(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        if version_of(connection) != VERSION:  # unless another run was faster
            for statement in CREATE:
                connection.execute(statement)


def _copy(connection: sqlite3.Connection, path: str) -> None:
    """Keep the old catalog beside the new one: ``catalog.db.v1``, or where that is taken ``catalog.db.v1.2``."""
    names = chain([f"{path}.v{_FIRST_VERSION}"], (f"{path}.v{_FIRST_VERSION}.{number}" for number in count(2)))
    target = next(name for name in names if not os.path.lexists(name))
    part = f"{target}.part"
    with suppress(FileNotFoundError):
        os.unlink(part)
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    os.replace(part, target)


def _migrate(connection: sqlite3.Connection) -> None:
    """Fill the new columns from the stored records, all or nothing."""
    from extractor.catalog.rows import FILLED, image_values

    with transaction(connection):
        if version_of(connection) == VERSION:  # another run was faster
            return
        for statement in ALTER:
            connection.execute(statement)
        update = f"UPDATE images SET {', '.join(f'{name} = ?' for name in FILLED)} WHERE id = ?"
        last = -1
        while rows := connection.execute(
            "SELECT id, path, record FROM images WHERE id > ? ORDER BY id LIMIT ?", (last, _ROWS)
        ).fetchall():
            last = rows[-1][0]
            connection.executemany(
                update, [(*image_values(path, json.loads(record)), image) for image, path, record in rows]
            )
        for statement in ADDED:
            connection.execute(statement)
        connection.execute("INSERT INTO prompts (prompts) VALUES ('rebuild')")
        connection.execute(f"INSERT INTO stale SELECT DISTINCT id >> {CHUNK_BITS} FROM images")
        connection.execute(f"PRAGMA user_version = {VERSION}")
