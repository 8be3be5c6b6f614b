"""Easy Diffusion: one PNG chunk per field, JSON in the UserComment, ``x.json`` or ``x.txt`` beside the image."""

from __future__ import annotations

import re
from typing import Final

from extractor.embedded import Carrier
from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, to_name
from extractor.text.coerce import to_int, to_number
from extractor.text.jsontext import JsonObject, JsonValue

_PARTS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("lora", ("use_lora_model", "LoRA model"), ("lora_alpha", "LoRA Strength")),
    ("hypernet", ("use_hypernetwork_model", "Hypernetwork model"), ("hypernetwork_strength", "Hypernetwork Strength")),
    ("embed", ("use_embeddings_model", "Embedding models"), ()),
    ("controlnet", ("use_controlnet_model", "ControlNet model"), ("control_alpha", "ControlNet Strength")),
)
"""(type of the resource, keys of its name or names, keys of its weight or weights)."""

_CLIP_SKIP_KEYS: Final = ("clip_skip", "Clip Skip")
_ITEM: Final = re.compile(r"""'([^']*+)'|"([^"]*+)"|([^\s,'"\[\]]++)""")
"""One item of a list as Python prints it."""


def _items(value: JsonValue) -> list[JsonValue]:
    """A list, a list printed by Python (``['a', 'b']``), or the value alone."""
    if isinstance(value, list):
        return value
    if isinstance(value, str) and value.strip()[:1] == "[":
        return ["".join(groups) for groups in _ITEM.findall(value)]
    return [value]


def _take_parts(fields: Fields, kind: str, keys: tuple[str, ...], weight_keys: tuple[str, ...]) -> list[ResourceClaim]:
    key = next((key for key in keys if fields.rest.get(key) is not None), None)
    if key is None:
        return []
    names = fields.bounded(_items(fields.rest[key]))
    weight_key = next((key for key in weight_keys if fields.rest.get(key) is not None), None)
    weights = _items(fields.rest[weight_key]) if weight_key is not None else []
    if len(weights) != len(names):
        weights = [None] * len(names)
    elif weight_key is not None and all(to_name(name) is not None for name in names):
        del fields.rest[weight_key]
    claims = [
        ResourceClaim(type=kind, name=to_name(name), weight=to_number(weight))
        for name, weight in zip(names, weights, strict=True)
        if to_name(name) is not None
    ]
    if not all(isinstance(name, str) for name in names):
        fields.warn(key, names)
    elif claims:
        del fields.rest[key]
    return claims


def _clip_skip(value: object) -> int | None:
    """The tool only knows a switch: on is 2, off is none."""
    if value is True or (isinstance(value, str) and value.strip() == "True"):
        return 2
    return to_int(value)


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    for kind, keys, weight_keys in _PARTS:
        finding.resources += _take_parts(fields, kind, keys, weight_keys)
    for key in _CLIP_SKIP_KEYS:
        if fields.rest.get(key) not in (None, False, "False"):
            finding.clip_skip = fields.take(_clip_skip, key)


TOOL: Final = Tool(
    generator="easy-diffusion",
    markers=(
        frozenset(("use_stable_diffusion_model",)),
        frozenset(("num_inference_steps", "sampler_name")),
        frozenset(("num_inference_steps", "guidance_scale", "prompt_strength")),
        frozenset(("Stable Diffusion model", "Prompt")),
    ),
    keys={
        "prompt": ("prompt", "Prompt"),
        "negative_prompt": ("negative_prompt", "Negative Prompt"),
        "seed": ("seed", "Seed"),
        "steps": ("num_inference_steps", "Steps"),
        "cfg_scale": ("guidance_scale", "Guidance Scale"),
        "sampler": ("sampler_name", "sampler", "Sampler"),
        "scheduler": ("scheduler_name", "Scheduler"),
        "denoise": ("prompt_strength", "Prompt Strength"),
        "width": ("width", "Width"),
        "height": ("height", "Height"),
        "model": ("use_stable_diffusion_model", "Stable Diffusion model"),
        "vae": ("use_vae_model", "VAE model"),
    },
    refine=_refine,
)
"""Names of the JSON and the chunks, then those of the text file and of the first versions' chunks."""

LABELS: Final = (
    *(key for keys in TOOL.keys.values() for key in keys),
    *(key for _, keys, weight_keys in _PARTS for key in (*keys, *weight_keys)),
    *_CLIP_SKIP_KEYS,
    "Use Face Correction",
    "Use Upscaling",
    "Upscale By",
    "Seamless Tiling",
    "Latent Upscaler Steps",
    "ControlNet Filter",
)
_KNOWN: Final = {label.casefold(): label for label in LABELS}
_LABEL_LENGTH: Final = max(map(len, LABELS))


CHUNKS: Final = frozenset(max(marker, key=len).casefold() for marker in TOOL.markers)
"""Keys, case folded, without one of which no marker is whole: of each the longest, which other tools do not have."""


def parse(bundle: Bundle) -> list[Finding]:
    """Fields that stand in chunks of their own, named exactly so: other tools have the words in another case."""
    candidates = [
        candidate
        for candidate in bundle.unclaimed()
        if candidate.text.carrier is Carrier.CHUNK and candidate.text.key in LABELS
    ]
    members: JsonObject = {}
    for candidate in candidates:
        members.setdefault(candidate.text.key, candidate.value)
    if not TOOL.recognises(members, ""):
        return []
    for candidate in candidates:
        candidate.claimed = True
    return [TOOL.read(members, candidates[0], bundle)]


def parse_lines(bundle: Bundle) -> list[Finding]:
    """The text file of ``Label: value`` lines."""
    findings = []
    for candidate in bundle.unclaimed():
        if candidate.text.carrier is not Carrier.SIDECAR or candidate.text.place != "txt":
            continue
        members = _labelled(candidate.value, bundle.log.limits.infotext_lines)
        if TOOL.recognises(members, ""):
            candidate.claimed = True
            findings.append(TOOL.read(members, candidate, bundle))
    return findings


def _labelled(text: str, limit: int) -> JsonObject:
    """The fields of a text; lines without a known label belong to the field above, as do all behind `limit`."""
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.split("\n", limit):
        label = line[: _LABEL_LENGTH + 1].partition(":")[0]
        known = _KNOWN.get(label.strip().casefold()) if len(label) < len(line) else None
        if known is not None and known not in parts:
            parts[known] = current = [line[len(label) + 1 :].strip()]
        else:
            current.append(line)
    return {label: "\n".join(lines).strip() for label, lines in parts.items()}
