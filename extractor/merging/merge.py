"""The findings of a file become one meta object: per field, the best source wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar, cast

from extractor.embedded import Carrier
from extractor.finding import SCHEMA_KEYS, Finding, Kind, ResourceClaim
from extractor.ledger import Ledger
from extractor.merging.resources import join_resources
from extractor.record import META_KEYS, RESOURCE_KEYS
from extractor.text.jsontext import JsonObject, JsonValue
from extractor.vocabulary.models import clean_hash, strip_model_name

_GRAPH: Final = Kind.GRAPH
_INFOTEXT: Final = Kind.INFOTEXT
_PARTNERS: Final = {"sampler": "scheduler", "model": "model_hash"}
"""Fields that are picked together: the partner comes from the source of the first, or not at all."""

_JOINED: Final = ("resources", "hashes", "civitai_resources")
"""Fields put together from what all sources say of them."""


def _units() -> Iterator[tuple[str, ...]]:
    for name in META_KEYS:
        if name in _PARTNERS:
            yield name, _PARTNERS[name]
        elif name not in _JOINED and name not in _PARTNERS.values():
            yield (name,)
    yield ("created_at",)


UNITS: Final = tuple(_units())
"""The fields of `Finding` that are picked from the best source, with their partners."""

_FIELDS: Final = tuple(name for unit in UNITS for name in unit)
_values_of: Final = attrgetter(*_FIELDS)

ALIASES: Final = META_KEYS | {"created_at": "created_at"}
"""Field of `Finding` -> key of the meta object (the date is taken out of it again)."""

SAVER_FIELDS: Final = frozenset(
    (
        "prompt",
        "negative_prompt",
        "seed",
        "steps",
        "cfg_scale",
        "sampler",
        "scheduler",
        "size",
        "model",
        "model_hash",
    )
)
"""Fields for which a graph is believed over the infotext that one of its own nodes wrote."""

_claimed_by: Final = attrgetter(*RESOURCE_KEYS)

_WEAK_GENERATORS: Final = frozenset((("a1111", None), ("unknown", None)))
"""(generator, version) that are a guess for want of a better one; any other finding names it better."""


_NONE_REFUSED: Final[frozenset[str]] = frozenset()

_Ruled: TypeAlias = tuple[Finding, frozenset[str]]
"""A finding with the names of its fields that prove nothing about the picture."""


@dataclass(slots=True)
class Merged:
    """What all findings of a file say together."""

    meta: JsonObject | None
    """Values of the meta object under its own keys; None when there is no generation data."""
    generator: str | None = None
    version: str | None = None
    sources: list[str] = field(default_factory=list)
    created_at: str | None = None


def merge_findings(findings: list[Finding], log: Ledger) -> Merged:
    """Merge by precedence: structured block, infotext, graph, generic, sidecar; within one kind by carrier."""
    if not findings:
        return Merged(None)
    ranked = sorted(findings, key=_rank)
    ruled = _apply_saver_rule(ranked, log)
    picked = _pick_fields(ruled, log)
    created_at = picked.pop(ALIASES["created_at"], None)
    meta = _meta(picked, ruled, log)
    generator, version = _generator(ranked)
    return Merged(
        meta=meta or None,
        generator=generator,
        version=version,
        sources=list(dict.fromkeys(finding.text.source for finding in ranked)),
        created_at=created_at if isinstance(created_at, str) else None,
    )


def _generator(ranked: list[Finding]) -> tuple[str | None, str | None]:
    for finding in ranked:
        name = finding.generator, finding.version
        if name not in _WEAK_GENERATORS:
            return name
    return ranked[0].generator, ranked[0].version


def _apply_saver_rule(ranked: list[Finding], log: Ledger) -> list[_Ruled]:
    """Each finding, with what a save node's unlinked widgets alone say taken as unproven."""
    graph = next((finding for finding in ranked if finding.kind is _GRAPH), None)
    ruled = []
    for finding in ranked:
        refused = _NONE_REFUSED
        if finding.kind is _INFOTEXT:
            if graph is None:
                if _is_saver_default(finding):
                    refused = SAVER_FIELDS
                    log.add("saver-default", f"{finding.text.source}: only the default values of a save node")
            elif graph.saver_defaults is not None:
                known = {name for name in SAVER_FIELDS if getattr(graph, name) is not None}
                refused = SAVER_FIELDS & (known | graph.saver_defaults)
        ruled.append((finding, refused))
    return ruled


def _is_saver_default(finding: Finding) -> bool:
    """A ComfyUI save node whose inputs were left unwired writes exactly this."""
    return finding.prompt == "unknown" and finding.seed == 0 and finding.size == "512x512"


