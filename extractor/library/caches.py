"""Hashes that A1111, Forge and SD.Next have computed and keep, as far as they can be believed.

Up to A1111 1.8, and in SD.Next, a file ``cache.json``; later ``cache/hashes/cache.db``, written by the package
diskcache: a table ``Cache`` whose values are pickles, which are never loaded. Keys are ``checkpoint/REL``, where REL
is the path below the folder of its type; values {mtime, sha256}.
"""

from __future__ import annotations

import hashlib
import os
import pickletools
import re
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from extractor.errors import ExtractorError
from extractor.files.bytesource import FileSource
from extractor.ledger import Ledger
from extractor.library.kinds import CHECKPOINT, DIFFUSION, EMBEDDING, HYPERNETWORK, LORA
from extractor.limits import DEFAULT_LIMITS, MIB
from extractor.text.jsontext import JsonValue, load_object
from extractor.vocabulary.models import clean_hash

_PLACES: Final = ("cache.json", os.path.join("data", "cache.json"), os.path.join("cache", "hashes", "cache.db"))
_ABOVE: Final = 3
"""A folder of models stands up to so many folders below the program's own."""
_MAX_BYTES: Final = 64 * MIB
_MAX_ROWS: Final = 100_000
_MAX_VALUE: Final = 4096
_STEPS: Final = 20_000_000
"""Instructions of SQLite that reading one database may take."""

_KEY_TYPES: Final = {
    "checkpoint": (CHECKPOINT, DIFFUSION, None),
    "lora": (LORA, None),
    "textual_inversion": (EMBEDDING, None),
    "hypernet": (HYPERNETWORK, None),
}
"""First part of a key -> types of the files it can mean (None: unknown). All VAEs share one entry: it is not taken."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PICKLE_MODE: Final = 4


class Cached(NamedTuple):
    """One entry of a cache."""

    types: tuple[str | None, ...]
    relative: str
    """Path below the folder of its type, with slashes."""
    mtime: float
    sha256: str


def caches_near(folder: str) -> Iterator[str]:
    """The caches of a program in whose tree the folder of models stands."""
    at = os.path.abspath(folder)
    for _ in range(_ABOVE + 1):
        yield from (path for place in _PLACES if os.path.isfile(path := os.path.join(at, place)))
        if at == os.path.dirname(at):
            return
        at = os.path.dirname(at)


def read_cache(path: str, log: Ledger) -> list[Cached]:
    """The entries of a cache that are well-formed and no hash of a mere name."""
    try:
        pairs = list(_database(path)) if path.endswith(".db") else list(_json(path, log))
    except (ExtractorError, sqlite3.Error) as error:
        log.add("cache-unreadable", f"{os.path.basename(path)}: {error}")
        return []
    return [entry for key, mtime, digest in pairs if (entry := _entry(key, mtime, digest)) is not None]


def is_name_digest(name: str, digest: str) -> bool:
    """Whether a hash is that of the file's name, as Forge computed them for half a year."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest().startswith(digest)


def _entry(key: str, mtime: object, digest: object) -> Cached | None:
    kind, slash, relative = key.replace("\\", "/").partition("/")
    types = _KEY_TYPES.get(kind)
    if types is None or not slash or not isinstance(digest, str) or not isinstance(mtime, (int, float)):
        return None
    if _SHA256.fullmatch(digest) is None or clean_hash(digest) is None:
        return None
    if is_name_digest(relative.rpartition("/")[2], digest):
        return None
    return Cached(types, relative, float(mtime), digest)


def _json(path: str, log: Ledger) -> Iterator[tuple[str, object, object]]:
    with closing(FileSource(path)) as source:
        data = source.read_at(0, min(source.size, _MAX_BYTES))
    text = data.decode("utf-8", "replace")
    bounds = Ledger(replace(DEFAULT_LIMITS, json_bytes=_MAX_BYTES, json_values=5_000_000))
    value = load_object(text, bounds, os.path.basename(path))
    for warning in bounds.items:
        log.add(*warning)
    hashes: JsonValue = (value or {}).get("hashes")
    for key, item in hashes.items() if isinstance(hashes, dict) else ():
        if isinstance(item, dict):
            yield key, item.get("mtime"), item.get("sha256")


def _database(path: str) -> Iterator[tuple[str, object, object]]:
    # Immutable: SQLite writes nothing beside a file that is not ours, no journal and no lock.
    uri = f"{Path(os.path.abspath(path)).as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        steps = iter(range(_STEPS // 1000))
        connection.set_progress_handler(lambda: next(steps, None) is None, 1000)
        table = connection.execute("SELECT type FROM sqlite_master WHERE name = 'Cache'").fetchone()
        if table != ("table",):
            return
        rows: Iterable[tuple[object, object]] = connection.execute(
            "SELECT key, value FROM Cache WHERE raw = 1 AND mode = ? AND length(value) <= ? LIMIT ?",
            (_PICKLE_MODE, _MAX_VALUE, _MAX_ROWS),
        )
        for key, value in rows:
            if isinstance(key, str) and isinstance(value, bytes):
                facts = flat_pickle(value)
                yield key, facts.get("mtime"), facts.get("sha256")


_STRUCTURE: Final = frozenset(
    ("PROTO", "FRAME", "EMPTY_DICT", "MARK", "MEMOIZE", "BINPUT", "LONG_BINPUT", "SETITEM", "SETITEMS", "STOP")
)
_ATOMS: Final = frozenset(
    ("SHORT_BINUNICODE", "BINUNICODE", "BINFLOAT", "BININT", "BININT1", "BININT2", "LONG1", "NONE")
)


def flat_pickle(data: bytes) -> dict[str, object]:
    """The dict of text to text and numbers that a pickle holds, read instruction by instruction.

    Nothing is loaded: one instruction that such a dict does not need, and the answer is empty.
    """
    atoms: list[object] = []
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name in _ATOMS:
                atoms.append(argument)
            elif opcode.name not in _STRUCTURE:
                return {}
    except (ValueError, OverflowError, struct.error):
        return {}
    keys, values = atoms[::2], atoms[1::2]
    if len(keys) != len(values):
        return {}
    return {key: value for key, value in zip(keys, values, strict=True) if isinstance(key, str)}
