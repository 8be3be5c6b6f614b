"""Sidecars of other tools: files beside an image, on its exact stem, that may hold its generation data."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from extractor.embedded import Carrier, Text
from extractor.errors import ExtractorError
from extractor.files.address import Address, Known
from extractor.files.bytesource import ByteSource, FileSource
from extractor.ledger import Ledger

SIDECAR_SUFFIX: Final = ".json"
"""Of our own sidecars, behind the image's whole name: ``a.png.json``."""
SUFFIXES: Final = ("swarm.json", "json", "txt")
"""Suffixes behind the image's stem, best first."""
_ENDINGS: Final = tuple("." + suffix for suffix in SUFFIXES)


@dataclass(frozen=True, slots=True)
class ForeignSidecar:
    """One such file, as it was found."""

    path: str
    place: str
    """What follows the image's stem in its name: ``txt``, ``swarm.json``."""
    size: int
    mtime_ns: int

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return os.path.basename(self.path)


def foreign_names(path: str) -> list[str]:
    """The paths at which a foreign sidecar of the image `path` may stand; our own place is none of them."""
    stem, ours = os.path.splitext(path)[0], path + SIDECAR_SUFFIX
    names = [stem + ending for ending in _ENDINGS]
    return [name for name in names if name not in (path, ours)] if path in names or ours in names else names


def stamp_foreign(path: str, names: Sequence[str | ForeignSidecar] | None = None) -> list[ForeignSidecar]:
    """The foreign sidecars that stand beside the image now, not opened; `names` are their paths if known."""
    found = []
    for name in foreign_names(path) if names is None else names:
        if isinstance(name, ForeignSidecar):
            found.append(name)
            continue
        if not os.access(name, os.F_OK):  # in 0.6 us; an error of `os.stat` takes 1.5, and most files have none beside
            continue
        try:
            status = os.stat(name)
        except OSError:
            continue
        place = name[len(os.path.splitext(path)[0]) + 1 :]
        found.append(ForeignSidecar(name, place, status.st_size, status.st_mtime_ns))
    return found


def read_foreign(found: Sequence[ForeignSidecar], log: Ledger) -> list[Text]:
    """The texts of `found`; what cannot be read is passed over with a warning."""
    texts = []
    for sidecar in found:
        try:
            data = _content(sidecar, log)
        except ExtractorError as error:
            log.add("sidecar-unreadable", f"{sidecar.name}: {error}")
            continue
        if data is not None:
            texts.append(Text("sidecar", sidecar.place, "", data.decode("utf-8-sig", "replace"), Carrier.SIDECAR))
    return texts


def _content(sidecar: ForeignSidecar, log: Ledger) -> bytes | None:
    """All of a sidecar; None, with a warning, where it is too long."""
    source: ByteSource
    close: Callable[[], None] | None = None
    if isinstance(sidecar.path, Address):
        from extractor.files.remote import open_remote

        source = open_remote(sidecar.path, Known(sidecar.size), log.limits).bytes
    else:
        source = file = FileSource(sidecar.path)
        close = file.close
    try:
        if source.size > log.limits.text_bytes:
            log.limit("text_bytes", f"{sidecar.name}: {source.size} bytes not read")
            return None
        return source.read_at(0, source.size)
    finally:
        if close is not None:
            close()
