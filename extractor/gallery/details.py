"""Everything about one image, as the page shows it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from extractor.catalog.facts import LORA_TYPES, split_path
from extractor.catalog.masks import Masks
from extractor.catalog.query import Span
from extractor.gallery.cells import version
from extractor.gallery.columns import CHECKPOINTS, Snapshot
from extractor.gallery.filters import same_loras
from extractor.ledger import Ledger
from extractor.rows.columns import BASE_SAMPLER, RESOURCE
from extractor.rows.normal import normal_row
from extractor.rows.rows import value_at
from extractor.text.coerce import to_int
from extractor.text.jsontext import load_object

if TYPE_CHECKING:
    from extractor.gallery.models import Models
    from extractor.record import ImageRecord

_SELECT: Final = "SELECT id, path, record, sha256, stamp FROM images WHERE id = ?"
_APART: Final = ("prompt", "negativePrompt", "resources", "civitaiResources", "hashes")
"""Keys of meta that have a place of their own on the page."""
FIELD_LABELS: Final = {
    "cfgScale": "CFG scale",
    "steps": "Steps",
    "sampler": "Sampler",
    "scheduler": "Scheduler",
    "seed": "Seed",
    "clipSkip": "Clip skip",
    "denoise": "Denoising strength",
    "Size": "Size",
    "Model": "Model",
    "Model hash": "Model hash",
    "VAE": "VAE",
    "characterPrompts": "Character prompts",
    "extra": "Extra",
    "generator": "Generator",
    "civitaiResources": "Civitai resources",
}
"""Key of meta -> how it is called, in the order they are shown; the tool's own follow."""

Filters = dict[str, Callable[[dict[str, Any]], str | None]]


def _number(key: str, name: str) -> Callable[[dict[str, Any]], str | None]:
    def found(normal: dict[str, Any]) -> str | None:
        value = value_at(normal, ("meta", key))
        return f"q={name}:{value}" if isinstance(value, (int, float)) else None

    return found


def _word(place: tuple[str, ...], kind: str) -> Callable[[dict[str, Any]], str | None]:
    def found(normal: dict[str, Any]) -> str | None:
        value = value_at(normal, place)
        return f"f={kind}:{value}" if isinstance(value, str) and value else None

    return found


_FILTERS: Final[Filters] = {
    "steps": _number("steps", "steps"),
    "cfgScale": _number("cfgScale", "cfg"),
    "sampler": _word((BASE_SAMPLER,), "sampler"),
    "scheduler": _word(("meta", "scheduler"), "scheduler"),
    "Schedule type": _word(("meta", "scheduler"), "scheduler"),
    "Model": _word(("meta", "Model"), "model"),
    "seed": lambda normal: (
        f"f=seed:{number}" if (number := to_int(value_at(normal, ("meta", "seed")))) is not None else None
    ),
}
"""Key of meta -> the filter that its value is."""


def stored(connection: sqlite3.Connection, image: int) -> tuple[str, ImageRecord, dict[str, Any], str] | None:
    """Path, record, its JSON and the version of an image; None where the catalog has none of that id."""
    from extractor.record import ImageRecord

    for _, path, text, digest, stamp in connection.execute(_SELECT, (image,)):
        row = json.loads(text, parse_constant=lambda _: None)  # JSON of the web has no NaN
        return os.fsdecode(path), ImageRecord.model_validate_json(text), row, version(digest, stamp)
    return None


def file_of(connection: sqlite3.Connection, image: int) -> tuple[str, str] | None:
    """Path and version of an image; None where the catalog has none of that id."""
    for path, digest, stamp in connection.execute("SELECT path, sha256, stamp FROM images WHERE id = ?", (image,)):
        return os.fsdecode(path), version(digest, stamp)
    return None


def texts_of(connection: sqlite3.Connection, image: int) -> list[dict[str, str]]:
    """The texts of a file that the catalog holds."""
    select = "SELECT source, text FROM texts WHERE image_id = ? ORDER BY position"
    return [{"source": source, "text": text} for source, text in connection.execute(select, (image,))]


def described(record: ImageRecord, row: dict[str, Any], models: Models | None) -> dict[str, Any]:
    """What a record says, of a file in the catalog or not; `row` is its JSON."""
    normal = normal_row(row)
    given = row.get("meta")
    meta: dict[str, Any] = given if isinstance(given, dict) else {}
    extraction = row.get("extraction") or {}
    generator = extraction.get("generator")
    return {
        "width": row.get("width") or 0,
        "height": row.get("height") or 0,
        "hash": row.get("hash"),
        "created": row.get("createdAt"),
        "generator": {"name": generator, "version": extraction.get("version")} if generator else None,
        "prompt": _text(meta.get("prompt")),
        "negativePrompt": _text(meta.get("negativePrompt")),
        "parameters": list(_parameters(meta, normal)),
        "resources": _resources(meta, extraction, models),
        "warnings": extraction.get("warnings") or [],
        "sources": [source_of(source) for source in extraction.get("sources") or ()],
        "copies": _copies(record),
        "record": row,
    }


def _copies(record: ImageRecord) -> dict[str, str | None]:
    """The recipe as other programs take it."""
    from extractor.record import Meta
    from extractor.writers.arguments import format_arguments
    from extractor.writers.infotext import format_infotext

    meta = record.meta if isinstance(record.meta, Meta) else None
    return {
        "infotext": format_infotext(meta) if meta is not None else None,
        "civitai": json.dumps(record.to_civitai(), ensure_ascii=False, indent=2),
        "workflow": None,
        "args": format_arguments(meta) if meta is not None else None,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)


