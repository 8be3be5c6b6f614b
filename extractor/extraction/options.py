"""The options of reading one file."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

from extractor.limits import DEFAULT_LIMITS, Limits

ALPHA: Final = "alpha"
Stealth: TypeAlias = bool | Literal["alpha"] | None
"""Whether texts are looked for in the pixels; ``alpha``: even where no hash is made, in the alpha channel of pictures
that hold no other text."""


class Options(NamedTuple):
    """The options of `extract` that change what is read."""

    hash: bool = True
    stealth: Stealth = None
    raw: bool = False
    foreign_sidecars: bool = True
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS

    @property
    def decodes(self) -> bool:
        """Whether pixels are decoded."""
        return self.hash or self.stealth is True

    def looks_into(self, *, has_alpha: bool, has_texts: bool) -> bool:
        """Whether the pixels of such a picture are decoded."""
        return self.decodes or (self.stealth == ALPHA and has_alpha and not has_texts)

    @property
    def channels(self) -> bool | None:
        """`stealth` for a picture whose pixels are decoded: None means alpha where there is one."""
        return self.stealth if isinstance(self.stealth, bool) else None
