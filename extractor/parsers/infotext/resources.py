"""Models, LoRAs, embeddings... that the settings of an infotext name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from extractor.finding import Finding, ResourceClaim
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS
from extractor.parsers.infotext.settings import read_settings
from extractor.text.coerce import to_number
from extractor.text.jsontext import load_object
from extractor.vocabulary.models import MODEL_EXTENSIONS, clean_hash, is_no_name, prompt_tags

_ADDNET_UNITS: Final = range(1, 6)
TITLE_HASHES: Final = (8, 10, 12, 64)
"""Digits of the hash in a checkpoint's title."""


def read_resources(folded: dict[str, str], finding: Finding, log: Ledger) -> None:
    """Fill `hashes` and `resources` of the finding from settings whose keys are case folded."""
    if not _READERS.keys().isdisjoint(folded):
        for key, read in _READERS.items():
            if key in folded:
                read(folded[key], folded, finding, log)
    finding.resources += numbered_resources(folded)
    _read_control_units(folded, finding, log)


def _read_hashes(value: str, _: Settings, finding: Finding, log: Ledger) -> None:
    for key, digest in (load_object(value, log, "Hashes") or {}).items():
        kind, colon, name = key.partition(":")
        if isinstance(digest, str) and not _add_hash(finding, key, digest) and colon:
            finding.resources.append(ResourceClaim(type=kind.lower(), name=name))


def _add_hash(finding: Finding, key: str, digest: str) -> bool:
    """Keep a hash, unless a better source gave one; False when there is none: such a word must not stand
    before a real one.
    """
    if clean_hash(digest) is None:
        return key in finding.hashes
    finding.hashes.setdefault(key, digest)
    return True


def _read_lora_hashes(value: str, folded: Settings, finding: Finding, _: Ledger) -> None:
    nameless = _read_named_hashes("lora", value, finding)
    if nameless and "lora networks" not in folded:
        finding.resources += _unnamed([], nameless)


def _read_networks(value: str, folded: Settings, finding: Finding, _: Ledger) -> None:
    hashes = [item for item in _items(folded.get("lora hashes", "")) if ":" not in item]
    finding.resources += _unnamed(_items(value), hashes)