def _parameters(meta: Mapping[str, Any], normal: dict[str, Any]) -> Iterator[dict[str, Any]]:
    keys = [*(key for key in FIELD_LABELS if key in meta), *(key for key in meta if key not in FIELD_LABELS)]
    for key in keys:
        if key not in _APART and meta[key] not in (None, ""):
            find = _FILTERS.get(key)
            yield {
                "key": key,
                "label": FIELD_LABELS.get(key, key),
                "value": _shown(meta[key]),
                "filter": find(normal) if find is not None else None,
            }


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _resources(meta: Mapping[str, Any], extraction: Mapping[str, Any], models: Models | None) -> list[dict[str, Any]]:
    given = meta.get("resources")
    places = [(at, one) for at, one in enumerate(given) if isinstance(one, dict)] if isinstance(given, list) else []
    known = models.resolve([resource for _, resource in places]) if models is not None else [None] * len(places)
    fills = extraction.get("models")
    filled = {fill.get("at") for fill in fills if isinstance(fill, dict)} if isinstance(fills, list) else set()
    return [
        {
            **{key: resource.get(key) for key in RESOURCE},
            "baseModel": one.base if one is not None else None,
            "status": one.status if one is not None else None,
            "filter": resource_filter(resource.get("type"), resource.get("name")),
            "info": one is not None and one.has_page,
            "from": "models" if f"resources[{at}]" in filled else "file",
        }
        for (at, resource), one in zip(places, known, strict=True)
    ]


def resource_filter(kind: object, name: object) -> str | None:
    """The filter that shows the pictures made with a model or LoRA; None for what is not counted."""
    if not isinstance(name, str) or not name:
        return None
    facet = "lora" if kind in LORA_TYPES else "model" if kind in CHECKPOINTS else None
    return f"f={facet}:{name}" if facet else None


def used(snapshot: Snapshot, kind: str | None, name: str | None) -> dict[str, Any] | None:
    """How many pictures were made with a model, and the filter that shows them."""
    shown = resource_filter(kind, name)
    values = snapshot.values("lora" if kind in LORA_TYPES else "model")
    if shown is None or values is None or name is None:
        return None
    return {"count": int(np.count_nonzero(values.mask([name]))), "filter": shown}


def siblings(snapshot: Snapshot, recipe: int | None) -> dict[str, Any]:
    """The pictures of the catalog with a recipe."""
    count = int(np.count_nonzero(snapshot.shelf["recipe"] == recipe)) if recipe else 0
    return {"count": count, "filter": f"f=recipe:{recipe:x}" if recipe else None}


def source_of(source: str) -> dict[str, str]:
    """``png:tEXt:parameters`` as the container and the place in it."""
    kind, _, place = source.partition(":")
    return {"kind": kind, "place": place, "source": source}


def file_facts(path: str, row: dict[str, Any], *, is_servable: bool, is_gone: bool) -> dict[str, Any]:
    """What is known of the file itself."""
    stamp = value_at(row, ("extraction", "stamp")) or {}
    modified = stamp.get("mtimeNs")
    time = datetime.fromtimestamp(modified / 1e9, UTC).isoformat() if isinstance(modified, int) else None
    folder, name = split_path(path)
    return {
        "path": path,
        "folder": folder,
        "name": name,
        "file": {"size": stamp.get("size"), "modified": time, "servable": is_servable, "gone": is_gone},
    }


def same(snapshot: Snapshot, masks: Masks, image: int, row: dict[str, Any]) -> dict[str, Any]:
    """How many images share recipe, seed or LoRAs with one, itself among them; and the filters that show them."""
    found: dict[str, Any] = {}
    place = int(snapshot.shelf.places(np.array([image]))[0])
    if place < 0:
        return found
    recipe = int(snapshot.shelf["recipe"][place])
    if recipe:
        count = int(np.count_nonzero(snapshot.shelf["recipe"] == recipe))
        found["recipe"] = {"count": count, "filter": f"f=recipe:{recipe:x}"}
    seed = to_int(value_at(row, ("meta", "seed")))
    if seed is not None:
        count = int(np.count_nonzero(masks.of(Span("seed", seed, seed))))
        found["seed"] = {"count": count, "filter": f"f=seed:{seed}"}
    if any(snapshot.shelf.links["id"] == image):
        count = int(np.count_nonzero(same_loras(snapshot, image)))
        found["loras"] = {"count": count, "filter": f"f=loras:{image}"}
    return found


def workflow_of(texts: Iterable[Mapping[str, str]]) -> str | None:
    """The graph of a file as ComfyUI's editor takes it: the editor's own, or else the executed one."""
    from extractor.parsers.comfyui.editor import looks_like_workflow
    from extractor.parsers.comfyui.graph import looks_like_graph

    graphs: dict[str, str] = {}
    for text in texts:
        start = text["text"].find("{")
        value = load_object(text["text"][start:], Ledger(), text["source"]) if 0 <= start <= _LONGEST_LABEL else None
        for candidate in (value, *(value.get(key) for key in _WRAPPED)) if value is not None else ():
            inner = load_object(candidate, Ledger(), text["source"]) if isinstance(candidate, str) else candidate
            if looks_like_workflow(inner):
                graphs.setdefault("workflow", json.dumps(inner, ensure_ascii=False))
            elif looks_like_graph(inner):
                graphs.setdefault("prompt", json.dumps(inner, ensure_ascii=False))
    return graphs.get("workflow") or graphs.get("prompt")


_LONGEST_LABEL: Final = 40
_WRAPPED: Final = ("workflow", "prompt")
