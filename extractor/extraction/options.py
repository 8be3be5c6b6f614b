"""The options of reading one file."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.pixels.scaling import DEFAULT_SCALING, REVISIONS, Scaling
from extractor.record import ImageRecord

HashOption: TypeAlias = bool | Scaling
"""Whether pixels are hashed; True is the default scaling."""

_HASH_OPTIONS: Final = (False, True, *REVISIONS)


def check_hash(hash: object) -> None:
    """Raises `TypeError` or `ValueError` for what is no `HashOption`."""
    if not isinstance(hash, (bool, str)):
        raise TypeError(f"hash must be bool or str, not {type(hash).__name__}")
    if hash not in _HASH_OPTIONS:
        raise ValueError(f"hash must be one of {', '.join(map(repr, _HASH_OPTIONS))}, not {hash!r}")


ALPHA: Final = "alpha"
Stealth: TypeAlias = bool | Literal["alpha"] | None
"""Whether texts are looked for in the pixels; ``alpha``: even where no hash is made, in the alpha channel of pictures
that hold no other text."""


@runtime_checkable
class Completer(Protocol):
    """Fills what records lack, as a library of models does. Pickled for other processes."""

    @property
    def revision(self) -> str:
        """Changes when records might be completed otherwise."""

    def complete(self, record: ImageRecord) -> ImageRecord:
        """The record with what was absent, and where it comes from in `Extraction.models`."""


class Options(NamedTuple):
    """The options of `extract` that change what is read."""

    hash: HashOption = True
    stealth: Stealth = None
    raw: bool = False
    foreign_sidecars: bool = True
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS
    models: Completer | None = None

    @property
    def scaling(self) -> Scaling | None:
        """How pictures are scaled for the hash; None: there is none."""
        return (DEFAULT_SCALING if self.hash is True else self.hash) or None

    @property
    def decodes(self) -> bool:
        """Whether pixels are decoded."""
        return bool(self.hash) or self.stealth is True

    def looks_into(self, *, has_alpha: bool, has_texts: bool) -> bool:
        """Whether the pixels of such a picture are decoded."""
        return self.decodes or (self.stealth == ALPHA and has_alpha and not has_texts)

    @property
    def channels(self) -> bool | None:
        """`stealth` for a picture whose pixels are decoded: None means alpha where there is one."""
        return self.stealth if isinstance(self.stealth, bool) else None
