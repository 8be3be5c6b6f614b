"""`ModelLibrary`: the models of this computer, and what records say of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final

from extractor.errors import ExtractorError, LimitExceededError
from extractor.files.bytesource import FileSource
from extractor.files.paths import GivenPaths, Paths
from extractor.ledger import Ledger
from extractor.library.civitai import versions
from extractor.library.claims import Claim, identifier
from extractor.library.complete import complete, parts
from extractor.library.match import PUBLISHED, Match, Matcher, Status, Wanted
from extractor.library.model import ModelFile
from extractor.library.reading import Report, ScannedModels
from extractor.library.scan import Hashing, hash_models, scan_models
from extractor.library.store import Store, prefix_condition, prefix_values
from extractor.library.trust import IMPORT
from extractor.limits import DEFAULT_LIMITS, MIB
from extractor.record import ImageRecord
from extractor.scanning.walk import Filters
from extractor.text.jsontext import load_json
from extractor.text.printable import encodable
from extractor.vocabulary.models import clean_hash, normal_name

_MAX_DUMP: Final = 512 * MIB
_MAX_DUMP_VALUES: Final = 50_000_000
_MEMORY: Final = ":memory:"
_SHORTEST_HASH: Final = 6


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """One model that a record names, and what the library says of it."""

    at: str
    """``Model``, ``resources[0]`` or ``civitaiResources[0]`` and so on."""
    type: str | None
    name: str | None
    hash: str | None
    version_id: int | None
    status: Status
    by: str | None
    files: Sequence[ModelFile]
    """The file; of an ambiguous one, or one of the same name, all that could be meant."""
    known_as: str | None = None
    """Model and version, where an imported answer of Civitai knows them."""


class ModelLibrary:
    """A SQLite file of model files, their hashes and names. Use it as a context manager, or `close` it."""

    def __init__(self, store: Store) -> None:
        """See `open`."""
        self._store = store
        self._matcher = Matcher(store)
        self._revision = store.revision

    @classmethod
    def open(cls, db: str | os.PathLike[str]) -> ModelLibrary:
        """Open a library, or begin one where there is no file; ``:memory:`` is one that is not kept.

        Raises `OutputError` when the file is something else or cannot be used.
        """
        return cls(Store(os.fspath(db)))

    def __enter__(self) -> ModelLibrary:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., ModelLibrary], tuple[str]]:
        if self._store.path == _MEMORY:
            raise TypeError("a library in memory cannot be given to other processes; use one with a file")
        return _reopened, (self._store.path,)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    @property
    def revision(self) -> str:
        """A digest of all that records can be completed from; it stands in a record's stamp."""
        return self._revision

    def scan(
        self,
        dirs: GivenPaths,
        *,
        hash: str = Hashing.SMALL,
        caches: GivenPaths = (),
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        follow_symlinks: bool = False,
        report: Report | None = None,
    ) -> ScannedModels:
        """Bring the library up to date with folders of models (or single files).

        Args:
            dirs: A folder, a file, or several.
            hash: ``small`` hashes files below 1 GiB, ``all`` also checkpoints, ``none`` nothing.
            caches: Files ``cache.json`` or ``cache.db`` of A1111, Forge and SD.Next, besides those found near `dirs`.
            include: Globs of files, as in `extractor.scan`.
            exclude: Globs of files and folders, as in `extractor.scan`.
            follow_symlinks: Also go into symlinked folders.
            report: Told how far the scan is.

        Hashes are kept as they come, so that a scan that was interrupted goes on. Raises `OutputError` when the
        library cannot be written, `ValueError` for an unknown `hash`.
        """
        filters = Filters(include=include, exclude=exclude, follow_symlinks=follow_symlinks)
        try:
            return scan_models(
                self._store,
                list(Paths(dirs)),
                hashing=Hashing(hash),
                filters=filters,
                caches=list(Paths(caches)),
                report=report,
            )
        finally:
            self._changed()

    def hash(self, models: Iterable[ModelFile], report: Report | None = None) -> int:
        """Hash these files now, whatever their size; how many were."""
        try:
            return hash_models(self._store, models, report)
        finally:
            self._changed()

    def models(self) -> list[ModelFile]:
        """All files, by their paths."""
        return self._store.models()

    def find(self, query: str) -> list[ModelFile]:
        """The files that a hash (or its beginning), a name or alias, or a Civitai version id means, by their paths.

        A name that no file has is looked for within names and titles.
        """
        found: dict[str, ModelFile] = {}
        for condition, values in self._conditions(query):
            found.update({model.path: model for model in self._store.models(condition, values)})
        if not found:
            wanted = query.casefold()
            found = {
                model.path: model
                for model in self.models()
                if any(wanted in text.casefold() for text in (model.name, model.title, model.alias) if text)
            }
        return [found[path] for path in sorted(found)]

    @staticmethod
    def _conditions(query: str) -> Iterable[tuple[str, tuple[object, ...]]]:
        yield "id IN (SELECT file_id FROM file_names WHERE folded = ?)", (encodable(normal_name(query)),)
        digest = (clean_hash(query) or "").rpartition(":")[2]
        if len(digest) >= _SHORTEST_HASH:
            yield f"id IN (SELECT file_id FROM file_keys WHERE {prefix_condition(digest)})", prefix_values(digest)
        version = identifier(query)
        if version is not None:
            yield "id IN (SELECT file_id FROM file_versions WHERE version_id = ?)", (version,)

    def known(self, query: str) -> list[Claim]:
        """The model versions of imported answers that a version id or a hash (or its beginning) means."""
        version, digest = identifier(query), (clean_hash(query) or "").rpartition(":")[2]
        found = {}
        if len(digest) >= _SHORTEST_HASH:
            found = {claim.version_id: claim for claim in self._store.versions_of(digest, PUBLISHED)}
        claim = self._store.version(version) if version is not None else None
        if claim is not None:
            found[claim.version_id] = claim
        return [found[key] for key in sorted(found, key=lambda key: key or 0)]

    def match(self, wanted: Wanted) -> Match:
        """What the library knows of one resource."""
        return self._matcher.match(wanted)

    def resolve(self, record: ImageRecord) -> list[ResolvedModel]:
        """Every model that a record names, in its order: here, another file, ambiguous, missing."""
        return [
            ResolvedModel(part.at, *part.wanted, match.status, match.by, match.files, _label(match.version))
            for part in parts(record)
            for match in (self._matcher.match(part.wanted),)
        ]

    def complete(self, record: ImageRecord) -> ImageRecord:
        """A copy of the record with the names, hashes and version ids that it lacks.

        Nothing that the record says is overwritten; what was added stands in ``extraction.models``. A name that
        agrees with a hash that does not fills nothing and is warned about.
        """
        return complete(record, self._matcher.match)

    def import_answers(self, path: str | os.PathLike[str]) -> int:
        """Take the model versions in a file of saved answers of Civitai's API; how many there were.

        JSON of a version, a model, or a list of either, or one of these a line. Raises `FileAccessError`,
        `LimitExceededError`, or `ExtractorError` when there is none in it.
        """
        claims = {claim.version_id: claim for claim in _claims_in(os.fspath(path))}
        if not claims:
            raise ExtractorError("no model version of Civitai stands in the file")
        with self._store.writing():
            for version in sorted(claims, key=lambda item: item or 0):
                self._store.put_version(claims[version])
        self._changed()
        return len(claims)

    def _changed(self) -> None:
        self._matcher.forget()
        self._revision = self._store.revision


def _reopened(path: str) -> ModelLibrary:
    return ModelLibrary(Store(path, is_read_only=True))


def _label(version: Claim | None) -> str | None:
    names = (version.model_name, version.version_name) if version is not None else ()
    return " / ".join(name for name in names if name) or None


def _claims_in(path: str) -> Iterable[Claim]:
    with closing(FileSource(path)) as source:
        if source.size > _MAX_DUMP:
            raise LimitExceededError(f"a file of {source.size} bytes is not read (most: {_MAX_DUMP})")
        text = source.read_at(0, source.size).decode("utf-8-sig", "replace")
    log = Ledger(replace(DEFAULT_LIMITS, json_bytes=2 * _MAX_DUMP, json_values=_MAX_DUMP_VALUES))
    whole = [text] if _is_one(text) else text.splitlines()
    for item in whole:
        if item.strip():
            yield from versions(load_json(item, log, os.path.basename(path)), IMPORT)


def _is_one(text: str) -> bool:
    """Whether the text is one JSON value, not an object a line."""
    first, _, rest = text.strip().partition("\n")
    return not (first.rstrip().endswith("}") and rest.lstrip().startswith("{"))
