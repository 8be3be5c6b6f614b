"""`search`: images that meet a query, from catalogs and from files and folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

from extractor.catalog.matching import matches
from extractor.catalog.opening import is_catalog
from extractor.catalog.place import index_path
from extractor.catalog.query import Query, parse_query
from extractor.catalog.writer import Catalog
from extractor.errors import OutputError
from extractor.files.paths import GivenPaths, Paths
from extractor.scanning.scan import ScanResult, scan


def search(
    query: str | Query,
    paths: GivenPaths,
    *,
    index: bool = False,
    limit: int | None = None,
    **options: Any,
) -> Iterator[ScanResult]:
    """The images that meet a query.

    Args:
        query: In the language of `extractor.catalog.query`: words, ``"a phrase"``, ``-word``, ``OR``, ``key:value``.
        paths: Catalogs, which answer in milliseconds, newest first; files and folders, which are scanned.
        index: Keep a catalog of each folder in the user's cache, and read only what changed since the last time.
        limit: At most so many from each path.
        options: Those of `extractor.scan`; ``hash`` is False unless it is given.

    Returns:
        An iterator of results with records, path by path. What cannot be read is among them with its error.

    Raises:
        QueryError: The query is none. At once, as `TypeError` for a wrong type.
        OutputError: A catalog cannot be read, or an index not be written.
    """
    condition = parse_query(query) if isinstance(query, str) else query
    return _found(condition, Paths(paths), index, limit, {"hash": False, **options})


def _found(
    query: Query, paths: Iterable[str], index: bool, limit: int | None, options: dict[str, Any]
) -> Iterator[ScanResult]:
    for path in paths:
        if is_catalog(path):
            yield from _in_catalog(query, path, limit)
        elif index and os.path.isdir(path):
            catalog = index_path(path)
            yield from update_index(catalog, path, options)
            for result in _in_catalog(query, catalog, limit):
                yield replace(result, path=_as_given(result.path, path))
        else:
            yield from _scanned(query, path, limit, options)


def _in_catalog(query: Query, path: str, limit: int | None) -> Iterator[ScanResult]:
    from extractor.catalog.search import CatalogSearch

    try:
        with closing(CatalogSearch(path)) as catalog:
            yield from catalog.results(query, limit)
    except OutputError as error:
        raise OutputError(error.errno, f"{path}: {error}") from error


def _as_given(path: str, folder: str) -> str:
    """The path of a file in a folder, as a scan of it gives it."""
    root = os.path.join(os.path.abspath(folder), "")
    return os.path.join(folder, path.removeprefix(root)) if path.startswith(root) else path


def _scanned(query: Query, path: str, limit: int | None, options: dict[str, Any]) -> Iterator[ScanResult]:
    found = 0
    with closing(scan([path], **options)) as results:
        for result in results:
            if result.error is not None:
                yield result
            elif (limit is None or found < limit) and matches(query, result):
                found += 1
                yield result
            if found == limit:
                return


def update_index(path: str, folder: str, options: dict[str, Any]) -> Iterator[ScanResult]:
    """Bring the catalog of a folder up to date; what could not be read is given back."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # prompts are nobody else's
    except OSError as error:
        raise OutputError(error.errno, f"no index can be kept: {error.strerror}") from error
    with closing(Catalog(path)) as catalog, closing(scan([folder], skip=catalog.skip, **options)) as results:
        for result in results:
            catalog.write(result)
            if result.error is not None:
                yield result
        catalog.prune([folder], force=True)  # an index is made anew in a minute
