"""Which pictures of a catalog were made with which models: the only place that asks a catalog's tables."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final, NamedTuple

from extractor.catalog.opening import open_to_read, reported
from extractor.library.match import Match, Status, Wanted
from extractor.library.model import ModelFile, identity

_WANTED: Final = "SELECT DISTINCT type, name, hash, model_version_id FROM resources"
_PICTURES: Final = (
    "SELECT path FROM images WHERE id IN (SELECT image_id FROM resources "
    "WHERE type IS ? AND name IS ? AND hash IS ? AND model_version_id IS ?)"
)


class Use(NamedTuple):
    """A picture that was made with a model."""

    path: str
    by: str
    """What joined them."""


def uses(catalog: str, models: list[ModelFile], find: Callable[[Wanted], Match]) -> Iterator[Use]:
    """The pictures of a catalog that used one of these files (or a copy of it), by their paths.

    Raises `OutputError` when it is no catalog.
    """
    keys = {identity(model) for model in models}
    found: dict[str, str] = {}
    with _opened(catalog) as connection:
        for wanted in _resources(connection):
            match = find(wanted)
            if match.file is not None and identity(match.file) in keys:
                for (path,) in connection.execute(_PICTURES, wanted):
                    found.setdefault(os.fsdecode(path), match.by or "")
    return (Use(path, found[path]) for path in sorted(found))


def used_files(catalog: str, find: Callable[[Wanted], Match]) -> set[str]:
    """The identities of the files that pictures of a catalog used or may have used. Raises `OutputError`."""
    with _opened(catalog) as connection:
        matches = [find(wanted) for wanted in _resources(connection)]
    certain = {identity(match.file) for match in matches if match.file is not None}
    maybe = [Status.AMBIGUOUS, Status.UNPROVEN]
    return certain | {identity(file) for match in matches if match.status in maybe for file in match.files}


def _resources(connection: sqlite3.Connection) -> list[Wanted]:
    return [Wanted(*row) for row in connection.execute(_WANTED).fetchall()]


@contextmanager
def _opened(path: str) -> Iterator[sqlite3.Connection]:
    """A catalog, open for reading. Raises `OutputError` for anything else."""
    with reported(), closing(open_to_read(path)) as connection:
        yield connection
