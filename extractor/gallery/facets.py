"""Counts beside a view: how many of its images have each model, LoRA, sampler..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractor.gallery.columns import Coded, Flags, Picked, Snapshot, Values
from extractor.gallery.filters import LABELS, Filter

_TOP: Final = 30
"""Values of a facet that are sent with a view."""
_WITHOUT_NONE: Final = ("has", "missing")
"""Kinds of which having none is nothing to look for."""
_FOUND: Final = 200
"""Values that are sent when one looks for a name."""


def facets(snapshot: Snapshot, picked: Callable[[str], Picked], filters: Mapping[Filter, None]) -> list[dict[str, Any]]:
    """All facets. `picked` gives the images that count for a kind: those that meet all filters of other kinds."""
    found = []
    for kind, (label, _) in LABELS.items():
        values = snapshot.values(kind)
        if values is None or kind == "month":  # that is the histogram's
            continue
        counts = values.counts(picked(kind))
        states = _states(kind, values, filters)
        shown = _most_frequent(counts, _TOP, has_none=kind not in _WITHOUT_NONE)
        shown += [code for code in states if code not in set(shown)]
        if shown or states:
            distinct = int(np.count_nonzero(counts[1:]))
            rows = [_row(values, code, counts, states) for code in shown]
            found.append({"kind": kind, "label": label, "distinct": distinct, "values": rows})
    return found


def facet(snapshot: Snapshot, kind: str, text: str, picked: Picked, filters: Mapping[Filter, None]) -> dict[str, Any]:
    """The values of one kind whose names contain a text, the most frequent first."""
    values = snapshot.values(kind)
    if values is None:
        return {"values": []}
    wanted = text.casefold()
    counts = values.counts(picked)
    named = np.array([wanted in name.casefold() for name in values.names], np.bool_)
    states = _states(kind, values, filters)
    shown = _most_frequent(np.where(named, counts, 0), _FOUND, has_none=kind not in _WITHOUT_NONE)
    return {"values": [_row(values, code, counts, states) for code in shown]}


def _states(kind: str, values: Values, filters: Mapping[Filter, None]) -> dict[int, str]:
    """Code -> whether it is a chip: ``in`` or ``out``."""
    numbers = {name: code for code, name in enumerate(values.names)} if isinstance(values, Flags) else values.numbers
    return {
        numbers[one.value]: "out" if one.is_out else "in"
        for one in filters
        if one.kind == kind and one.value in numbers
    }


def _most_frequent(counts: NDArray[np.int64], most: int, *, has_none: bool) -> list[int]:
    """Codes of the largest counts above zero, the largest first; none (0) at the end."""
    named = counts[1:]
    largest = np.argpartition(-named, most - 1)[:most] if len(named) > most else np.arange(len(named))
    largest = largest[named[largest] > 0]
    codes: list[int] = (1 + largest[np.lexsort((largest, -named[largest]))]).tolist()
    return [*codes, *([0] if counts[0] and has_none else ())]


def _row(values: Values, code: int, counts: NDArray[np.int64], states: Mapping[int, str]) -> dict[str, Any]:
    return {"value": values.names[code], "count": int(counts[code]), "state": states.get(code, "")}


def histogram(
    snapshot: Snapshot, picked: Picked, sort: str, tiles: NDArray[np.int32], *, is_stacked: bool
) -> list[dict[str, Any]]:
    """How many images each month has, the earliest first, and where its tiles begin in a view by date."""
    months = snapshot.values("month")
    assert isinstance(months, Coded)
    counts = months.counts(picked)
    first: dict[int, int] = {}
    if sort in ("newest", "oldest"):
        tiled = np.bincount(months.codes[tiles], minlength=len(counts)) if is_stacked else counts
        codes = np.flatnonzero(tiled[1:]) + 1  # the latest is the first
        codes = codes if sort == "newest" else codes[::-1]
        ends = np.cumsum(tiled[codes])
        first = dict(zip(codes.tolist(), (ends - tiled[codes]).tolist(), strict=True))
    return [
        {"month": months.names[code], "count": int(counts[code]), "first": first.get(code)}
        for code in range(len(counts) - 1, 0, -1)
        if counts[code]
    ]
