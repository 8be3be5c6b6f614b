"""TensorArt: ``generation_data`` beside the executed graph."""

from __future__ import annotations

from typing import Final

from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, to_hash, to_name
from extractor.text.coerce import to_number, to_text

_TYPES: Final = {
    "BASE_MODEL": "model",
    "CHECKPOINT": "model",
    "LORA": "lora",
    "LYCORIS": "lycoris",
    "LOCON": "lycoris",
    "DORA": "dora",
    "EMBEDDING": "embed",
    "TEXTUAL_INVERSION": "embed",
    "CONTROL_NET": "controlnet",
    "CONTROLNET": "controlnet",
    "HYPERNETWORK": "hypernet",
    "VAE": "vae",
    "UPSCALER": "upscaler",
}
"""The site's word for a model's type -> type of the resource; others stay as they are."""

_NAME_KEYS: Final = ("modelFileName", "label")


def _model(item: Fields) -> ResourceClaim | None:
    word = item.take(to_text, "type", "modelType")
    name = item.take(to_name, *_NAME_KEYS)
    digest = item.take(to_hash, "hash")
    if name is None and digest is None:
        return None
    return ResourceClaim(
        type=_TYPES.get(word, word) if word is not None else "lora",
        name=name,
        hash=digest,
        weight=item.take(to_number, "weight"),
    )


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    base = fields.nested("baseModel")
    if base is not None:
        finding.model = base.take(to_name, *_NAME_KEYS)
        finding.model_hash = base.take(to_hash, "hash")
    if "models" in fields.rest:
        finding.resources = fields.claims("models", _model)


TOOL: Final = Tool(
    generator="tensorart",
    chunk="generation_data",
    markers=(
        frozenset(("baseModel", "ksamplerName")),
        frozenset(("baseModel", "imageCount")),
        frozenset(("baseModel", "sdVae")),
    ),
    keys={
        "prompt": ("prompt",),
        "negative_prompt": ("negativePrompt",),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("cfgScale",),
        "sampler": ("ksamplerName", "samplerName", "sampler"),
        "scheduler": ("schedule", "scheduler"),
        "width": ("width",),
        "height": ("height",),
        "clip_skip": ("clipSkip",),
        "denoise": ("denoisingStrength",),
        "vae": ("sdVae",),
    },
    refine=_refine,
)
