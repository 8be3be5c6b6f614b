"""Resources of a file: prompt tags, claims of all sources and hashes, joined by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple

from extractor.finding import ResourceClaim
from extractor.ledger import Ledger
from extractor.record import RESOURCE_KEYS
from extractor.text.jsontext import JsonObject, JsonValue, dump_json
from extractor.vocabulary.air import civitai_resource, parse_air
from extractor.vocabulary.models import (
    clean_hash,
    folded_name,
    is_name_hash,
    is_no_name,
    normal_name,
    prompt_tags,
    strip_model_name,
)

_FAMILIES: Final = {"lycoris": "lora", "dora": "lora", "locon": "lora", "checkpoint": "model"}
"""Types under which one and the same file may be listed."""

_HASH_TYPES: Final = ("lora", "lycoris", "hypernet", "embed", "vae", "upscaler", "controlnet")
"""Types whose ``TYPE:NAME`` keys in the hashes map name a resource."""

_TAG_RANK, _MODEL_RANK, _AFTER_MODEL_RANK, _LAST_RANK, _CIVITAI_RANK = 0, 2, 5, 8, 9
_RANKS: Final = {"lora": 1, "model": 3, "hypernet": 4, "embed": 6, "vae": 7}
"""Order in the list by family: LoRAs, the model (2), refiner, hypernetwork, AddNet (5), embeddings, VAE, others."""


class Joined(NamedTuple):
    """What `join_resources` gives; empty lists and maps mean that there is nothing to write."""

    resources: list[ResourceClaim]
    """Names without folder and extension, hashes in lower case without ``0x``, in the record's order."""
    hashes: dict[str, str]
    """Keys as in `Finding.hashes`, valid hashes only."""
    civitai_resources: list[JsonObject]


def join_resources(
    *,
    prompt: str | None,
    model: str | None,
    model_hash: str | None,
    vae: str | None,
    claims: Iterable[ResourceClaim],
    hashes: Mapping[str, str],
    civitai_resources: Iterable[JsonObject],
    log: Ledger,
) -> Joined:
    """One list of everything that made the picture; called once per file, after its fields were picked.

    Args:
        prompt: The final prompt; its ``<lora:...>`` tags are resources. (Tags in a negative prompt do nothing.)
        model: The final model name; it or its hash may lack.
        model_hash: The final model hash.
        vae: The final VAE name, or the word with which its tool says that none was chosen.
        claims: `Finding.resources` of all findings, best source first.
        hashes: `Finding.hashes` of all findings, the best source's value for each key.
        civitai_resources: `Finding.civitai_resources` of all findings, best source first.
        log: Takes the warnings ``limit:resources`` and ``hash-of-file-name``.

    The order is: prompt tags, other LoRAs, model, refiner, hypernetworks, Additional Networks, embeddings, VAE,
    the rest, and resources known by their Civitai version id alone. Claims of one family with the same name
    (case, folder, extension, ``:`` and ``,`` apart) are one resource: the first gives each value, so a LoRA
    that two tags name is listed once. An AIR in place of a name becomes an item of `Joined.civitai_resources`.
    """
    join = _Join(log)
    for item in civitai_resources:
        join.add_civitai(item)
    for tag in islice(prompt_tags(prompt), log.limits.resources) if prompt else ():
        join.add(tag, _TAG_RANK)
    if model or model_hash:
        join.add(ResourceClaim(type="model", name=model, hash=model_hash), _MODEL_RANK)
    cleaned = _clean_hashes(hashes, model_hash)
    for claim in claims:
        join.add(claim, _AFTER_MODEL_RANK if claim.after_model else None)
    if vae and not is_no_name(vae):
        join.add(ResourceClaim(type="vae", name=vae, hash=cleaned.get("vae")))
    for key, value in cleaned.items():
        join.add_hash(key, value)
    return Joined(join.resources(), cleaned, join.civitai_resources())


def _clean_hashes(hashes: Mapping[str, str], model_hash: str | None) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    seen: set[str] = set()
    for key, value in hashes.items():
        kind, colon, name = key.partition(":")
        identity = f"{kind.lower()}:{normal_name(name)}" if colon else key.lower()
        digest = clean_hash(value)
        if digest is not None and identity not in seen:
            seen.add(identity)
            cleaned[f"{kind.lower()}:{name}" if colon else key] = digest
    if model_hash and "model" not in cleaned:
        digest = clean_hash(model_hash)
        if digest is not None:
            cleaned["model"] = digest
    return cleaned


