"""The SQLite file of a library: opened, checked, read and written; what it means is not decided here."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from extractor.errors import OutputError
from extractor.files.paths import stored_path
from extractor.library.claims import Claim
from extractor.library.hashing import BLAKE3, SHA256, TENSORS
from extractor.library.header import Header
from extractor.library.model import COMPUTED, ModelFile
from extractor.library.schema import APPLICATION_ID, TABLES, VERSION
from extractor.library.trust import Evidence, believed
from extractor.text.printable import encodable
from extractor.vocabulary.models import clean_hash, folded_name, normal_name

_WAIT: Final = 30.0
"""Seconds that another process may hold the file."""
_HOW: Final[dict[str, Any]] = {"isolation_level": None, "timeout": _WAIT, "check_same_thread": False}
"""Transactions are begun by hand, and a server may read from several threads."""
_REVISION: Final = "revision"
_REVISION_DIGITS: Final = 16


class Store:
    """The tables of `extractor.library.schema`."""

    def __init__(self, path: str, *, is_read_only: bool = False) -> None:
        """Open, or create where nothing is. Raises `OutputError` when it is no library or cannot be used."""
        self.path = path
        self._is_read_only = is_read_only
        with reported():
            self.sql = _opened(path, is_read_only=is_read_only)

    def close(self) -> None:
        """Close the file."""
        self.sql.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it, or nothing. What was changed is worked out again before it ends."""
        with reported():
            self.sql.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._work_out()
                self.sql.execute("COMMIT")
            except BaseException:
                if self.sql.in_transaction:
                    self.sql.execute("ROLLBACK")
                raise

    @property
    def revision(self) -> str:
        """A digest of all that records can be completed from; paths are no part of it."""
        with reported():
            row = self.sql.execute("SELECT value FROM info WHERE key = ?", (_REVISION,)).fetchone()
            if row is not None:
                return str(row[0])
            revision = self._digest()
            if not self._is_read_only:
                self.sql.execute("INSERT OR REPLACE INTO info VALUES (?, ?)", (_REVISION, revision))
        return revision

    def models(self, where: str = "1", parameters: Iterable[Any] = ()) -> list[ModelFile]:
        """The files that an SQL condition on ``files`` chooses, by their paths."""
        with reported():
            rows = self.sql.execute(
                f"SELECT path, model FROM files WHERE model IS NOT NULL AND {where}", tuple(parameters)
            ).fetchall()
        found = [ModelFile.from_json({"path": shown_path(path), **json.loads(model)}) for path, model in rows]
        return sorted(found, key=lambda model: model.path)

    def version(self, version_id: int) -> Claim | None:
        """The imported answer about a version."""
        with reported():
            row = self.sql.execute("SELECT claim FROM versions WHERE id = ?", (version_id,)).fetchone()
        return Claim.from_json(json.loads(row[0])) if row is not None else None

    def versions_of(self, value: str, kinds: Iterable[str]) -> list[Claim]:
        """The imported answers with a hash of these kinds that begins like `value`, or that `value` begins with."""
        marks = list(kinds)
        with reported():
            rows = self.sql.execute(
                "SELECT DISTINCT versions.id, claim FROM version_keys JOIN versions ON versions.id = version_id "
                f"WHERE {prefix_condition(value)} AND kind IN ({', '.join('?' * len(marks))}) ORDER BY versions.id",
                (*prefix_values(value), *marks),
            ).fetchall()
        return [Claim.from_json(json.loads(claim)) for _, claim in rows]

    def put_version(self, claim: Claim) -> None:
        """Keep an imported answer in place of an older one about the same version."""
        self._touch_files_of(claim.version_id)
        self.sql.execute("INSERT OR REPLACE INTO versions VALUES (?, ?)", (claim.version_id, dump(claim.to_json())))
        self.sql.execute("DELETE FROM version_keys WHERE version_id = ?", (claim.version_id,))
        self.sql.executemany(
            "INSERT OR IGNORE INTO version_keys VALUES (?, ?, ?)",
            [(value, kind, claim.version_id) for file in claim.files for kind, value in file.hashes.items()],
        )
        self._touch_files_of(claim.version_id)

    def put_hashes(self, content: int, hashes: Mapping[str, str]) -> None:
        """Keep computed hashes, in place of any others."""
        self.sql.executemany(
            "INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)",
            [(content, kind, value, COMPUTED) for kind, value in hashes.items()],
        )
        self.sql.execute("UPDATE files SET model = NULL WHERE content_id = ?", (content,))

    def put_problem(self, path: str, code: str, message: str) -> None:
        """Keep what is wrong with a path that has no file in the library."""
        self.sql.execute(
            "INSERT OR IGNORE INTO problems VALUES (?, ?, ?)", (stored_path(path), code, encodable(message))
        )

    def _touch_files_of(self, version_id: int | None) -> None:
        """Have the files worked out again whose hashes are a version's."""
        values = self.sql.execute("SELECT value FROM version_keys WHERE version_id = ?", (version_id,)).fetchall()
        self.sql.executemany(
            "UPDATE files SET model = NULL WHERE content_id IN "
            "(SELECT content_id FROM hashes WHERE value >= ? AND value < ?)",
            [(value, f"{value}g") for (value,) in values],
        )

    def _work_out(self) -> None:
        """Everything that follows from what was changed, and the revision."""
        rows = self.sql.execute(
            "SELECT files.id, path, content_id, size, header, contents.warnings, claims, has_namesake, files.warnings "
            "FROM files JOIN contents ON contents.id = content_id WHERE model IS NULL ORDER BY path"
        ).fetchall()
        for file, path, content, size, header, content_warnings, claims, has_namesake, warnings in rows:
            hashes = {
                kind: (value, origin)
                for kind, value, origin in self.sql.execute(
                    "SELECT kind, value, origin FROM hashes WHERE content_id = ?", (content,)
                )
                if clean_hash(value) is not None  # not that of nothing, which a header without tensors has
            }
            beside = [Claim.from_json(item) for item in json.loads(claims)]
            model = believed(
                Evidence(
                    path=shown_path(path),
                    size=size,
                    header=Header(**json.loads(header)),
                    hashes=hashes,
                    claims=beside + self._imported(hashes),
                    has_namesake=bool(has_namesake),
                    warnings=[(code, message) for code, message in json.loads(content_warnings) + json.loads(warnings)],
                )
            )
            self._put_model(file, model)
        # It takes a look at all files: not after each one that is hashed.
        self.sql.execute("DELETE FROM info WHERE key = ?", (_REVISION,))

    def _imported(self, hashes: dict[str, tuple[str, str]]) -> list[Claim]:
        found: dict[int | None, Claim] = {}
        for kind, (value, _) in hashes.items():
            if kind in (SHA256, TENSORS, BLAKE3):
                found.update({claim.version_id: claim for claim in self.versions_of(value, (kind,))})
        return [found[key] for key in sorted(found, key=lambda key: key or 0)]

    def _put_model(self, file: int, model: ModelFile) -> None:
        values = model.to_json()
        del values["path"]
        self.sql.execute("UPDATE files SET model = ? WHERE id = ?", (dump(values), file))
        for table in ("file_keys", "file_names", "file_versions"):
            self.sql.execute(f"DELETE FROM {table} WHERE file_id = ?", (file,))
        self.sql.executemany(
            "INSERT INTO file_keys VALUES (?, ?, ?, ?)",
            [(file, item.kind, item.value, item.digits) for item in model.hashes],
        )
        names = {folded_name(model.name), *((normal_name(model.alias),) if model.alias else ())}
        self.sql.executemany("INSERT INTO file_names VALUES (?, ?)", [(encodable(name), file) for name in names])
        if model.version_id is not None:
            self.sql.execute("INSERT INTO file_versions VALUES (?, ?, ?)", (model.version_id, file, model.trust))

    def _digest(self) -> str:
        digest = hashlib.sha256()
        queries = ("SELECT model FROM files ORDER BY model", "SELECT claim FROM versions ORDER BY id")
        for query in queries:
            for (text,) in self.sql.execute(query):
                digest.update(text.encode() + b"\n")
            digest.update(b"\0")
        return digest.hexdigest()[:_REVISION_DIGITS]


