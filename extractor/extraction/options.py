"""The options of reading one file."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol, TypeAlias, runtime_checkable

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
    stealth: bool | None = None
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
