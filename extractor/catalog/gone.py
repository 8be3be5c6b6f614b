"""Which of a catalog's images are no longer there, as the disk says, or a store whose listing was read to its end."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from extractor.errors import FileAccessError, OutputError
from extractor.files.address import WEB, Address, address_of, parts_of, split_member
from extractor.files.listing import list_objects
from extractor.files.paths import is_gone

Stored: TypeAlias = "str | bytes"
"""A path as the catalog has it."""


@dataclass(slots=True)
class Below:
    """What is stored of one root."""

    root: str
    standing: int = 0
    """Images and failures, there or gone."""
    gone: list[Stored] = field(default_factory=list)
    is_empty: bool = False
    """Whether nothing at all is there."""


def look(paths: Iterable[Stored], roots: Iterable[str]) -> list[Below]:
    """Each root below which images are stored, with those of them that are gone; members go with their archive.

    A root on disk counts if it is there itself. One in a bucket is an `Address`; the web has no listings.

    Raises `OutputError` where a store does not list all that it has.
    """
    roots = list(roots)
    folders = {os.path.abspath(root) for root in roots if not isinstance(root, Address) and os.path.lexists(root)}
    prefixes = {f"{root.rstrip('/')}/" for root in roots if isinstance(root, Address) and _is_listed(root)}
    near: dict[str, Below] = {}
    far: dict[str, dict[str, list[Stored]]] = {}
    for path in paths:
        text = os.fsdecode(path)
        member = split_member(text)
        file = text if member is None else member[2]
        if address_of(file) is not None:
            prefix = max((prefix for prefix in prefixes if file.startswith(prefix)), key=len, default=None)
            if prefix is not None:
                far.setdefault(prefix, defaultdict(list))[file].append(path)
        elif (root := _root_of(file, folders)) is not None:
            below = near.setdefault(root, Below(root))
            below.standing += 1
            if is_gone(file):
                below.gone.append(path)
    for below in near.values():
        below.is_empty = os.path.isdir(below.root) and not os.listdir(below.root)
    return [*near.values(), *(_listed(prefix, files) for prefix, files in far.items())]


def _is_listed(root: Address) -> bool:
    return parts_of(root).scheme not in WEB and split_member(root) is None


def _root_of(path: str, folders: Container[str]) -> str | None:
    """The innermost of some folders (or files) in which a path is."""
    while path not in folders:
        above = os.path.dirname(path)
        if above == path:
            return None
        path = above
    return path


def _listed(prefix: str, files: dict[str, list[Stored]]) -> Below:
    """What a store says of the files below a prefix, each with its paths in the catalog; no other is held."""
    below = Below(prefix, sum(map(len, files.values())), is_empty=True)
    try:
        for found in list_objects(Address(prefix)):
            files.pop(found.address, None)
            below.is_empty = False
    except FileAccessError as error:
        raise OutputError(None, f"{prefix}: nothing is pruned: {error}") from error
    below.gone = [path for paths in files.values() for path in paths]
    return below