def _read_ti_hashes(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
    for digest in _read_named_hashes("embed", value, finding):
        finding.resources.append(ResourceClaim(type="embed", hash=digest))


def _read_lora_weights(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
    for item in _items(value):
        name, _colon, number = item.rpartition(":")
        weight = to_number(number)
        if name.strip() and weight is not None:
            finding.resources.append(ResourceClaim(type="lora", name=name.strip(), weight=weight))


def _read_embeddings(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
    finding.resources += [ResourceClaim(type="embed", name=name) for name in _items(value)]


def _read_tags(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
    finding.resources += prompt_tags(value)


def _read_vae_hash(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
    _add_hash(finding, "vae", value)


def _read_checkpoint(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
    name, digest = name_and_hash(value, "[]")
    if name:
        finding.resources.append(ResourceClaim(type="model", name=name, hash=digest))


def _read_refiner(value: str, folded: Settings, finding: Finding, log: Ledger) -> None:
    _read_checkpoint(value, folded, finding, log)
    digest = name_and_hash(value, "[]")[1]
    if digest:
        _add_hash(finding, "refiner", digest)


def _read_hypernet(value: str, folded: Settings, finding: Finding, _: Ledger) -> None:
    name, digest = name_and_hash(value, "()")
    if name:
        weight = to_number(folded.get("hypernet strength"))
        digest = digest or folded.get("hypernet hash")
        finding.resources.append(ResourceClaim(type="hypernet", name=name, hash=digest, weight=weight))


def _read_additional_networks(value: str, folded: Settings, finding: Finding, _: Ledger) -> None:
    """The units of the Additional Networks extension. ``Weight A`` is the model's, ``B`` the text encoder's."""
    if value.casefold() != "true":
        return
    for unit in _ADDNET_UNITS:
        name, digest = name_and_hash(folded.get(f"addnet model {unit}", ""), "()")
        if name:
            claim = ResourceClaim(type=folded.get(f"addnet module {unit}", "lora").casefold(), name=name, hash=digest)
            claim.weight = to_number(folded.get(f"addnet weight a {unit}", folded.get(f"addnet weight {unit}")))
            claim.strength_clip = to_number(folded.get(f"addnet weight b {unit}"))
            claim.after_model = True
            finding.resources.append(claim)


def _file_reader(kind: str) -> Reader:
    """A reader of settings that name a resource only when they hold a hash or a file name: others are built in."""

    def read(value: str, _: Settings, finding: Finding, __: Ledger) -> None:
        name, digest = name_and_hash(value, "[]")
        if name and (digest or name.lower().endswith(MODEL_EXTENSIONS)):
            finding.resources.append(ResourceClaim(type=kind, name=name, hash=digest))

    return read


_NUMBERED: Final = re.compile(
    r"(?P<kind>lora|lycoris|lyco|embedding|hypernetwork|controlnet)"
    r"(?:[ _#-]?(?P<at>[0-9]{1,3})(?:[ _](?P<key>.+))?|[ _](?P<before>[a-z_ ]{1,20})[ _](?P<behind>[0-9]{1,3}))"
)
"""Key, case folded, of one of several things: ``lora_0 model name``, ``lora 1``, ``lora_name_1``."""
_NUMBERED_TYPES: Final = {"lyco": "lycoris", "embedding": "embed", "hypernetwork": "hypernet"}
_READ_ALONE: Final = frozenset(("controlnet",))
"""Kinds whose numbers alone as a key have a reader of their own."""
_NAME_KEYS: Final = ("model name", "name", "model", "model file", "file")
_HASH_KEYS: Final = ("model hash", "hash")
_WEIGHT_KEYS: Final = ("strength model", "model strength", "weight", "strength", "control weight", "model weight")
_CLIP_KEYS: Final = ("strength clip", "clip strength", "clip weight")


def numbered_resources(folded: Settings) -> Iterator[ResourceClaim]:
    """Resources with several keys each: ``Lora_0 Model name``, ``Lora_0 Strength model``, ``LoRA 1 Weight``..."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key, value in folded.items():
        match = _NUMBERED.fullmatch(key)
        if match is not None:
            unit = found.setdefault((match["kind"], match["at"] or match["behind"]), {})
            unit.setdefault((match["key"] or match["before"] or "").replace("_", " "), value)
    for (kind, _), unit in found.items():
        alone = unit.pop("", "") if kind not in _READ_ALONE else ""
        if ":" in alone:
            unit |= {name.casefold(): text for name, text in read_settings(alone, Ledger()).pairs}
        elif alone and to_number(alone) is None:
            unit.setdefault("name", alone)
        claim = _claim_of(_NUMBERED_TYPES.get(kind, kind), unit)
        if claim is not None:
            yield claim


def _claim_of(kind: str, unit: Settings) -> ResourceClaim | None:
    """The resource of one unit's settings; None when it names nothing."""
    name, digest = name_and_hash(_first(unit, _NAME_KEYS), "[]")
    digest = _first(unit, _HASH_KEYS) or digest
    if (name is None and clean_hash(digest or "") is None) or unit.get("enabled", "").casefold() == "false":
        return None
    weight, clip = to_number(_first(unit, _WEIGHT_KEYS)), to_number(_first(unit, _CLIP_KEYS))
    return ResourceClaim(
        type=kind, name=name, hash=digest, weight=weight, strength_clip=None if clip == weight else clip
    )


def _first(unit: Settings, keys: tuple[str, ...]) -> str:
    return next((unit[key] for key in keys if key in unit), "")


_CONTROL_UNIT: Final = re.compile(r"controlnet(?:[ -]?[0-9]{1,3})?")
_CONTROL_MODEL: Final = re.compile(r"(?:adetailer )?controlnet model(?: [2-9](?:nd|rd|th))?")


def _read_control_units(folded: Settings, finding: Finding, log: Ledger) -> None:
    """ControlNet's models: alone, or in the text of a unit (``ControlNet 0: "Module: canny, Model: c [e3fe7712]"``)."""
    for key, value in folded.items():
        unit: Settings = {}
        if _CONTROL_UNIT.fullmatch(key):
            unit = {name.casefold(): text for name, text in read_settings(value, Ledger(log.limits)).pairs}
        elif _CONTROL_MODEL.fullmatch(key):
            unit = {name: folded.get(key.replace(" model", f" {name}"), "") for name in ("model", "weight", "enabled")}
        claim = _claim_of("controlnet", unit) if unit else None
        if claim is not None:
            finding.resources.append(claim)


Settings: TypeAlias = Mapping[str, str]
Reader: TypeAlias = Callable[[str, Settings, Finding, Ledger], None]

_READERS: Final[dict[str, Reader]] = {
    "hashes": _read_hashes,
    "lora hashes": _read_lora_hashes,
    "lora networks": _read_networks,
    "lora weights": _read_lora_weights,
    "ti hashes": _read_ti_hashes,
    "vae hash": _read_vae_hash,
    "refiner": _read_refiner,
    "hires checkpoint": _read_checkpoint,
    "hypernet": _read_hypernet,
    "addnet enabled": _read_additional_networks,
    "embeddings": _read_embeddings,
    "lora": _read_tags,
    "loras": _read_tags,
    "hires upscaler": _file_reader("upscaler"),
    "postprocess upscaler": _file_reader("upscaler"),
    "postprocess upscaler 2": _file_reader("upscaler"),
    **{f"adetailer model{unit}": _file_reader("adetailer") for unit in ("", " 2nd", " 3rd", " 4th")},
    "detailer model": _file_reader("adetailer"),
}
"""Setting -> its reader, in the order of the record. ``Hashes`` come before ``Lora hashes``: they are the SHA-256
of the file, while the latter may be what a trainer wrote into it."""


def _items(value: str) -> list[str]:
    """The pieces between commas, as many as a file may have resources."""
    bound = DEFAULT_LIMITS.resources
    pieces = (piece.strip() for piece in value.strip('"').split(",", bound)[:bound])
    return [piece for piece in pieces if piece]


def _read_named_hashes(kind: str, value: str, finding: Finding) -> list[str]:
    """Read ``name: hash, name: hash``, or an object of them; returns the hashes that stand without a name."""
    nameless = []
    for item in _listed_hashes(value):
        name, weight, digest = _named_hash(item)
        if not name:
            nameless.append(digest)
            continue
        known = _add_hash(finding, f"{kind}:{name}", digest)
        if weight is not None or not known:
            finding.resources.append(ResourceClaim(type=kind, name=name, weight=weight))
    return nameless


def _listed_hashes(value: str) -> list[str]:
    if value.startswith("{"):
        members = load_object(value, Ledger(), "hashes") or {}
        return [f"{name}: {digest}" for name, digest in members.items() if isinstance(digest, str)]
    return _items(value[1:-1] if value[:1] + value[-1:] == "[]" else value)


def _named_hash(item: str) -> tuple[str, float | int | None, str]:
    """(name, weight, hash) of ``name: hash``, ``name: hash: weight`` or a hash alone."""
    name, _, digest = item.rpartition(":")
    weight = None
    inner, colon, before = name.rpartition(":")
    if colon and "." in digest and clean_hash(before):
        name, weight, digest = inner, to_number(digest), before
    return name.strip(), weight, digest.strip()


def _unnamed(names: list[str], hashes: list[str]) -> Iterator[ResourceClaim]:
    """SD.Next lists names and hashes apart, and only the hashes it knows: they belong together by their number."""
    if len(names) == len(hashes):
        for name, digest in zip(names, hashes, strict=True):
            yield ResourceClaim(type="lora", name=name, hash=digest)
        return
    for name in names:
        yield ResourceClaim(type="lora", name=name)
    for digest in hashes:
        yield ResourceClaim(type="lora", hash=digest)


def name_and_hash(value: str, brackets: str) -> tuple[str | None, str | None]:
    """``name [hash]`` or ``name(hash)`` in two: everything before the last pair of brackets is the name."""
    value = value.strip()
    if is_no_name(value):
        return None, None
    if value.endswith(brackets[1]):
        name, opening, digest = value[:-1].rpartition(brackets[0])
        if opening and clean_hash(digest) and name.strip():
            return name.strip(), digest.strip()
    return value, None
