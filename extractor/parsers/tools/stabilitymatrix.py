"""Stability Matrix: ``parameters-json``, with the project (``smproj``) and the executed graph beside it."""

from __future__ import annotations

from typing import Final

from extractor.finding import Finding
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool
from extractor.text.coerce import to_clip_skip, to_int
from extractor.text.jsontext import JsonObject, JsonValue

_PROJECT: Final = "smproj"


def _refine(fields: Fields, finding: Finding, bundle: Bundle) -> None:
    version_id = fields.take(to_int, "ModelVersionId")
    if version_id is not None:
        finding.civitai_resources.append({"type": "checkpoint", "modelVersionId": version_id})
    extra = fields.rest.get("ExtraNetworkModelVersionIds")
    if isinstance(extra, list):
        ids = [to_int(item) for item in fields.bounded(extra)]
        finding.civitai_resources += [{"modelVersionId": number} for number in ids if number is not None]
        if None in ids:
            fields.warn("ExtraNetworkModelVersionIds", extra)
        else:
            del fields.rest["ExtraNetworkModelVersionIds"]
    finding.clip_skip = _project_clip_skip(bundle)


def _project_clip_skip(bundle: Bundle) -> int | float | None:
    """``State.Model.ClipSkip`` of the project, if it was switched on."""
    candidate = bundle.first(_PROJECT)
    if candidate is None:
        return None
    candidate.claimed = True
    model = _member(_member(candidate.json_object(), "State"), "Model")
    if not isinstance(model, dict) or model.get("IsClipSkipEnabled") is False:
        return None
    return to_clip_skip(model.get("ClipSkip"))


def _member(value: JsonValue | JsonObject, key: str) -> JsonValue:
    return value.get(key) if isinstance(value, dict) else None


TOOL: Final = Tool(
    generator="stability-matrix",
    chunk="parameters-json",
    markers=(frozenset(("PositivePrompt", "CfgScale")), frozenset(("PositivePrompt", "ModelName"))),
    keys={
        "prompt": ("PositivePrompt",),
        "negative_prompt": ("NegativePrompt",),
        "seed": ("Seed",),
        "steps": ("Steps",),
        "cfg_scale": ("CfgScale",),
        "sampler": ("Sampler",),
        "width": ("Width",),
        "height": ("Height",),
        "model": ("ModelName",),
        "model_hash": ("ModelHash",),
    },
    refine=_refine,
)