def _pick_fields(ruled: list[_Ruled], log: Ledger) -> JsonObject:
    """The best source's value of each field, under the keys of the meta object."""
    if len(ruled) == 1 and not ruled[0][1]:  # of one source, as most files have, all counts: 3 % of reading a file
        values = zip(_FIELDS, _values_of(ruled[0][0]), strict=True)
        return {ALIASES[name]: value for name, value in values if value is not None}
    given: dict[str, list[Finding]] = {}
    for finding, refused in ruled:
        for name, value in zip(_FIELDS, _values_of(finding), strict=True):
            if value is not None and name not in refused:
                given.setdefault(name, []).append(finding)
    picked: JsonObject = {}
    for unit in UNITS:
        for lead in unit:
            if lead in given:
                owner = _best_of(lead, given[lead], log)
                for name in unit:
                    value = getattr(owner, name)
                    if value is not None:
                        picked[ALIASES[name]] = value
                break
    return picked


def _best_of(name: str, given: list[Finding], log: Ledger) -> Finding:
    """The best of the findings that give the field; warns when its equals say otherwise."""
    owner = given[0]
    for finding in given[1:]:
        if _rank(finding) != _rank(owner):
            break
        if _normal(getattr(finding, name)) != _normal(getattr(owner, name)):
            log.add(
                "sources-disagree",
                f"{ALIASES[name]}: {owner.text.source} and {finding.text.source} differ; the first counts",
            )
    return owner


def _rank(finding: Finding) -> tuple[Kind, Carrier]:
    return finding.kind, finding.text.carrier


def _normal(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _meta(picked: JsonObject, ruled: list[_Ruled], log: Ledger) -> JsonObject:
    """The meta object: picked fields, resources joined from all sources, and every other key of every source."""
    ranked = [finding for finding, _ in ruled]
    meta = picked
    if "Model" in meta:
        meta["Model"] = strip_model_name(cast("str", meta["Model"]))
    if "VAE" in meta and next(found.kind for found in ranked if found.vae is not None) is not _INFOTEXT:
        meta["VAE"] = strip_model_name(cast("str", meta["VAE"]))
    joined = join_resources(
        prompt=cast("str | None", meta.get("prompt")),
        model=cast("str | None", meta.get("Model")),
        model_hash=cast("str | None", meta.get("Model hash")) or _listed_model_hash(meta, ranked),
        vae=cast("str | None", meta.get("VAE")),
        claims=[claim for finding in ranked for claim in finding.resources],
        hashes=_union([_proven_hashes(finding, refused) for finding, refused in ruled]),
        civitai_resources=[item for finding in ranked for item in finding.civitai_resources],
        log=log,
    )
    if joined.resources:
        meta["resources"] = [_resource(claim) for claim in joined.resources]
    if joined.hashes:
        meta["hashes"] = cast("JsonObject", joined.hashes)
    if joined.civitai_resources:
        meta["civitaiResources"] = cast("list[JsonValue]", joined.civitai_resources)
    meta.update(_union([_free_keys(finding.other) for finding in ranked]))
    return meta


def _listed_model_hash(meta: JsonObject, ranked: list[Finding]) -> str | None:
    """The model's hash from the list of hashes of the very source that named the model."""
    name = meta.get("Model")
    if name is None:
        return None
    owner = next((found for found in ranked if found.model and strip_model_name(found.model) == name), None)
    return owner.hashes.get("model") if owner is not None else None


def _proven_hashes(finding: Finding, refused: frozenset[str]) -> dict[str, str]:
    """The hashes of a finding that are some; that of a model that proves nothing goes with it."""
    return {
        key: value
        for key, value in finding.hashes.items()
        if clean_hash(value) is not None and (key != "model" or "model" not in refused)
    }


def _free_keys(other: JsonObject) -> JsonObject:
    if SCHEMA_KEYS.isdisjoint(other):
        return other
    return {key: value for key, value in other.items() if key not in SCHEMA_KEYS}


def _resource(claim: ResourceClaim) -> JsonObject:
    values = zip(RESOURCE_KEYS.values(), _claimed_by(claim), strict=True)
    return {key: value for key, value in values if value is not None}


_Value = TypeVar("_Value")


def _union(parts: list[dict[str, _Value]]) -> dict[str, _Value]:
    """All keys of all parts; the first part that has a key gives its value."""
    result = dict(parts[0])
    for part in parts[1:]:
        for key, value in part.items():
            result.setdefault(key, value)
    return result
