"""From a resource of a record to a file of the library: by version id, hash or name, the strongest first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from extractor.library.claims import Claim
from extractor.library.hashing import AUTOV1, AUTOV1_DIGITS, AUTOV2_DIGITS, AUTOV3_DIGITS, BLAKE3, SHA256, TENSORS
from extractor.library.kinds import RECORD_TYPES, SAFETENSORS, SITE_TYPES
from extractor.library.model import CLAIMED, LIKELY, SOUND, VERIFIED, Hash, ModelFile, identity
from extractor.library.store import Store, prefix_condition, prefix_values
from extractor.text.printable import encodable
from extractor.vocabulary.models import clean_hash, folded_name, is_name_hash, normal_name

_WHOLE: Final = 64
_SSHS, _LEGACY, _MODELSPEC = "sshs", "sshs-legacy", "modelspec"


class Status(StrEnum):
    """What the library says of a resource."""

    HERE = "here"
    OTHER = "other file"
    """A file of this name is here, and its hash is another one."""
    UNPROVEN = "unproven"
    """A file of this name is here, and nothing that is known of it tells whether it is the one: hash it."""
    AMBIGUOUS = "ambiguous"
    """Several files could be it."""
    MISSING = "missing"


class Wanted(NamedTuple):
    """A resource as a record names it."""

    type: str | None
    name: str | None
    hash: str | None
    version_id: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """What the library knows of one resource."""

    status: Status
    by: str | None = None
    """What joined them: ``version``, a kind of hash (``likely`` one that a sidecar claims), or ``name``."""
    files: Sequence[ModelFile] = ()
    """The file; of other and ambiguous ones all that could be meant, by their paths."""
    version: Claim | None = None
    """An imported answer about it."""
    is_name_hash: bool = False
    """Whether the record's hash is that of a file name, and says nothing of a file."""

    @property
    def file(self) -> ModelFile | None:
        """The file that is here."""
        return self.files[0] if self.status is Status.HERE else None


class _Rank(NamedTuple):
    """One way to join by hash."""

    kinds: tuple[str, ...]
    digits: tuple[int, int]
    """The fewest and the most digits the record's hash has."""
    needs_name: bool = False


_RANKS: Final = (
    _Rank((SHA256, BLAKE3, TENSORS, _MODELSPEC), (_WHOLE, _WHOLE)),
    _Rank((SHA256,), (AUTOV2_DIGITS, _WHOLE)),
    _Rank((TENSORS, _SSHS), (AUTOV2_DIGITS, _WHOLE)),
    _Rank((AUTOV1, _LEGACY, SHA256), (AUTOV1_DIGITS, AUTOV1_DIGITS), needs_name=True),
)
"""Strongest first. Within one, a hash of the file itself goes before what its header or a sidecar claims."""
PUBLISHED: Final = (SHA256, TENSORS, BLAKE3)
"""Kinds of hashes by which imported answers are found."""


