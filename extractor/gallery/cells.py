"""Tiles of a view as the page draws them: four bytes each for the layout, and more for those on the screen."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Container
from typing import Any, Final

import numpy as np

from extractor.catalog.facts import split_path
from extractor.catalog.query import PARTS
from extractor.gallery.columns import Coded, Snapshot
from extractor.gallery.views import View

MOST_CELLS: Final = 500
"""Cells of one answer."""
_SELECT: Final = "SELECT id, path, width, height, hash, sha256, stamp, has, mime_type FROM images WHERE id IN ({})"
_PART: Final = 1 << 16
_UNKNOWN: Final = np.frombuffer(bytes((128, 0, 0, 0)), np.uint32)[0]
"""A square without colour."""
_AI, _METADATA = (1 << PARTS.index(part) for part in ("ai", "metadata"))


def shape(snapshot: Snapshot, view: View) -> bytes:
    """Aspect, red, green, blue of each tile; a square without colour for an image that is no longer there."""
    packed = snapshot.tiles.view(np.uint32)[:, 0]
    parts = []
    for start in range(0, len(view.ids), _PART):  # at once, a million would take 30 MB
        places = snapshot.shelf.places(view.ids[start : start + _PART].astype(np.int64))
        tiles = np.zeros(len(places), np.uint32) if not len(packed) else packed.take(places, mode="clip")
        tiles[places < 0] = _UNKNOWN
        parts.append(tiles.tobytes())
    return b"".join(parts)


def place(snapshot: Snapshot, view: View, image: int) -> int | None:
    """Where an image stands in a view; of a stack, where the stack does."""
    found = np.flatnonzero(view.ids == image)
    if not len(found) and view.stacks is not None:
        row = int(snapshot.shelf.places(np.array([image]))[0])
        places = snapshot.shelf.places(view.ids.astype(np.int64))
        if row >= 0:
            found = np.flatnonzero((places >= 0) & (snapshot.recipes[places] == snapshot.recipes[row]))
    return int(found[0]) if len(found) else None


def cells(
    connection: sqlite3.Connection, snapshot: Snapshot, view: View, start: int, count: int, gone: Container[int]
) -> list[dict[str, Any]]:
    """The tiles from a position on; those whose images are no longer in the catalog say so."""
    ids = view.ids[start : start + min(count, MOST_CELLS)].tolist()
    missing = _missing(snapshot, ids)
    rows = {row[0]: row for row in connection.execute(_SELECT.format(", ".join("?" * len(ids))), ids)}
    found = []
    for number, image in enumerate(ids, start):
        stack = 1 if view.stacks is None else int(view.stacks[number])
        if image not in rows:
            found.append({"id": image, "v": "", "name": "", "width": 0, "height": 0, "stack": stack, "gone": True})
            continue
        _, path, width, height, blur_hash, digest, stamp, has, mime = rows[image]
        cell = {
            "id": image,
            "v": version(digest, stamp),
            "name": split_path(os.fsdecode(path))[1],
            "width": width or 0,
            "height": height or 0,
            "hash": blur_hash if isinstance(blur_hash, str) else None,
            "stack": stack,
            "missing": image in missing,
            "ai": bool((has or 0) & _AI) and not (has or 0) & _METADATA,
            "video": str(mime or "").startswith("video/"),
        }
        found.append({**cell, "gone": True} if image in gone else cell)
    return found


def _missing(snapshot: Snapshot, ids: list[int]) -> set[int]:
    """Those of some images of which a model is not here, as far as there is a library that knows."""
    missing = snapshot.extra.get("missing")
    if not isinstance(missing, Coded):
        return set()
    places = snapshot.shelf.places(np.array(ids, np.int64))
    return {image for image, at in zip(ids, places.tolist(), strict=True) if at >= 0 and missing.codes[at]}


def version(digest: str | None, stamp: str) -> str:
    """Names the state of a file: another one, another picture."""
    return hashlib.sha256((digest or stamp).encode()).hexdigest()[:16]
