"""From header, hashes and claims to what is believed of one model file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extractor.library.bases import family
from extractor.library.claims import Claim, ClaimedFile
from extractor.library.hashing import AUTOV1, AUTOV1_DIGITS, AUTOV2_DIGITS, AUTOV3_DIGITS, BLAKE3, SHA256, TENSORS
from extractor.library.header import Header
from extractor.library.kinds import SITE_TYPES, type_of_folders
from extractor.library.model import CLAIMED, COMPUTED, HEADER, LIKELY, VERIFIED, Hash, ModelFile
from extractor.vocabulary.models import clean_hash, normal_name, strip_model_name

_WHOLE: Final = 64
_DIGITS: Final = {
    SHA256: AUTOV2_DIGITS,
    TENSORS: AUTOV3_DIGITS,
    "sshs": AUTOV3_DIGITS,
    AUTOV1: AUTOV1_DIGITS,
    "sshs-legacy": AUTOV1_DIGITS,
    BLAKE3: _WHOLE,
    "modelspec": _WHOLE,
}
"""Kind -> how many leading digits tell a file; a CRC-32 never does."""
_CUT_DIGITS: Final = 10
"""A1111 takes twelve characters of a trainer's hash, of which ``0x`` are two."""
_PROOFS: Final = ((SHA256, _WHOLE), (TENSORS, AUTOV3_DIGITS), (BLAKE3, _WHOLE))
"""Kinds that show whether a claim is about this file, and how many digits that takes."""
_STALE: Final = "stale"
_RANK: Final = {VERIFIED: 0, LIKELY: 1}
_SIDECAR_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one file before it is weighed."""

    path: str
    size: int | None
    header: Header
    hashes: Mapping[str, tuple[str, str]]
    """Kind -> (value, origin) of hashes of the file itself."""
    claims: Sequence[Claim]
    """Of the files beside it, best kind first, then those of imported answers that have one of its hashes."""
    has_namesake: bool = False
    """Whether another model file of its folder has the same stem, and so the same sidecars."""
    warnings: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class _Weighed:
    claim: Claim
    trust: str | None
    by: str | None
    """The kind of hash that shows it."""


def believed(evidence: Evidence) -> ModelFile:
    """What is believed, with the reasons. The order in which anything was found makes no difference."""
    warnings = list(evidence.warnings)
    weighed = sorted(_weighed(evidence, warnings), key=lambda item: _RANK.get(item.trust or "", _SIDECAR_WORDS))
    if evidence.has_namesake:
        weighed = [item for item in weighed if item.trust in _RANK]
        warnings.append(("shared-stem", "another model has the same name: sidecars count only if hash or size agree"))
    trusted = [item for item in weighed if item.trust in _RANK]
    best = _best_version(trusted)
    header = evidence.header
    kind, kind_by = _type(evidence, trusted)
    base, base_by = _base(header, weighed, warnings)
    return ModelFile(
        path=evidence.path,
        name=strip_model_name(os.path.basename(evidence.path)),
        format=header.format,
        size=evidence.size,
        type=kind,
        type_by=kind_by,
        base=base,
        base_by=base_by,
        title=next((item.claim.model_name for item in trusted if item.claim.model_name), None)
        or header.title
        or next((item.claim.title for item in weighed if item.claim.title), None),
        alias=header.alias,
        words=next((item.claim.words for item in weighed if item.claim.words), header.words),
        hashes=list(_hashes(evidence, trusted, warnings)),
        model_id=best.claim.model_id if best else None,
        version_id=best.claim.version_id if best else None,
        version_name=best.claim.version_name if best else None,
        trust=best.trust if best else None,
        trust_by=f"{best.by} of {best.claim.source}" if best else None,
        is_edited=_is_edited(evidence, trusted),
        is_unknown=best is None and any(claim.is_unknown for claim in evidence.claims),
        warnings=list(dict.fromkeys(warnings)),
    )


def _weighed(evidence: Evidence, warnings: list[tuple[str, str]]) -> Iterator[_Weighed]:
    stale: set[str] = set()
    found = list(_judged(evidence, stale))
    trusted = {item.claim.source for item in found if item.trust}
    for source in sorted(stale - trusted):
        warnings.append(("sidecar-stale", f"{source} is about another file: its hashes differ"))
    several = Counter(claim.source for claim in evidence.claims)
    for item in found:
        # Of several versions in one file, those that are not proven say nothing of this one.
        if item.trust or several[item.claim.source] == 1:
            yield item


def _judged(evidence: Evidence, stale: set[str]) -> Iterator[_Weighed]:
    for claim in evidence.claims:
        verdicts = [_verdict(item, evidence) for item in claim.files]
        proof = next((by for trust, by in verdicts if trust == VERIFIED), None)
        if proof is not None:
            yield _Weighed(claim, VERIFIED, proof)
        elif any(trust == LIKELY for trust, _ in verdicts):
            yield _Weighed(claim, LIKELY, "name and size")
        else:
            if any(trust == _STALE for trust, _ in verdicts):
                stale.add(claim.source)
            yield _Weighed(claim, None, None)


def _verdict(claimed: ClaimedFile, evidence: Evidence) -> tuple[str | None, str | None]:
    """(trust, kind of hash) of what is claimed of one file."""
    is_refuted = False
    for kind, digits in _PROOFS:
        own, other = evidence.hashes.get(kind), claimed.hashes.get(kind)
        if own is None or other is None:
            continue
        if len(other) >= digits and own[0].startswith(other):
            return VERIFIED, kind
        is_refuted = is_refuted or not own[0].startswith(other)
    if is_refuted:
        return _STALE, None
    if claimed.size is None or evidence.size is None or abs(claimed.size - evidence.size) >= 1:
        return None, None
    is_named = claimed.name is not None and normal_name(claimed.name) == normal_name(os.path.basename(evidence.path))
    return (LIKELY if is_named else None), None


def _best_version(trusted: Sequence[_Weighed]) -> _Weighed | None:
    """The claim whose ids hold: the best, unless others that are trusted as much name other versions.

    A sidecar stands for a choice its owner made; among imported answers only a single one counts.
    """
    named = [item for item in trusted if item.claim.version_id is not None]
    if not named:
        return None
    equal = [item for item in named if item.trust == named[0].trust]
    beside = [item for item in equal if item.claim.source != IMPORT]
    if beside:
        return beside[0]
    return equal[0] if len({item.claim.version_id for item in equal}) == 1 else None


IMPORT: Final = "import"
"""`Claim.source` of imported answers."""


def _type(evidence: Evidence, trusted: Iterable[_Weighed]) -> tuple[str | None, str | None]:
    if evidence.header.type is not None:
        return evidence.header.type, "header"
    for item in trusted:
        said = SITE_TYPES.get((item.claim.type or "").replace(" ", "").lower())
        if said is not None:
            return said, item.claim.source
    folders = os.path.dirname(evidence.path).replace("\\", "/").split("/")[::-1]
    above = type_of_folders(folders)
    return above, "folder" if above else None


def _base(
    header: Header, weighed: Iterable[_Weighed], warnings: list[tuple[str, str]]
) -> tuple[str | None, str | None]:
    """The site's word where the tensors do not speak against it: they cannot tell Pony from SDXL."""
    shown = family(header.base)
    for item in weighed:
        base = item.claim.base
        if not base:
            continue
        said = family(base)
        if shown and said and shown != said:
            warnings.append(("sidecar-base-differs", f"{item.claim.source} says {base}, the header {header.base}"))
            continue
        return base, item.claim.source
    return header.base, "header" if header.base else None