def prefix_condition(value: str, column: str = "value") -> str:
    """SQL for hashes that begin like `value`, or are a whole beginning of it."""
    shorter = sum(1 for length in _SHORT if length < len(value))
    return (
        f"({column} >= ? AND {column} < ?" + (f" OR {column} IN ({', '.join('?' * shorter)})" if shorter else "") + ")"
    )


def prefix_values(value: str) -> tuple[str, ...]:
    """The values for `prefix_condition`."""
    # "g" follows every hex digit.
    return (value, f"{value}g", *(value[:length] for length in _SHORT if length < len(value)))


_SHORT: Final = (10, 12)
"""Lengths of hashes of which only the beginning is known."""


def dump(value: object) -> str:
    """JSON as it stands in the tables."""
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def dump_header(header: Header) -> str:
    """A header as it stands in the tables."""
    return dump(asdict(header))


@contextmanager
def reported() -> Iterator[None]:
    """Turns what SQLite raises into `OutputError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise OutputError(None, f"the model library cannot be used: {error}") from error


def shown_path(path: str | bytes) -> str:
    """The path that `stored_path` was given."""
    return os.fsdecode(path)


def _opened(path: str, *, is_read_only: bool) -> sqlite3.Connection:
    if is_read_only:
        uri = f"{Path(os.path.abspath(path)).as_uri()}?mode=ro"
        connection: sqlite3.Connection = sqlite3.connect(uri, uri=True, **_HOW)
    else:
        connection = sqlite3.connect(path, **_HOW)
    try:
        ((is_empty,),) = connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchall()
        ((application,),) = connection.execute("PRAGMA application_id").fetchall()
        if is_empty and not application and not is_read_only:
            connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; "
                f"{TABLES} COMMIT;"
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
        raise OutputError(None, "not a model library of this program; it is left alone")
    if version != VERSION:
        raise OutputError(None, f"a model library of version {version}, not {VERSION}; it is left alone")
