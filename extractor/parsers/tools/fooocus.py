"""Fooocus (JSON scheme) and its relatives RuinedFooocus and Fooocus-MRE."""

from __future__ import annotations

import re
from typing import Final

from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, to_hash, to_name
from extractor.text.coerce import to_number, to_text
from extractor.text.jsontext import JsonValue

_COMBINED: Final = re.compile(r"(?:lora_combined_|LoRA )\d{1,3}")
"""``lora_combined_1: "name : 0.5"``: a second copy of ``loras``, the only one in some files."""
_NO_LORAS: Final[tuple[JsonValue, ...]] = ([], "", "Loras:")
_TAG: Final = re.compile(r"<([^<>]{1,500})>")
_NUMBERED: Final = tuple((f"l{slot}", f"w{slot}") for slot in range(1, 33))
"""Fooocus-MRE numbers its LoRA slots ``l1``/``w1``, ``l2``/``w2``..."""
_VERSION: Final = re.compile(r"(?<![A-Za-z0-9])v?\d[\w.-]*+")


def _parts(item: JsonValue) -> tuple[str | None, int | float | None, str | None]:
    """(name, weight, hash) of a LoRA: text, object, ``[name, weight, hash]`` or ``[hash, "0.5 - name"]``."""
    if isinstance(item, str):
        return (*_split_text(item), None)
    if isinstance(item, dict):
        return to_text(item.get("name")), to_number(item.get("weight")), to_hash(item.get("hash"))
    if not isinstance(item, list):
        return None, None, None
    first, second, third = (*item, None, None, None)[:3]
    if isinstance(second, str):
        name, weight = _split_text(second)
        if weight is not None:
            return name, weight, to_hash(first)
    return to_text(first), to_number(second), to_hash(third)


def _split_text(text: str) -> tuple[str | None, int | float | None]:
    """(name, weight) of ``name:0.5``, ``name : 0.5`` or ``0.5 - name``."""
    text = text.strip().strip("<>")
    name, _, weight = text.rpartition(":")
    number = to_number(weight)
    if name and number is not None:
        return to_text(name), number
    weight, _, name = text.partition(" - ")
    number = to_number(weight)
    return (to_text(name), number) if name and number is not None else (to_text(text), None)


def _add_lora(finding: Finding, item: JsonValue) -> bool:
    """Add the LoRA of one slot, if it is in use; whether the slot could be read."""
    name, weight, digest = _parts(item)
    if to_name(name) is not None:
        finding.resources.append(ResourceClaim(type="lora", name=name, weight=weight, hash=digest))
    return name is not None


def _take_loras(fields: Fields, finding: Finding) -> None:
    value = fields.rest.get("loras")
    if value is None:
        return
    items = _TAG.findall(value) if isinstance(value, str) else value
    if not isinstance(items, list):
        fields.warn("loras", value)
        return
    read = [_add_lora(finding, item) for item in fields.bounded(items)]
    if not all(read) or (not read and value not in _NO_LORAS):
        fields.warn("loras", value)
    else:
        del fields.rest["loras"]


def _take_combined(fields: Fields, finding: Finding) -> None:
    for key in [key for key in fields.rest if _COMBINED.fullmatch(key)]:
        value = fields.rest[key]
        if not isinstance(value, str):
            fields.warn(key, value)
            continue
        _add_lora(finding, value)
        del fields.rest[key]


def _take_numbered(fields: Fields, finding: Finding) -> None:
    for name_key, weight_key in _NUMBERED:
        if name_key in fields.rest and to_name(fields.rest[name_key]) is not None:
            name = fields.take(to_name, name_key)
            weight = fields.take(to_number, weight_key)
            finding.resources.append(ResourceClaim(type="lora", name=name, weight=weight))


def _take_refiner(fields: Fields, finding: Finding) -> None:
    refiner = fields.take(to_name, "refiner_model", "refiner_model_name", "Refiner Model")
    if refiner is not None:
        digest = fields.take(to_hash, "refiner_model_hash")
        finding.resources.append(ResourceClaim(type="model", name=refiner, hash=digest))


def _take_version(fields: Fields, finding: Finding) -> None:
    """``v2.5.5`` of ``Fooocus v2.5.5``; the name in front is the generator."""
    for key in ("version", "Version", "software"):
        value = fields.rest.get(key)
        if isinstance(value, str):
            match = _VERSION.search(value[:200])
            finding.version = match[0] if match else finding.version
            del fields.rest[key]


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    _take_loras(fields, finding)
    _take_combined(fields, finding)
    _take_numbered(fields, finding)
    _take_refiner(fields, finding)
    _take_version(fields, finding)


FOOOCUS: Final = Tool(
    generator="fooocus",
    markers=(
        frozenset(("metadata_scheme", "base_model")),
        frozenset(("full_prompt", "full_negative_prompt")),
        frozenset(("base_model", "guidance_scale", "sharpness")),
        frozenset(("base_model", "adm_guidance")),
        frozenset(("Base Model", "Guidance Scale", "Sharpness")),
    ),
    signature=("version", "fooocus"),
    keys={
        "prompt": ("prompt", "Prompt"),
        "negative_prompt": ("negative_prompt", "Negative Prompt"),
        "seed": ("seed", "Seed"),
        "steps": ("steps", "Steps"),
        "cfg_scale": ("guidance_scale", "Guidance Scale"),
        "sampler": ("sampler", "Sampler"),
        "scheduler": ("scheduler", "Scheduler"),
        "size": ("resolution", "Resolution"),
        "model": ("base_model", "Base Model"),
        "model_hash": ("base_model_hash",),
        "vae": ("vae", "VAE"),
        "clip_skip": ("clip_skip", "CLIP Skip"),
    },
    refine=_refine,
)
"""Keys of its JSON scheme, then the labels of its log, which its forks write too."""

RUINED: Final = Tool(
    generator="ruined-fooocus",
    markers=(frozenset(("Prompt", "base_model_name")),),
    signature=("software", "ruinedfooocus"),
    keys={
        "prompt": ("Prompt",),
        "negative_prompt": ("Negative",),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("cfg",),
        "sampler": ("sampler_name",),
        "scheduler": ("scheduler",),
        "width": ("width",),
        "height": ("height",),
        "model": ("base_model_name",),
        "model_hash": ("base_model_hash",),
        "denoise": ("denoise",),
        "clip_skip": ("clip_skip",),
    },
    refine=_refine,
)

MRE: Final = Tool(
    generator="fooocus-mre",
    markers=(frozenset(("real_prompt", "real_negative_prompt")),),
    signature=("software", "fooocus"),
    keys={
        "prompt": ("prompt",),
        "negative_prompt": ("negative_prompt",),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("cfg",),
        "sampler": ("sampler",),
        "scheduler": ("scheduler",),
        "size": ("resolution",),
        "width": ("width",),
        "height": ("height",),
        "model": ("base_model",),
        "model_hash": ("base_model_hash",),
        "denoise": ("denoise",),
        "clip_skip": ("base_clip_skip",),
    },
    refine=_refine,
)
