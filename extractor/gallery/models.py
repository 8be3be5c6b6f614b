"""The model library beside the catalog: what of a recipe is here, and the base models of pictures."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractor.gallery.columns import CHECKPOINTS, Coded, Snapshot, small
from extractor.library.library import ModelLibrary
from extractor.library.match import Match, Status, Wanted
from extractor.library.model import ModelFile
from extractor.record import ImageRecord

_GROUPS: Final = (
    "SELECT type, name, hash, model_version_id, group_concat(image_id) FROM resources "
    "GROUP BY type, name, hash, model_version_id"
)
_STATUS: Final = {
    Status.HERE: "here",
    Status.OTHER: "another",
    Status.UNPROVEN: "unproven",
    Status.AMBIGUOUS: "ambiguous",
    Status.MISSING: "missing",
}
"""As the page calls them."""
_NOT_HERE: Final = (Status.MISSING, Status.OTHER)
_UNSURE: Final = (Status.UNPROVEN, Status.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Known:
    """What the library says of one resource."""

    status: str
    base: str | None
    has_page: bool


class Models:
    """A library that several threads ask, one at a time."""

    def __init__(self, library: ModelLibrary) -> None:
        self._library = library
        self._lock = threading.Lock()

    def completed(self, record: ImageRecord) -> ImageRecord:
        """The record with what it lacks."""
        with self._lock:
            return self._library.complete(record)

    def known(self, wanted: Wanted) -> Known:
        """What is known of a resource."""
        match = self._match(wanted)
        return Known(_STATUS[match.status], _base_of(match), bool(match.files) or match.version is not None)

    def resolve(self, resources: Sequence[Mapping[str, Any]]) -> list[Known]:
        """What is known of the resources of a recipe."""
        return [self.known(_wanted(resource)) for resource in resources]

    def page(self, wanted: Wanted) -> dict[str, Any] | None:
        """All facts about a model; None where nothing is known of it."""
        match = self._match(wanted)
        file = match.files[0] if match.files else None
        if file is None and match.version is None:
            return None
        return {
            "status": _STATUS[match.status],
            "by": match.by,
            **_facts(match, file, wanted),
            "others": [one.path for one in match.files[1:]],
        }

    def add_to(self, snapshot: Snapshot, connection: sqlite3.Connection) -> None:
        """Give a snapshot the base model of each image, and whether a model of it is not here.

        Each distinct resource is looked up once: a collection has far fewer of them than images.
        """
        bases: dict[str, int] = {"": 0}
        codes = np.zeros(len(snapshot), np.uint32)
        missing = np.zeros(len(snapshot), np.bool_)
        for wanted, places in sorted(_groups(snapshot, connection), key=lambda group: _is_checkpoint(group[0])):
            match = self._match(wanted)
            missing[places] |= match.status in _NOT_HERE
            base = _base_of(match)
            if base:  # a checkpoint's comes last, and goes before a LoRA's
                codes[places] = bases.setdefault(base, len(bases))
        snapshot.extra["base"] = Coded(small(codes, len(bases)), list(bases))
        snapshot.extra["missing"] = Coded(missing.astype(np.uint16), ["", "yes"])

    def _match(self, wanted: Wanted) -> Match:
        with self._lock:
            return self._library.match(wanted)


def _groups(snapshot: Snapshot, connection: sqlite3.Connection) -> Iterator[tuple[Wanted, NDArray[np.int32]]]:
    for kind, name, digest, version, text in connection.execute(_GROUPS):
        places = snapshot.shelf.places(np.fromstring(text, np.int64, sep=","))
        yield Wanted(kind, name, digest, version if isinstance(version, int) else None), places[places >= 0]


def _is_checkpoint(wanted: Wanted) -> bool:
    return wanted.type in CHECKPOINTS


def wanted_of(kind: str | None, name: str | None, digest: str | None, version: int | None = None) -> Wanted:
    """A resource as the page names it; empty is absent."""
    return Wanted(kind or None, name or None, digest or None, version)


def _wanted(resource: Mapping[str, Any]) -> Wanted:
    kind, name, digest = (_text(resource.get(key)) for key in ("type", "name", "hash"))
    version = resource.get("modelVersionId")
    return Wanted(kind, name, digest, version if isinstance(version, int) else None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _base_of(match: Match) -> str | None:
    """The base model, where it is sure."""
    if match.file is not None and match.file.base:
        return match.file.base
    if match.version is not None and match.version.base:
        return match.version.base
    bases = {file.base for file in match.files} if match.status in _UNSURE else set()
    return bases.pop() if len(bases) == 1 else None


def _facts(match: Match, file: ModelFile | None, wanted: Wanted) -> dict[str, Any]:
    """Of the file that is here (or may be meant), and of an imported answer about it."""
    claim = match.version
    model_id = (file.model_id if file else None) or (claim.model_id if claim else None)
    version_id = (file.version_id if file else None) or (claim.version_id if claim else None)
    title = (file.title if file else None) or (claim.model_name or claim.title if claim else None)
    return {
        "title": title or (file.name if file else wanted.name),
        "type": (file.type if file else None) or wanted.type,
        "name": file.name if file else wanted.name,
        "baseModel": _base_of(match) or (file.base if file else None),
        "versionName": (file.version_name if file else None) or (claim.version_name if claim else None),
        "file": {"path": file.path, "size": file.size, "format": file.format} if file else None,
        "hashes": [{"kind": one.kind, "value": one.value, "trust": one.origin} for one in file.hashes] if file else [],
        "words": list(file.words if file and file.words else claim.words if claim else ()),
        "civitai": _civitai(model_id, version_id) if model_id or version_id else None,
        "trust": file.trust if file else None,
        "warnings": [{"code": code, "message": message} for code, message in file.warnings] if file else [],
    }


def _civitai(model_id: int | None, version_id: int | None) -> dict[str, Any]:
    url = f"https://civitai.com/models/{model_id}" if model_id else None
    if url and version_id:
        url += f"?modelVersionId={version_id}"
    return {"modelId": model_id, "versionId": version_id, "url": url}
