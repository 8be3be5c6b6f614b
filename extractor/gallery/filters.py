"""What a view is narrowed to beside its query: ``KIND:VALUE``, each a chip on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from extractor.catalog.masks import Masks
from extractor.catalog.query import Span
from extractor.catalog.shelf import Mask
from extractor.errors import ExtractorError
from extractor.gallery.columns import Several, Snapshot

LABELS: Final = {
    "model": ("Models", "Model"),
    "lora": ("LoRAs", "LoRA"),
    "base": ("Base models", "Base model"),
    "missing": ("Models missing here", "Models missing here"),
    "sampler": ("Samplers", "Sampler"),
    "scheduler": ("Schedulers", "Scheduler"),
    "size": ("Sizes", "Size"),
    "generator": ("Generators", "Generator"),
    "month": ("Months", "Month"),
    "folder": ("Folders", "Folder"),
    "has": ("With", "With"),
}
"""Kinds that are counted, in the order they are shown, and what they are called: several, and one."""
_OTHERS: Final = {"recipe": "Same recipe", "seed": "Seed", "loras": "Same LoRAs", "ids": "Selection"}
"""Kinds that are only set."""
MOST: Final = 200
"""Filters of one view."""
_LONGEST: Final = 10_000
_MOST_IDS: Final = 2_000
_NUMBER: Final = re.compile(r"[0-9]{1,16}")
_SEED: Final = re.compile(r"-?[0-9]{1,40}")
_HEX: Final = re.compile(r"[0-9a-f]{1,16}")


class FilterError(ExtractorError):
    """A filter that is none."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One chip."""

    kind: str
    value: str
    """Empty: those that have none."""
    is_out: bool = False
    """Whether such images are left out."""

    def __str__(self) -> str:
        return f"{'-' if self.is_out else ''}{self.kind}:{self.value}"

    @property
    def label(self) -> str:
        """As the page shows it."""
        if self.kind in _OTHERS:
            word = _OTHERS[self.kind]
            shown = {"ids": f"{word}: {len(self.value.split(',')):,}", "seed": f"{word}: {self.value}"}
            return shown.get(self.kind, word)
        return f"{LABELS[self.kind][1]}: {self.value or 'none'}"


def parse_filter(text: str) -> Filter:
    """A filter as it stands in an address. Raises `FilterError`."""
    is_out = text.startswith("-")
    kind, colon, value = text.removeprefix("-").partition(":")
    if not colon or (kind not in LABELS and kind not in _OTHERS):
        raise FilterError(f"no filter: {text[:100]!r}")
    check = _VALUES.get(kind)
    if len(value) > (_LONGEST if check is None else 16 * _MOST_IDS) or (check and not check(value)):
        raise FilterError(f"{kind}: does not take such a value")
    return Filter(kind, value, is_out)


def _are_ids(value: str) -> bool:
    ids = value.split(",")
    return len(ids) <= _MOST_IDS and all(map(_NUMBER.fullmatch, ids))


_VALUES: Final[dict[str, Callable[[str], object]]] = {
    "recipe": _HEX.fullmatch,
    "seed": _SEED.fullmatch,
    "loras": _NUMBER.fullmatch,
    "ids": _are_ids,
}


def mask_of(kind: str, values: list[str], snapshot: Snapshot, masks: Masks) -> Mask:
    """Which images have one of these values of a kind."""
    if kind in LABELS:
        counted = snapshot.values(kind)
        return np.zeros(len(snapshot), np.bool_) if counted is None else counted.mask(values)
    found = np.zeros(len(snapshot), np.bool_)
    for value in values:
        if kind == "seed":
            found |= masks.of(Span("seed", int(value), int(value)))
        elif kind == "recipe":
            found |= snapshot.shelf["recipe"] == np.int64(int(value, 16) & (2**63 - 1))
        elif kind == "ids":
            found |= snapshot.shelf.among(np.array(value.split(","), np.int64))
        else:
            found |= same_loras(snapshot, int(value))
    return found


def same_loras(snapshot: Snapshot, image: int) -> Mask:
    """The images with exactly the LoRAs of one."""
    loras = snapshot.values("lora")
    place = int(snapshot.shelf.places(np.array([image]))[0])
    if not isinstance(loras, Several) or place < 0:
        return np.zeros(len(snapshot), np.bool_)
    chosen = np.zeros(len(loras.names), np.bool_)
    chosen[loras.codes[loras.rows == place]] = True
    shared = np.bincount(loras.rows[chosen[loras.codes]], minlength=len(snapshot))
    every = np.bincount(loras.rows, minlength=len(snapshot))
    same: Mask = (shared == chosen.sum()) & (every == chosen.sum())
    return same
