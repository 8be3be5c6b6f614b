"""NovelAI: the JSON of its ``Comment`` (PNG chunk, or inside an envelope in EXIF and in the pixels)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extractor.finding import Finding, Kind
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import Fields, Keys, Tool
from extractor.text.coerce import to_number, to_prompt, to_text
from extractor.text.jsontext import JsonObject, JsonValue

_GENERATOR: Final = "novelai"
_SOFTWARE: Final = "NovelAI"
SOFTWARE_KEY: Final = "software"
_MODEL_NAMES: Final = ("NovelAI Diffusion", "Stable Diffusion")
"""How ``Source`` begins where no hash follows."""
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_PADDING: Final = "\0"
"""The description's EXIF tag begins with four NULs."""
_IMAGE_REQUESTS: Final = frozenset(("Img2ImgRequest", "NativeInfillingRequest"))
"""Requests that begin with a picture: only these use ``strength``, which older files give for all."""
_DESCRIPTIONS: Final = ("description", "imagedescription")
_BESIDE: Final = ("Title", "Generation time")
"""Chunks beside the Comment that say something more."""

_KEYS: Final[Keys] = {
    "seed": ("seed",),
    "steps": ("steps",),
    "cfg_scale": ("scale",),
    "sampler": ("sampler",),
    "scheduler": ("noise_schedule",),
    "width": ("width",),
    "height": ("height",),
}


def _refine(fields: Fields, finding: Finding, bundle: Bundle) -> None:
    base, characters = _captions(fields, "v4_prompt")
    negative_base, negative_characters = _captions(fields, "v4_negative_prompt")
    beside = list(_descriptions(bundle))
    finding.prompt = base if base is not None else fields.take(_description, "prompt", "Description")
    if finding.prompt is None and beside:
        finding.prompt = _description(beside[0].value)
    finding.negative_prompt = negative_base if negative_base is not None else fields.take(to_prompt, "uc")
    _drop_repeated(fields, finding.prompt, "prompt", "Description")
    _drop_repeated(fields, finding.negative_prompt, "uc")
    finding.character_prompts = list(_characters(fields.bounded(characters), negative_characters)) or None
    if to_text(fields.rest.get("request_type")) in _IMAGE_REQUESTS:
        finding.denoise = fields.take(to_number, "strength")
    _set_model(finding, fields.rest, bundle)
    for candidate in beside:
        candidate.claimed = True
    _keep_beside(fields, bundle)


def _description(value: object) -> str | None:
    return to_prompt(value.lstrip(_PADDING)) if isinstance(value, str) else None


def _descriptions(bundle: Bundle) -> Iterator[Candidate]:
    return (candidate for key in _DESCRIPTIONS for candidate in bundle.named(key))


def _captions(fields: Fields, key: str) -> tuple[str | None, list[JsonValue]]:
    """(base caption, character captions) of ``v4_prompt`` or ``v4_negative_prompt``."""
    block = fields.nested(key)
    caption = block.nested("caption") if block is not None else None
    if caption is None:
        return None, []
    characters = caption.rest.get("char_captions")
    if not isinstance(characters, list):
        return caption.take(to_prompt, "base_caption"), []
    del caption.rest["char_captions"]
    return caption.take(to_prompt, "base_caption"), characters


def _characters(wanted: list[JsonValue], unwanted: list[JsonValue]) -> Iterator[JsonValue]:
    """Each character as {prompt, negativePrompt, centers}; the two lists run in step."""
    for index, item in enumerate(wanted):
        if not isinstance(item, dict):
            continue
        other = unwanted[index] if index < len(unwanted) else None
        members = {
            "prompt": to_text(item.get("char_caption")),
            "negativePrompt": to_text(other.get("char_caption")) if isinstance(other, dict) else None,
            "centers": item.get("centers"),
        }
        character: JsonObject = {key: value for key, value in members.items() if value}
        if character:
            yield character


def _drop_repeated(fields: Fields, text: str | None, *keys: str) -> None:
    """Drop further copies of a text that is already a field."""
    for key in keys:
        if text is not None and _description(fields.rest.get(key)) == text:
            del fields.rest[key]


def _set_model(finding: Finding, around: JsonObject, bundle: Bundle) -> None:
    """Name and hash out of ``NovelAI Diffusion V4.5 4BDE2A90`` in Source or Software, here or beside."""
    if around.get("Software") == _SOFTWARE:
        del around["Software"]
    for key in ("Source", "Software"):
        if _is_model(finding, around.get(key)):
            del around[key]
            return
    for key in ("source", SOFTWARE_KEY):
        for candidate in bundle.named(key):
            if _is_model(finding, candidate.value):
                return


def _is_model(finding: Finding, value: JsonValue) -> bool:
    text = to_text(value) or ""
    name, _, digest = text.rpartition(" ")
    if name and len(digest) == 8 and _HEX.issuperset(digest):
        finding.model, finding.model_hash = name, digest
    elif text.startswith(_MODEL_NAMES):
        finding.model = text
    return finding.model is not None


def _keep_beside(fields: Fields, bundle: Bundle) -> None:
    for key in _BESIDE:
        candidate = bundle.first(key.casefold())
        if candidate is not None:
            fields.rest.setdefault(key, candidate.value)


COMMENT: Final = Tool(
    generator=_GENERATOR,
    markers=(
        frozenset(("v4_prompt", "sampler")),
        frozenset(("prompt", "uc", "scale")),
        frozenset(("uc", "scale", "sampler")),
        frozenset(("request_type", "signed_hash")),
    ),
    keys=_KEYS,
    refine=_refine,
)

ENVELOPE: Final = Tool(
    generator=_GENERATOR,
    signature=("Software", "novelai"),
    keys=_KEYS,
    inner="Comment",
    refine=_refine,
)


def parse(bundle: Bundle) -> list[Finding]:
    """A file of NovelAI that lost its Comment: the description is the prompt."""
    if not any(candidate.value.startswith(_SOFTWARE) for candidate in bundle.named(SOFTWARE_KEY)):
        return []
    candidate = next((candidate for candidate in _descriptions(bundle) if not candidate.claimed), None)
    if candidate is None:
        return []
    candidate.claimed = True
    finding = Finding(
        generator=_GENERATOR,
        kind=Kind.STRUCTURED,
        text=candidate.text,
        prompt=_description(candidate.value),
    )
    fields = Fields({}, _GENERATOR, bundle.log)
    _set_model(finding, fields.rest, bundle)
    _keep_beside(fields, bundle)
    finding.other = fields.left()
    return [finding]
