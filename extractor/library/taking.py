"""Hashes that other programs' caches hold, for files of the library that have none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence

from extractor.ledger import Ledger
from extractor.library.caches import Cached, caches_near, read_cache
from extractor.library.hashing import SHA256
from extractor.library.model import CACHED, COMPUTED
from extractor.library.store import Store, shown_path


def take_caches(store: Store, folders: Iterable[str], extra: Sequence[str]) -> int:
    """Take what the caches near the folders, and `extra`, are believed; how many hashes these were.

    An entry counts when exactly one file of the library stands at its path, of its type, with its very modification
    time, and no other entry says otherwise.
    """
    entries: list[Cached] = []
    for cache in dict.fromkeys([*(cache for folder in folders for cache in caches_near(folder)), *extra]):
        log = Ledger()
        entries += read_cache(cache, log)
        for code, message in log.items:
            store.put_problem(cache, code, message)
    found: dict[int, set[str]] = {}
    paths: dict[int, str] = {}
    for entry, content, path in _matched(store, entries):
        found.setdefault(content, set()).add(entry.sha256)
        paths[content] = path
    return sum(_take(store, content, paths[content], hashes) for content, hashes in sorted(found.items()))


def _matched(store: Store, entries: Iterable[Cached]) -> Iterator[tuple[Cached, int, str]]:
    by_name: dict[str, set[Cached]] = {}
    for entry in entries:
        by_name.setdefault(entry.relative.rpartition("/")[2], set()).add(entry)
    matches: dict[Cached, list[tuple[int, str]]] = {}
    for stored, content, model in store.sql.execute("SELECT path, content_id, model FROM files") if by_name else ():
        path = shown_path(stored)
        slashed = path.replace(os.sep, "/")
        for entry in by_name.get(slashed.rpartition("/")[2], ()):
            if slashed.endswith(f"/{entry.relative}") and json.loads(model or "{}").get("type") in entry.types:
                matches.setdefault(entry, []).append((content, path))
    for entry, found in matches.items():
        if len(found) == 1 and _mtime(found[0][1]) == entry.mtime:
            yield entry, *found[0]


def _take(store: Store, content: int, path: str, hashes: set[str]) -> bool:
    known = store.sql.execute(
        "SELECT value, origin FROM hashes WHERE content_id = ? AND kind = ?", (content, SHA256)
    ).fetchone()
    if len(hashes) > 1 or (known is not None and known[0] not in hashes):
        store.put_problem(path, "cache-differs", "caches of other programs do not agree on its hash, or not with it")
        if known is not None and known[1] == COMPUTED:
            return False
        store.sql.execute("DELETE FROM hashes WHERE content_id = ? AND kind = ?", (content, SHA256))
        known = None
    elif known is not None:
        return False
    if len(hashes) == 1:
        store.sql.execute("INSERT INTO hashes VALUES (?, ?, ?, ?)", (content, SHA256, *hashes, CACHED))
    store.sql.execute("UPDATE files SET model = NULL WHERE content_id = ?", (content,))
    return len(hashes) == 1


def _mtime(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None
