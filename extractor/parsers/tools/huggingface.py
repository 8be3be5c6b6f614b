"""Spaces on Hugging Face (Animagine XL and its descendants): what their shared script writes."""

from __future__ import annotations

from typing import Final

from extractor.finding import Finding
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, to_hash, to_name


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    model = fields.nested("Model")
    if model is not None:
        finding.model = model.take(to_name, "Model")
        finding.model_hash = model.take(to_hash, "Model hash")
    else:
        finding.model = fields.take(to_name, "Model")


TOOL: Final = Tool(
    generator="hf-space",
    markers=(
        frozenset(("resolution", "guidance_scale", "num_inference_steps", "sampler")),
        frozenset(("use_upscaler", "num_inference_steps")),
    ),
    keys={
        "prompt": ("prompt",),
        "negative_prompt": ("negative_prompt",),
        "seed": ("seed",),
        "steps": ("num_inference_steps",),
        "cfg_scale": ("guidance_scale",),
        "sampler": ("sampler",),
        "scheduler": ("scheduler",),
        "size": ("resolution",),
        "width": ("width",),
        "height": ("height",),
        "model_hash": ("Model hash",),
    },
    refine=_refine,
)
