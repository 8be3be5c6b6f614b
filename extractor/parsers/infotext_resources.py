"""Models, LoRAs, embeddings... that the settings of an infotext name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extractor.coerce import to_number
from extractor.finding import Finding, ResourceClaim
from extractor.jsontext import load_object
from extractor.resources import MODEL_EXTENSIONS, clean_hash
from extractor.warning import WarningLog

_NAMED_HASHES: Final = (("lora hashes", "lora"), ("ti hashes", "embed"))
"""Settings of the form ``name: hash, name: hash``, and the type of what they name."""

_CHECKPOINTS: Final = ("refiner", "hires checkpoint")
"""Settings that name a further model as ``name [hash]``."""

_FILES: Final = (
    ("hires upscaler", "upscaler"),
    ("postprocess upscaler", "upscaler"),
    ("postprocess upscaler 2", "upscaler"),
    ("adetailer model", "adetailer"),
    ("adetailer model 2nd", "adetailer"),
    ("adetailer model 3rd", "adetailer"),
    ("adetailer model 4th", "adetailer"),
    ("controlnet model", "controlnet"),
    *((f"controlnet-{unit} model", "controlnet") for unit in range(4)),
)
"""Settings that name a resource only when they hold a hash or a file name: others are built in."""

_ADDNET_UNITS: Final = range(1, 6)
_NOTHING: Final = frozenset(("none", "automatic", "use same checkpoint"))


def read_resources(folded: dict[str, str], finding: Finding, log: WarningLog) -> None:
    """Fill `hashes` and `resources` of the finding from settings whose keys are case folded.

    ``Hashes`` come before ``Lora hashes``: they are plain SHA-256, while the latter may be what a trainer wrote.
    """
    hashes = finding.hashes
    if finding.model_hash is not None:
        hashes["model"] = finding.model_hash
    if not folded:
        return
    listed = folded.get("hashes")
    for key, value in (load_object(listed, log, "Hashes") or {}).items() if listed else ():
        if isinstance(value, str):
            hashes.setdefault(key, value)
    _read_named_hashes(folded, finding)
    vae_hash = folded.get("vae hash")
    if vae_hash is not None:
        hashes.setdefault("vae", vae_hash)
    for key in _CHECKPOINTS:
        name, digest = _name_and_hash(folded.get(key, ""), "[]")
        if name:
            finding.resources.append(ResourceClaim(type="model", name=name, hash=digest))
            if digest and key == "refiner":
                hashes.setdefault(key, digest)
    hypernet, digest = _name_and_hash(folded.get("hypernet", ""), "()")
    if hypernet:
        digest = digest or folded.get("hypernet hash")
        weight = to_number(folded.get("hypernet strength"))
        finding.resources.append(ResourceClaim(type="hypernet", name=hypernet, hash=digest, weight=weight))
    if "addnet enabled" in folded:
        finding.resources += _additional_networks(folded)
    for name in _items(folded.get("embeddings", "")):
        finding.resources.append(ResourceClaim(type="embed", name=name))
    for key, kind in _FILES:
        if key in folded:
            name, digest = _name_and_hash(folded[key], "[]")
            if name and (digest or name.lower().endswith(MODEL_EXTENSIONS)):
                finding.resources.append(ResourceClaim(type=kind, name=name, hash=digest))


def _items(value: str) -> list[str]:
    pieces = (piece.strip() for piece in value.strip('"').split(","))
    return [piece for piece in pieces if piece]


def _read_named_hashes(folded: dict[str, str], finding: Finding) -> None:
    for setting, kind in _NAMED_HASHES:
        value = folded.get(setting)
        if value is None:
            continue
        nameless = []
        for item in _items(value):
            name, weight, digest = _named_hash(item)
            if name:
                finding.hashes.setdefault(f"{kind}:{name}", digest)
                if weight is not None:
                    finding.resources.append(ResourceClaim(type=kind, name=name, weight=weight))
            else:
                nameless.append(digest)
        names = _items(folded.get("lora networks", "")) if kind == "lora" else []
        finding.resources += _unnamed(names, nameless)
    for item in _items(folded.get("lora weights", "")):
        name, _, weight_text = item.rpartition(":")
        weight = to_number(weight_text)
        if name.strip() and weight is not None:
            finding.resources.append(ResourceClaim(type="lora", name=name.strip(), weight=weight))


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


def _name_and_hash(value: str, brackets: str) -> tuple[str | None, str | None]:
    """``name [hash]`` or ``name(hash)`` in two: everything before the last pair of brackets is the name."""
    value = value.strip()
    if not value or value.casefold() in _NOTHING:
        return None, None
    if value.endswith(brackets[1]):
        name, opening, digest = value[:-1].rpartition(brackets[0])
        if opening and clean_hash(digest) and name.strip():
            return name.strip(), digest.strip()
    return value, None


def _additional_networks(folded: dict[str, str]) -> Iterator[ResourceClaim]:
    """The units of the Additional Networks extension. ``Weight A`` is the model's, ``B`` the text encoder's."""
    if folded["addnet enabled"].casefold() != "true":
        return
    for unit in _ADDNET_UNITS:
        name, digest = _name_and_hash(folded.get(f"addnet model {unit}", ""), "()")
        if name:
            yield ResourceClaim(
                type=folded.get(f"addnet module {unit}", "lora").casefold(),
                name=name,
                hash=digest,
                weight=to_number(folded.get(f"addnet weight a {unit}", folded.get(f"addnet weight {unit}"))),
                strength_clip=to_number(folded.get(f"addnet weight b {unit}")),
                after_model=True,
            )