class _Join:
    """The growing lists, with indexes so that each claim costs the same however many there are."""

    __slots__ = ("_by_hash", "_by_name", "_by_version", "_civitai", "_families", "_log", "_ranked")

    def __init__(self, log: Ledger) -> None:
        self._log = log
        self._ranked: list[tuple[int, ResourceClaim]] = []
        self._families: set[str] = set()
        self._by_name: dict[tuple[str, str], ResourceClaim] = {}
        self._by_hash: dict[tuple[str, str], ResourceClaim] = {}
        self._by_version: dict[int, ResourceClaim] = {}
        self._civitai: dict[JsonValue, JsonObject] = {}

    def add_civitai(self, item: JsonObject) -> None:
        """Take one item of civitaiResources; of those with one version id the first gives each value."""
        key = item.get("modelVersionId")
        if not isinstance(key, int):
            key = dump_json(item)
        known = self._civitai.get(key)
        if known is not None:
            known.update({name: value for name, value in item.items() if name not in known})
        elif self._has_room(len(self._civitai)):
            self._civitai[key] = dict(item)

    def add(self, claim: ResourceClaim, rank: int | None = None) -> None:
        """Take a claim: what is known of the same resource is completed, else it is listed.

        `rank` is its place in the order, where that is not its type's.
        """
        claim = self._cleaned(claim)
        if claim.name is None and claim.hash is None and claim.model_version_id is None:
            return
        family = _FAMILIES.get(claim.type, claim.type)
        named = (family, folded_name(claim.name)) if claim.name else None
        known = self._known(claim, family, named)
        if known is not None:
            self._complete(known, claim)
            family = _FAMILIES.get(known.type, known.type)
            self._index(known, family, (family, folded_name(known.name)) if known.name else None)
        elif self._has_room(len(self._ranked)):
            if rank != _TAG_RANK and claim.model_version_id is not None and claim.hash is None:
                rank = _CIVITAI_RANK
            self._ranked.append((_RANKS.get(family, _LAST_RANK) if rank is None else rank, claim))
            self._families.add(family)
            self._index(claim, family, named)

    def add_hash(self, key: str, value: str) -> None:
        """Take an item of the hashes map. The model's own is that of `Model`, the refiner's is a claim."""
        kind, colon, name = key.partition(":")
        if colon and kind in _HASH_TYPES:
            self.add(ResourceClaim(type=kind, name=name, hash=value))
        elif key == "vae" and key not in self._families:
            self.add(ResourceClaim(type=key, hash=value))

    def resources(self) -> list[ResourceClaim]:
        """All entries in the record's order."""
        self._ranked.sort(key=itemgetter(0))
        for _, claim in self._ranked:
            self._is_of_name(claim)
        return [claim for _, claim in self._ranked]

    def civitai_resources(self) -> list[JsonObject]:
        """All items, in the order they came."""
        return list(self._civitai.values())

    def _cleaned(self, claim: ResourceClaim) -> ResourceClaim:
        """A copy with plain name and hash; an AIR in place of the name gives the version id."""
        name, version = claim.name, claim.model_version_id
        air = parse_air(name) if name and ":" in name else None
        if air is not None:
            self.add_civitai(civitai_resource(air, claim.weight))
            name, version = None, air.model_version_id
        return ResourceClaim(
            type=claim.type,
            name=strip_model_name(name) or None if name else None,
            hash=clean_hash(claim.hash) if claim.hash else None,
            weight=claim.weight,
            strength_clip=claim.strength_clip,
            model_version_id=version,
            after_model=claim.after_model,
        )

    def _known(self, claim: ResourceClaim, family: str, named: tuple[str, str] | None) -> ResourceClaim | None:
        """The entry for the same resource; `named` is what the claim's name is indexed by."""
        if named is not None and (known := self._by_name.get(named)) is not None:
            return known
        if claim.hash:
            known = self._by_hash.get((family, claim.hash))
            if known is not None and not (known.name and claim.name):
                return known
        return self._by_version.get(claim.model_version_id) if claim.model_version_id is not None else None

    def _index(self, entry: ResourceClaim, family: str, named: tuple[str, str] | None) -> None:
        if named is not None:
            self._by_name.setdefault(named, entry)
        if entry.hash:
            self._by_hash.setdefault((family, entry.hash), entry)
        if entry.model_version_id is not None:
            self._by_version.setdefault(entry.model_version_id, entry)

    def _has_room(self, count: int) -> bool:
        if count < self._log.limits.resources:
            return True
        self._log.limit("resources", "further resources are left out")
        return False

    def _complete(self, entry: ResourceClaim, claim: ResourceClaim) -> None:
        """Fill what the entry lacks; a hash that is only of the file's name gives way to a real one."""
        if entry.hash and claim.hash and entry.hash != claim.hash and self._is_of_name(entry):
            entry.hash = claim.hash
        for name in _COMPLETED:
            if getattr(entry, name) is None:
                setattr(entry, name, getattr(claim, name))

    def _is_of_name(self, entry: ResourceClaim) -> bool:
        """Whether an entry's hash is that of its file's name; a warning says so."""
        if not (entry.name and entry.hash and is_name_hash(entry.name, entry.hash)):
            return False
        self._log.add(
            "hash-of-file-name", f"{entry.name}: {entry.hash} is the hash of the file's name, not of the file"
        )
        return True


_COMPLETED: Final = tuple(name for name in RESOURCE_KEYS if name != "type")
