"""Wan2GP (WanGP): one JSON object, whose LoRAs and multipliers stand in two members."""

from __future__ import annotations

from typing import Final

from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, to_name
from extractor.text.coerce import to_number
from extractor.text.jsontext import JsonValue


def _multipliers(value: JsonValue) -> list[JsonValue]:
    """One for each LoRA: a list, or text with blanks or lines between them and comments behind ``#``."""
    if isinstance(value, str):
        lines = (line.partition("#")[0] for line in value.replace("|", " ").splitlines())
        return list(" ".join(lines).split())
    return value if isinstance(value, list) else []


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    names = fields.rest.get("activated_loras")
    if not isinstance(names, list):
        return
    multipliers = fields.rest.get("loras_multipliers")
    weights = _multipliers(multipliers)
    claims = []
    for at, item in enumerate(fields.bounded(names)):
        name = to_name(item)
        if name is not None:
            # Multipliers that change over the steps or phases (``1,0.5``, ``1;0.8``) are no number.
            weight = to_number(weights[at]) if at < len(weights) else None
            claims.append(ResourceClaim(type="lora", name=name, weight=weight))
    finding.resources += claims
    if len(claims) == len(names):
        del fields.rest["activated_loras"]
        readable = isinstance(multipliers, str | list) and len(weights) <= len(claims)
        if readable and all(claim.weight is not None for claim in claims[: len(weights)]):
            del fields.rest["loras_multipliers"]


TOOL: Final = Tool(
    generator="wan2gp",
    markers=(
        frozenset(("activated_loras", "loras_multipliers")),
        frozenset(("model_filename", "num_inference_steps")),
        frozenset(("model_filename", "model_type")),
    ),
    signature=("type", "wangp"),
    keys={
        "prompt": ("prompt",),
        "negative_prompt": ("negative_prompt",),
        "seed": ("seed",),
        "steps": ("num_inference_steps",),
        "cfg_scale": ("guidance_scale",),
        "sampler": ("sample_solver",),
        "size": ("resolution",),
        "model": ("model_filename", "model_type"),
        "denoise": ("denoising_strength",),
    },
    refine=_refine,
)
