"""MFLUX: a JSON object in EXIF, or the same members as XMP properties (``mflux:seed``) or text chunks."""

from __future__ import annotations

from typing import Final

from extractor.embedded import Carrier
from extractor.finding import Finding, ResourceClaim
from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import Fields, Tool, to_name
from extractor.text.coerce import to_number
from extractor.text.jsontext import JsonObject, JsonValue, load_json

_NAME: Final = "mflux"
_NAMESPACE: Final = "mflux:"
_LISTS: Final = frozenset(("lora_paths", "lora_scales"))
VERSION_KEY: Final = "mflux_version"


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    names = fields.rest.get("lora_paths")
    if not isinstance(names, list):
        return
    scales = fields.rest.get("lora_scales")
    weights = scales if isinstance(scales, list) and len(scales) == len(names) else []
    claims = []
    for at, item in enumerate(fields.bounded(names)):
        name = to_name(item)
        if name is not None:
            claims.append(ResourceClaim(type="lora", name=name, weight=to_number(weights[at]) if weights else None))
    finding.resources += claims
    if len(claims) == len(names):
        del fields.rest["lora_paths"]
        if weights:
            del fields.rest["lora_scales"]


TOOL: Final = Tool(
    generator="mflux",
    markers=(
        frozenset((VERSION_KEY,)),
        frozenset(("lora_paths", "lora_scales", "seed")),
        frozenset(("precision", "quantize", "guidance", "seed")),
    ),
    keys={
        "version": (VERSION_KEY,),
        "prompt": ("prompt",),
        "negative_prompt": ("negative_prompt",),
        "seed": ("seed",),
        "steps": ("steps", "num_inference_steps"),
        "cfg_scale": ("guidance", "guidance_scale"),
        "scheduler": ("scheduler",),
        "width": ("width",),
        "height": ("height",),
        "model": ("model", "base_model"),
        "denoise": ("image_strength",),
    },
    refine=_refine,
)

_NEEDED: Final = "prompt"
_SEED: Final = "seed"
"""Without it the keys of other tools' texts are none of a `TOOL` that does not have its name in them."""
_KEYS: Final = frozenset(
    (*_LISTS, *(key for keys in TOOL.keys.values() for key in keys), "precision", "quantize", "generation_time_seconds")
)


def parse(bundle: Bundle) -> list[Finding]:
    """Members that stand in XMP properties or chunks of their own; the items of a list may be a text each."""
    if _SEED not in bundle.marks and not any(_NAME in key for key in bundle.marks):
        return []
    for carrier in (Carrier.CHUNK, Carrier.XMP):
        texts: dict[str, list[str]] = {}
        parts: list[Candidate] = []
        named = False
        for candidate in bundle.unclaimed():
            if candidate.text.carrier is not carrier:
                continue
            own = _own_key(candidate.key)
            key = own or candidate.key
            if own is not None or key in _KEYS:
                texts.setdefault(key, []).append(candidate.value.strip())
                parts.append(candidate)
                named = named or own is not None
        members: JsonObject = {key: _value(key, values, bundle.log) for key, values in texts.items()}
        if _NEEDED in members and (named or TOOL.recognises(members, "")):
            for part in parts:
                part.claimed = True
            return [TOOL.read(members, parts[0], bundle)]
    return []


def _own_key(key: str) -> str | None:
    """The member that a property of MFLUX's namespace is (``mflux:seed``, ``{uri}seed``)."""
    if key.startswith(_NAMESPACE):
        return key.removeprefix(_NAMESPACE)
    uri, brace, name = key.partition("}")
    return name if brace and _NAME in uri else None


def _value(key: str, values: list[str], log: Ledger) -> JsonValue:
    """The text, or the list that several texts are, or one that is JSON or has commas."""
    if key not in _LISTS:
        return values[0]
    if len(values) > 1:
        return list[JsonValue](values)
    text = values[0]
    if not text.startswith(("[", "(")):
        return list(filter(None, map(str.strip, text.split(","))))
    value = load_json("[" + text[1:-1].replace("'", '"') + "]", log.aside(), key)
    return value if isinstance(value, list) else text
