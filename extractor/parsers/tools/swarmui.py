"""SwarmUI (StableSwarmUI): ``sui_image_params`` with ``sui_models`` and ``sui_extra_data`` beside it."""

from __future__ import annotations

from typing import Final

from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, to_hash, to_name
from extractor.text.coerce import to_number, to_text
from extractor.text.jsontext import JsonValue

_TYPES: Final = {
    "loras": "lora",
    "used_embeddings": "embed",
    "embeddings": "embed",
    "vae": "vae",
    "refinervae": "vae",
    "model": "model",
    "refinermodel": "model",
    "segmentmodel": "model",
    "videomodel": "model",
    "videoswapmodel": "model",
    "controlnetmodel": "controlnet",
    "controlnettwomodel": "controlnet",
    "controlnetthreemodel": "controlnet",
}
"""Parameter that a model was chosen for -> type of the resource; others keep the parameter's word."""

_CHOSEN: Final = ("refinermodel", "controlnetmodel", "controlnettwomodel", "controlnetthreemodel", "videomodel")
"""Parameters of ``sui_image_params`` that name a model; older versions list no ``sui_models``."""

_EXTENSION: Final = ".safetensors"


def _same(listed: str | None, chosen: str) -> bool:
    """``sui_models`` has the extension, the parameters have not; folders agree but for the slash."""
    names = [name.replace("\\", "/").casefold().removesuffix(_EXTENSION) for name in (listed or "", chosen)]
    return names[0] == names[1]


def _items(value: JsonValue) -> list[JsonValue] | None:
    """A list, or the older text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value.strip() else []
    return value if isinstance(value, list) else None


def _weights(fields: Fields, key: str, count: int) -> list[int | float | None]:
    """One weight for each LoRA, or none at all when the lists differ in length."""
    items = _items(fields.rest.get(key))
    if items is None or len(items) != count:
        if items:
            fields.warn(key, items)
        return [None] * count
    del fields.rest[key]
    return [to_number(item) for item in items]


def _loras(fields: Fields) -> list[ResourceClaim]:
    names = _items(fields.rest.get("loras"))
    if names is None:
        if fields.rest.get("loras") is not None:
            fields.warn("loras", fields.rest["loras"])
        return []
    names = fields.bounded(names)
    weights = _weights(fields, "loraweights", len(names))
    clip_weights = _weights(fields, "loratencweights", len(names))
    del fields.rest["loras"]
    return [
        ResourceClaim(type="lora", name=name, weight=weight, strength_clip=clip)
        for item, weight, clip in zip(names, weights, clip_weights, strict=True)
        if (name := to_name(item)) is not None
    ]


def _model(item: Fields) -> ResourceClaim | None:
    name = item.take(to_text, "name")
    param = item.take(to_text, "param")
    digest = item.take(to_hash, "hash")
    if name is None or param is None:
        return None
    return ResourceClaim(type=_TYPES.get(param, param), name=name, hash=digest)


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    finding.resources = _loras(fields)
    for claim in fields.claims("sui_models", _model):
        if claim.type == "model" and finding.model is not None and _same(claim.name, finding.model):
            finding.model_hash = claim.hash
        else:
            finding.resources.append(claim)
    for key in _CHOSEN:
        name = fields.take(to_name, key)
        if name is not None:
            finding.resources.append(ResourceClaim(type=_TYPES[key], name=name))


TOOL: Final = Tool(
    generator="swarmui",
    markers=(frozenset(("sui_image_params",)),),
    inner="sui_image_params",
    keys={
        "version": ("swarm_version", "swarmVersion"),
        "prompt": ("prompt",),
        "negative_prompt": ("negativeprompt",),
        "model": ("model",),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("cfgscale",),
        "width": ("width",),
        "height": ("height",),
        "sampler": ("sampler",),
        "scheduler": ("scheduler",),
        "vae": ("vae",),
        "clip_skip": ("clipstopatlayer",),
        "denoise": ("initimagecreativity",),
    },
    refine=_refine,
)
