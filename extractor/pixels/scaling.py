"""The two ways a picture becomes the small canvas that is hashed: their names, for options and stamps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Scaling: TypeAlias = Literal["bilinear", "mipmap"]
"""``bilinear`` is what a browser's canvas does on a graphics card, ``mipmap`` what Chromium's does without one."""

DEFAULT_SCALING: Final[Scaling] = "bilinear"

REVISIONS: Final[dict[Scaling, int]] = {"bilinear": 1, "mipmap": 2}
"""Goes up when a scaling gives other hashes than before, so that stored ones are made again."""


@dataclass(slots=True)
class Thumbnail:
    """A small picture that is made when the pixels are decoded anyway."""

    edge: int
    """Pixels of the longer side, at most."""
    data: bytes | None = None
    """WebP, once it is made."""
