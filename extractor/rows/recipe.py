"""The recipe of a picture: all that made it but the seed, as a number by which pictures are put together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from extractor.rows.columns import BASE_SAMPLER, META_COLUMNS
from extractor.rows.normal import normal_row
from extractor.text.coerce import to_number
from extractor.vocabulary.models import normal_name

_NUMBERS: Final = ("steps", "cfgScale", "denoise", "clipSkip")
_TEXTS: Final = ("prompt", "negativePrompt", "scheduler", "Size")
_MODELS: Final = ("Model", "VAE")
_COPIES: Final = frozenset(("Schedule type", "Denoising strength", "VAE hash", "Lora hashes", "TI hashes", "Hashes"))
"""Keys of an infotext that say again what a column says."""
_PASSING: Final = frozenset(("date", "time", "batch", "version", "creator", "user", "id"))
"""Words in keys whose values change from run to run of one recipe, or tell of the program."""


def recipe(meta: Mapping[str, Any]) -> int | None:
    """A number of 63 bits that is the same for meta objects with all in common but seeds.

    Compared are prompts (but for their blanks), numbers (``7`` is ``7.0``), the sampler and its schedule in either
    spelling, names of models and resources (without case and folder) with their weights, the generation size, and
    the tool's further settings. Nothing of the file counts, such as its size. None when there is nothing to compare.
    """
    return recipe_of(normal_row({"meta": dict(meta)}))


def recipe_of(normal: Mapping[str, Any]) -> int | None:
    """`recipe` of a normal row."""
    meta = normal.get("meta")
    if not isinstance(meta, dict):
        return None
    settings = {key: value for key, value in _settings(meta, normal.get(BASE_SAMPLER)) if value not in (None, [])}
    if not settings:
        return None
    text = json.dumps(settings, ensure_ascii=True, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1 or 1


def _settings(meta: dict[str, Any], sampler: str | None) -> Iterator[tuple[str, Any]]:
    yield "sampler", sampler
    for key in _TEXTS:
        yield key, _text(meta.get(key))
    for key in _NUMBERS:
        yield key, _number(meta.get(key))
    for key in _MODELS:
        yield key, _name(meta.get(key))
    if meta.get("Model") is None:
        yield "Model hash", meta.get("Model hash")
    resources = meta.get("resources")
    if isinstance(resources, list):
        yield "resources", sorted(map(_resource, resources))
    yield "characterPrompts", meta.get("characterPrompts")
    for key, value in meta.items():
        if key not in META_COLUMNS and key not in _COPIES and not _is_passing(key):
            yield f"other {key}", _number(value)


def _resource(resource: Any) -> str:
    if not isinstance(resource, dict):
        return str(resource)
    numbers = [_number(resource.get(key)) for key in ("weight", "strengthClip")]
    name = _name(resource.get("name")) or resource.get("hash") or resource.get("modelVersionId")
    return json.dumps([resource.get("type"), name, *numbers], default=str)


def _is_passing(key: str) -> bool:
    words = key.casefold().replace("_", " ").replace("-", " ").split()
    return not _PASSING.isdisjoint(words) or any("seed" in word for word in words)


def _text(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _name(value: Any) -> Any:
    return normal_name(value) if isinstance(value, str) else value


def _number(value: Any) -> Any:
    """A number as one, in either type, also where it is written as text."""
    number = to_number(value)
    return value if number is None else float(number) if abs(number) < 2**53 else number