class Matcher:
    """Looks resources up in the tables. Pictures of one folder share their models, so answers are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: dict[Wanted, Match] = {}
        self._revision = ""

    def match(self, wanted: Wanted) -> Match:
        """What the library knows of a resource."""
        answer = self._answers.get(wanted)
        if answer is None:
            if len(self._answers) >= _KEPT:
                self._answers.clear()
            answer = self._answers[wanted] = self._matched(wanted)
        return answer

    def forget(self) -> None:
        """The library has changed."""
        self._answers.clear()

    def _matched(self, wanted: Wanted) -> Match:
        digest, algorithm = _digest(wanted.hash)
        of_name = bool(digest and wanted.name and is_name_hash(wanted.name, digest))
        if of_name:
            digest = None
        found = self._by_version(wanted)
        if found is None or found.status is Status.AMBIGUOUS:
            found = self._by_hash(wanted, digest, algorithm) or found
        if found is None:
            found = self._by_name(wanted, digest, algorithm, of_name=of_name)
        version, by = self._imported(wanted, digest, found)
        return Match(found.status, found.by or by, found.files, version, of_name)

    def _by_version(self, wanted: Wanted) -> Match | None:
        if wanted.version_id is None:
            return None
        files = self._store.models(
            "id IN (SELECT file_id FROM file_versions WHERE version_id = ? AND trust = ?)",
            (wanted.version_id, VERIFIED),
        )
        return _settled(files, "version", wanted)

    def _by_hash(self, wanted: Wanted, digest: str | None, algorithm: str | None) -> Match | None:
        if digest is None or len(digest) < AUTOV1_DIGITS:
            return None
        files = self._store.models(
            f"id IN (SELECT file_id FROM file_keys WHERE {prefix_condition(digest)})", prefix_values(digest)
        )
        for rank in _RANKS if files else ():
            if not rank.digits[0] <= len(digest) <= rank.digits[1]:
                continue
            for origins in (SOUND, None):
                hits = [(file, kind) for file in files if (kind := _hit(file, digest, algorithm, rank, origins))]
                if rank.needs_name:
                    hits = [(file, kind) for file, kind in hits if wanted.name and _is_named(file, wanted.name)]
                if hits:
                    return _settled([file for file, _ in hits], hits[0][1], wanted)
        return None

    def _by_name(self, wanted: Wanted, digest: str | None, algorithm: str | None, *, of_name: bool) -> Match:
        types = RECORD_TYPES.get((wanted.type or "").lower(), ())
        if not wanted.name or not types:
            return Match(Status.MISSING)
        named = self._store.models(
            "id IN (SELECT file_id FROM file_names WHERE folded = ?)", (encodable(normal_name(wanted.name)),)
        )
        files = [file for file in named if file.type in types]
        if of_name and wanted.hash:
            # The hash of a name tells at least which of several files of one stem it was.
            files = [file for file in files if is_name_hash(os.path.basename(file.path), wanted.hash)] or files
        if digest is None and wanted.version_id is None:
            return _settled(files, "name", wanted) or Match(Status.MISSING)
        untold = [file for file in files if not _is_told(file, wanted, digest, algorithm)]
        if untold:
            return Match(Status.UNPROVEN, "name", untold)
        return Match(Status.OTHER, "name", files) if files else Match(Status.MISSING)

    def _imported(self, wanted: Wanted, digest: str | None, found: Match) -> tuple[Claim | None, str | None]:
        """The imported answer about the resource, and what joined them: its id, or a hash that only this one has."""
        version = wanted.version_id or (found.file.version_id if found.file and found.file.trust == VERIFIED else None)
        if version is not None:
            claim = self._store.version(version)
            return claim, None if claim is None else "version"
        if digest is None or len(digest) < AUTOV2_DIGITS or found.status is Status.AMBIGUOUS:
            return None, None
        kinds = PUBLISHED if len(digest) == _WHOLE else (SHA256, TENSORS) if len(digest) >= AUTOV3_DIGITS else (SHA256,)
        by_kind = [(kind, self._store.versions_of(digest, (kind,))) for kind in kinds]
        claims = {claim.version_id: (claim, kind) for kind, found_ones in by_kind for claim in found_ones}
        return next(iter(claims.values())) if len(claims) == 1 else (None, None)


_KEPT: Final = 10_000
"""Answers that are kept at once."""


def site_type(claim: Claim) -> str | None:
    """Our type of what an answer of Civitai is about."""
    return SITE_TYPES.get((claim.type or "").replace(" ", "").lower())


def _digest(value: str | None) -> tuple[str | None, str | None]:
    """(hex digits, algorithm in front of them) of a record's hash."""
    cleaned = clean_hash(value) if value else None
    algorithm, colon, digits = (cleaned or "").rpartition(":")
    return digits or None, algorithm if colon else None


def _hit(
    file: ModelFile, digest: str, algorithm: str | None, rank: _Rank, origins: tuple[str, ...] | None
) -> str | None:
    """The kind of a hash of the file that the record's hash is the beginning of."""
    for item in _candidates(file, digest, algorithm, rank):
        if origins is None or item.origin in origins:
            is_likely = item.origin == CLAIMED and file.trust != VERIFIED
            return f"{LIKELY} {item.kind}" if is_likely else item.kind
    return None


def _candidates(file: ModelFile, digest: str, algorithm: str | None, rank: _Rank) -> Iterator[Hash]:
    for kind in rank.kinds:
        for item in file.hashes:
            if item.kind != kind or (algorithm is not None and algorithm != kind):
                continue
            digits = min(item.digits, rank.digits[1]) if rank.needs_name else item.digits
            if len(digest) >= digits and (item.value.startswith(digest) or digest.startswith(item.value)):
                yield item


def _is_named(file: ModelFile, name: str) -> bool:
    names = {folded_name(file.name), *((normal_name(file.alias),) if file.alias else ())}
    return normal_name(name) in names


def _settled(files: Sequence[ModelFile], by: str, wanted: Wanted) -> Match | None:
    """One of several files: copies of one file are one, and of different ones the record's name may choose."""
    if not files:
        return None
    if by != "name" and wanted.name:
        files = [file for file in files if _is_named(file, wanted.name)] or files
    kinds = _distinct(files)
    if len(kinds) > 1:
        return Match(Status.AMBIGUOUS, by, files)
    return Match(Status.HERE, by, kinds)


def _distinct(files: Sequence[ModelFile]) -> list[ModelFile]:
    """The first of each set of copies."""
    first: dict[str, ModelFile] = {}
    for file in files:
        first.setdefault(identity(file), file)
    return list(first.values())


def _is_told(file: ModelFile, wanted: Wanted, digest: str | None, algorithm: str | None) -> bool:
    """Whether what is known of the file shows that it is another one, given that it was not found to be the one."""
    if digest is None:
        return file.trust == VERIFIED and file.version_id != wanted.version_id
    is_autov1 = len(digest) == AUTOV1_DIGITS and (wanted.type or "").lower() in _AUTOV1_TYPES
    if len(digest) < AUTOV2_DIGITS and not is_autov1:
        return False
    if algorithm is not None:
        needed = {algorithm}
    else:
        needed = {SHA256} if len(digest) < AUTOV3_DIGITS or file.format != SAFETENSORS else {SHA256, TENSORS}
    return all(file.hash(kind) is not None for kind in needed)


_AUTOV1_TYPES: Final = ("model", "checkpoint")
"""Resources whose eight digits are AutoV1; ControlNet's, say, are of another kind."""
