"""Whatever was given, as one stream of files: paths, folders, and what stands at remote addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.files.address import Address
from extractor.scanning.remote import walk_remote
from extractor.scanning.walk import Filters, Found, walk


def find(paths: Iterable[str], filters: Filters, *, foreign: bool = False) -> Iterator[Found]:
    """Each file at `paths`, one argument after the other; `foreign` as in `walk_remote`."""
    for path in paths:
        if isinstance(path, Address):
            yield from walk_remote(path, filters, foreign=foreign)
        else:
            yield from walk((path,), filters)
