"""What a view is made of: the most frequent models, LoRAs, samplers..., each with its plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from extractor.gallery.columns import Picked, Snapshot
from extractor.gallery.plots import Bar, bars, columns

_SECTIONS: Final = {
    "model": "Models",
    "lora": "LoRAs",
    "base": "Base models",
    "sampler": "Samplers",
    "scheduler": "Schedulers",
    "size": "Sizes",
    "generator": "Generators",
    "month": "Months",
}
_TOP: Final = 15
_MONTHS: Final = 240
"""Latest months that are shown."""


def statistics(snapshot: Snapshot, picked: Picked) -> dict[str, Any]:
    """``{total, sections: [{kind, title, svg, rows: [{value, count, filter}], distinct}]}``."""
    sections = []
    for kind, title in _SECTIONS.items():
        values = snapshot.values(kind)
        if values is None:
            continue
        counts = values.counts(picked)
        counts[0] = 0
        codes = np.flatnonzero(counts)
        rows = [Bar(values.names[code], int(counts[code])) for code in codes.tolist()]
        rows = sorted(rows)[-_MONTHS:] if kind == "month" else most_frequent(rows, _TOP)
        if rows:
            sections.append(_section(kind, title, rows, len(codes)))
    return {"total": picked.count, "sections": sections}


def _section(kind: str, title: str, rows: list[Bar], distinct: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": title,
        "distinct": distinct,
        "svg": plot(kind, title, rows),
        "rows": [{"value": name, "count": count, "filter": f"f={kind}:{name}"} for name, count in rows],
    }


def plot(kind: str, title: str, rows: list[Bar]) -> str:
    """The plot of one kind."""
    draw: Callable[[list[Bar], str], str] = columns if kind == "month" else bars
    return draw(rows, title)


def most_frequent(rows: list[Bar], most: int) -> list[Bar]:
    """The largest first; equal ones by name."""
    return sorted(rows, key=lambda row: (-row.images, row.name.casefold(), row.name))[:most]


def plots_of(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str]]:
    """Title and plot of each kind that was counted; of the kinds of `extractor.catalog.stats.KINDS`."""
    found = []
    for kind, title in _SECTIONS.items():
        rows = [Bar(name, count) for name, count in counts.get(f"{kind}s", {}).items()]
        rows = sorted(rows)[-_MONTHS:] if kind == "month" else most_frequent(rows, _TOP)
        if len(rows) > 1:
            found.append((title, plot(kind, title, rows)))
    return found