def _hashes(evidence: Evidence, trusted: Iterable[_Weighed], warnings: list[tuple[str, str]]) -> Iterator[Hash]:
    for kind, (value, origin) in sorted(evidence.hashes.items()):
        yield Hash(kind=kind, value=value, origin=origin, digits=_DIGITS.get(kind, 0))
    for kind, written in sorted(evidence.header.hashes.items()):
        digest = clean_hash(written)
        if digest is None or ":" in digest:
            warnings.append(("header-hash", f"the header's {kind} hash is none: {written[:20]}"))
            continue
        is_cut = kind == "sshs" and written.lower().startswith("0x")
        yield Hash(kind=kind, value=digest, origin=HEADER, digits=_CUT_DIGITS if is_cut else _DIGITS[kind])
    seen = {(kind, value) for kind, (value, _) in evidence.hashes.items()}
    for item in trusted:
        for claimed in item.claim.files:
            if _verdict(claimed, evidence)[0] in _RANK:
                for kind, value in sorted(claimed.hashes.items()):
                    # Of a file whose header was edited also the hash that it was published with.
                    is_new = not any(kind == other and known.startswith(value) for other, known in seen)
                    if is_new and kind in _DIGITS and len(value) >= _DIGITS[kind]:
                        seen.add((kind, value))
                        yield Hash(kind=kind, value=value, origin=CLAIMED, digits=_DIGITS[kind])


def _is_edited(evidence: Evidence, trusted: Iterable[_Weighed]) -> bool:
    """Whether the tensors are those that were published and the file is not, or SwarmUI has written into the header."""
    sha256, tensors = evidence.hashes.get(SHA256), evidence.hashes.get(TENSORS)
    if tensors is None:
        return False
    if clean_hash(evidence.header.hashes.get("modelspec", "")) == tensors[0] and tensors[1] == COMPUTED:
        return not any(item.trust == VERIFIED and item.by == SHA256 for item in trusted)
    return sha256 is not None and any(
        item.trust == VERIFIED
        and any(
            _verdict(claimed, evidence) == (VERIFIED, TENSORS) and SHA256 in claimed.hashes
            for claimed in item.claim.files
        )
        for item in trusted
    )
