"""Sidecars of other tools: files beside an image, on its exact stem, that may hold its generation data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from extractor.embedded import Carrier, Text
from extractor.errors import FileAccessError
from extractor.files.bytesource import FileSource
from extractor.ledger import Ledger

SUFFIXES: Final = ("swarm.json", "json", "txt")
"""Suffixes behind the image's stem, best first."""


@dataclass(frozen=True, slots=True)
class ForeignSidecar:
    """One such file, as it was found."""

    name: str
    size: int
    mtime_ns: int


def foreign_names(path: str) -> list[str]:
    """The paths at which a foreign sidecar of the image `path` may stand; our own place is none of them."""
    stem, ours = os.path.splitext(path)[0], f"{path}.json"
    names = [f"{stem}.{suffix}" for suffix in SUFFIXES]
    return [name for name in names if name not in (path, ours)] if path in names or ours in names else names


def stamp_foreign(path: str, names: Sequence[str] | None = None) -> list[ForeignSidecar]:
    """The foreign sidecars that stand beside the image now, not opened; `names` are their paths if known."""
    found = []
    for name in foreign_names(path) if names is None else names:
        if not os.access(name, os.F_OK):  # the usual case, and cheaper than an exception
            continue
        try:
            status = os.stat(name)
        except OSError:
            continue
        found.append(ForeignSidecar(os.path.basename(name), status.st_size, status.st_mtime_ns))
    return found


def read_foreign(path: str, found: list[ForeignSidecar], log: Ledger) -> list[Text]:
    """The texts of `found`; what cannot be read is passed over with a warning."""
    texts = []
    folder, stem = os.path.split(os.path.splitext(path)[0])
    for sidecar in found:
        place = sidecar.name[len(stem) + 1 :]
        try:
            source = FileSource(os.path.join(folder, sidecar.name))
        except FileAccessError as error:
            log.add("sidecar-unreadable", f"{sidecar.name}: {error}")
            continue
        try:
            if source.size > log.limits.text_bytes:
                log.limit("text_bytes", f"{sidecar.name}: {source.size} bytes not read")
                continue
            data = source.read_at(0, source.size)
        finally:
            source.close()
        value = data.decode("utf-8-sig", "replace")
        texts.append(Text("sidecar", place, "", value, Carrier.SIDECAR))
    return texts
