"""A report: pictures with their recipes and what they are made of, as one HTML file without a script."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

from extractor.catalog.facts import lora_names, split_path
from extractor.gallery.plots import xml_text
from extractor.gallery.statistics import plots_of
from extractor.rows.columns import BASE_SAMPLER
from extractor.rows.normal import normal_row
from extractor.rows.rows import value_at
from extractor.version import __version__

MOST: Final = 500
"""Pictures of one report."""
EDGE: Final = 384
"""Pixels of the longer side of its pictures."""
_PARAMETERS: Final = {
    "Model": "Model",
    "Model hash": "Model hash",
    "VAE": "VAE",
    "sampler": "Sampler",
    "scheduler": "Scheduler",
    "steps": "Steps",
    "cfgScale": "CFG scale",
    "seed": "Seed",
    "clipSkip": "Clip skip",
    "denoise": "Denoising strength",
}
"""Keys of meta that are told; others may hold anything, paths too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of a report."""

    path: str
    row: dict[str, Any]
    """The record's JSON."""
    thumb: bytes | None
    """WebP; None: there is nothing to show."""


def report(title: str, entries: Iterable[Entry], *, has_prompts: bool, has_paths: bool, more: int = 0) -> Iterator[str]:
    """The parts of the file. `more` is how many pictures there would have been besides."""
    kept = list(entries)[:MOST]
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    count = f"{len(kept):,} {'picture' if len(kept) == 1 else 'pictures'}"
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="generator" content="extractor {xml_text(__version__)}">'
        f"<title>{xml_text(title)}</title><style>{_style()}</style></head><body><main>"
        f'<h1>{xml_text(title)}</h1><p class="soft">{count}{f" of {len(kept) + more:,}" if more else ""}, {made}</p>\n'
    )
    plots = plots_of(_counts(kept))
    if plots:
        yield '<section class="plots">'
        yield "".join(f"<div><h2>{xml_text(name)}</h2>{svg}</div>" for name, svg in plots)
        yield "</section>\n"
    yield '<ol class="pictures">\n'
    for number, entry in enumerate(kept, 1):
        yield "".join(_picture(number, entry, has_prompts=has_prompts, has_paths=has_paths))
    yield "</ol></main></body></html>\n"


def _style() -> str:
    return (files("extractor.gallery") / "report.css").read_text("utf-8")


def _picture(number: int, entry: Entry, *, has_prompts: bool, has_paths: bool) -> Iterator[str]:
    row = entry.row
    given = row.get("meta")
    meta: dict[str, Any] = given if isinstance(given, dict) else {}
    width, height = (value if isinstance(value, int) else 0 for value in (row.get("width"), row.get("height")))
    yield '<li class="picture">'
    name = split_path(entry.path)[1] if has_paths else f"Picture {number}"
    if entry.thumb is None:
        yield '<div class="none soft">no preview</div>'
    else:
        data = base64.b64encode(entry.thumb).decode()
        size = f' width="{width}" height="{height}"' if width and height else ""
        yield f'<img src="data:image/webp;base64,{data}" alt="{xml_text(name)}"{size} loading="lazy">'
    yield '<div class="text">'
    if has_prompts and isinstance(meta.get("prompt"), str) and meta["prompt"]:
        yield f"<p>{xml_text(meta['prompt'])}</p>"
    if has_prompts and isinstance(meta.get("negativePrompt"), str) and meta["negativePrompt"]:
        yield f'<p class="soft">Negative: {xml_text(meta["negativePrompt"])}</p>'
    yield "<dl>"
    for label, value in _facts(entry, meta, width, height, has_paths=has_paths):
        yield f"<dt>{xml_text(label)}</dt><dd>{xml_text(value)}</dd>"
    yield "</dl></div></li>\n"


def _facts(
    entry: Entry, meta: Mapping[str, Any], width: int, height: int, *, has_paths: bool
) -> Iterator[tuple[str, str]]:
    if has_paths:
        yield "File", entry.path
    for key, label in _PARAMETERS.items():
        if meta.get(key) not in (None, ""):
            yield label, _shown(meta[key])
    if width and height:
        yield "Size", f"{width} x {height}"
    resources = meta.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and resource.get("type") not in ("model", "checkpoint") and resource.get("name"):
            weight = resource.get("weight")
            said = "" if weight is None else f" ({_shown(weight)})"
            yield str(resource.get("type") or "resource"), f"{_shown(resource['name'])}{said}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _counts(entries: Iterable[Entry]) -> dict[str, Counter[str]]:
    """How many of the pictures have each model, LoRA, sampler..."""
    counts: dict[str, Counter[str]] = {}
    for entry in entries:
        normal = normal_row(entry.row)
        width, height = normal.get("width"), normal.get("height")
        words = {
            "models": [value_at(normal, ("meta", "Model"))],
            "loras": set(lora_names(normal)),
            "samplers": [normal.get(BASE_SAMPLER)],
            "sizes": [f"{width}x{height}" if width and height else None],
        }
        for kind, names in words.items():
            counts.setdefault(kind, Counter()).update(name for name in names if isinstance(name, str) and name)
    return counts
