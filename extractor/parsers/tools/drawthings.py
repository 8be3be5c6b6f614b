"""Draw Things: XMP whose ``exif:UserComment`` is JSON, and whose ``dc:description`` says the same as text."""

from __future__ import annotations

from functools import partial
from typing import Final

from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import Fields, Tool, to_name
from extractor.parsers.infotext.resources import numbered_resources
from extractor.text.coerce import to_clip_skip, to_number
from extractor.text.jsontext import JsonObject

_CREATOR: Final = "Draw Things"
CREATOR_KEY: Final = "xmp:creatortool"
_DESCRIPTION_KEY: Final = "dc:description"
_LISTS: Final = {"lora": "lora", "control": "controlnet", "controls": "controlnet"}
"""Key of a list of {model, weight} -> type of the resources."""
_SINGLE: Final = {"refiner": "model", "refiner_model": "model", "upscaler": "upscaler"}
"""Key of one model's name -> type of the resource."""


def _listed(item: Fields, kind: str) -> ResourceClaim | None:
    name = item.take(to_name, "model", "file")
    return None if name is None else ResourceClaim(type=kind, name=name, weight=item.take(to_number, "weight"))


def _refine(fields: Fields, finding: Finding, bundle: Bundle) -> None:
    for key, kind in _LISTS.items():
        if key in fields.rest:
            finding.resources += fields.claims(key, partial(_listed, kind=kind))
    for key, kind in _SINGLE.items():
        name = fields.take(to_name, key)
        if name is not None:
            finding.resources.append(ResourceClaim(type=kind, name=name))
    settings = fields.nested("v2")
    if settings is not None and finding.clip_skip is None:
        finding.clip_skip = settings.take(to_clip_skip, "clipSkip")
    for candidate in _own(bundle):
        candidate.claimed = True
    finding.version = _version(bundle)


def _version(bundle: Bundle) -> str | None:
    candidate = bundle.first(CREATOR_KEY)
    return (candidate.value.strip().removeprefix(_CREATOR).strip() or None) if candidate is not None else None


def _own(bundle: Bundle) -> list[Candidate]:
    """Descriptions in a file whose creator tool is Draw Things."""
    if not any(candidate.value.strip().startswith(_CREATOR) for candidate in bundle.named(CREATOR_KEY)):
        return []
    return list(bundle.named(_DESCRIPTION_KEY))


TOOL: Final = Tool(
    generator="draw-things",
    markers=(
        frozenset(("c", "uc", "sampler")),
        frozenset(("c", "uc", "scale")),
        frozenset(("c", "model", "sampler", "steps")),
    ),
    keys={
        "prompt": ("c",),
        "negative_prompt": ("uc",),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("scale",),
        "sampler": ("sampler",),
        "denoise": ("strength",),
        "size": ("size",),
        "width": ("width",),
        "height": ("height",),
        "model": ("model",),
        "clip_skip": ("clip_skip",),
    },
    refine=_refine,
)


def _refine_text(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    settings = {key.casefold(): value for key, value in fields.rest.items() if isinstance(value, str)}
    finding.resources += numbered_resources(settings)


_TEXT: Final = Tool(
    generator="draw-things",
    keys={
        "prompt": ("prompt",),
        "negative_prompt": ("negative_prompt",),
        "seed": ("Seed",),
        "steps": ("Steps",),
        "cfg_scale": ("Guidance Scale",),
        "sampler": ("Sampler",),
        "denoise": ("Strength",),
        "size": ("Size",),
        "model": ("Model",),
        "clip_skip": ("CLIP Skip", "Clip Skip"),
    },
    refine=_refine_text,
)


def parse(bundle: Bundle) -> list[Finding]:
    """The description, in a file that lost its JSON."""
    for candidate in _own(bundle):
        members = None if candidate.claimed else _described(candidate.value, bundle.log.limits.settings)
        if members is not None:
            candidate.claimed = True
            finding = _TEXT.read(members, candidate, bundle)
            finding.version = _version(bundle)
            return [finding]
    return []


def _described(text: str, limit: int) -> JsonObject | None:
    """Prompt lines, a line ``-negative``, and a last line ``Steps: 20, Sampler: Euler A, ...`` of `limit` pairs."""
    above, _, settings = text.strip().rpartition("\n")
    if not settings.startswith("Steps: "):
        return None
    prompt, marker, negative = ("\n" + above).partition("\n-")
    members: JsonObject = {"prompt": prompt.strip()}
    if marker:
        members["negative_prompt"] = negative.strip()
    for piece in settings.split(", ", limit):
        key, colon, value = piece.partition(": ")
        if colon:
            members.setdefault(key, value)
    return members
