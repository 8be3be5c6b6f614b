"""What is searched in a row beside its columns: derived from it, and never part of the record."""

from __future__ import annotations

import ntpath
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from extractor.catalog.query import PARTS
from extractor.files.address import folder_and_name
from extractor.rows.rows import value_at

LORA_TYPES: Final = frozenset(("lora", "lycoris", "locon", "dora"))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

_PLACES: Final[dict[str, tuple[str, ...]]] = {
    "metadata": ("meta",),
    "prompt": ("meta", "prompt"),
    "negative": ("meta", "negativePrompt"),
    "seed": ("meta", "seed"),
    "steps": ("meta", "steps"),
    "cfg": ("meta", "cfgScale"),
    "sampler": ("meta", "sampler"),
    "scheduler": ("meta", "scheduler"),
    "model": ("meta", "Model"),
    "vae": ("meta", "VAE"),
    "denoise": ("meta", "denoise"),
    "hash": ("hash",),
    "ai": ("extraction", "aiGenerated"),
    "warnings": ("extraction", "warnings"),
}
"""Part -> where it stands in a normal row."""


def split_path(path: str) -> tuple[str, str]:
    """Folder and name of a path of any system, or of an address."""
    of_member = folder_and_name(path)
    if of_member is not None:
        return of_member
    folder, name = ntpath.split(path) if "/" not in path else path.rsplit("/", 1)
    return folder, name


def parts_of(normal: dict[str, Any]) -> frozenset[str]:
    """Those of `PARTS` that a normal row has: there and not empty; zero is a value."""
    found = {part for part, place in _PLACES.items() if value_at(normal, place) not in (None, "", [])}
    if next(lora_names(normal), None) is not None:
        found.add("lora")
    return frozenset(found)


def bits_of(parts: frozenset[str]) -> int:
    """Parts as one number."""
    return sum(1 << place for place, part in enumerate(PARTS) if part in parts)


def lora_names(row: dict[str, Any]) -> Iterator[str]:
    """Names of the LoRAs of a row."""
    resources = value_at(row, ("meta", "resources"))
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and resource.get("type") in LORA_TYPES and isinstance(resource.get("name"), str):
            yield resource["name"]


def names_of(row: dict[str, Any], path: str) -> str:
    """The names that are searched like the prompt: of the file, the model and the LoRAs, one a line."""
    model = value_at(row, ("meta", "Model"))
    names = [split_path(path)[1], *([model] if isinstance(model, str) else ()), *lora_names(row)]
    return "\n".join(dict.fromkeys(names))


def milliseconds(date: Any) -> int | None:
    """A record's ``createdAt`` as milliseconds since 1970."""
    try:
        return (datetime.fromisoformat(date) - _EPOCH) // _MILLISECOND
    except (TypeError, ValueError):
        return None
