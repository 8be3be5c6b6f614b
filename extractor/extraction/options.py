"""The options of reading one file."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.pixels.scaling import DEFAULT_SCALING, REVISIONS, Scaling, Thumbnail
from extractor.record import ImageRecord
from extractor.text.jsontext import clean_text

HashOption: TypeAlias = bool | Scaling
"""Whether pixels are hashed; True is the default scaling."""


@runtime_checkable
class Completer(Protocol):
    """Fills what records lack, as a library of models does. Pickled for other processes."""

    @property
    def revision(self) -> str:
        """Changes when records might be completed otherwise."""

    def complete(self, record: ImageRecord) -> ImageRecord:
        """The record with what was absent, and where it comes from in `Extraction.models`."""


ALPHA: Final = "alpha"
Stealth: TypeAlias = bool | Literal["alpha"] | None
"""Whether texts are looked for in the pixels; ``alpha``: even where no hash is made, in the alpha channel of pictures
that hold no other text."""


class Options(NamedTuple):
    """The options of `extract` that change what is read."""

    hash: HashOption = True
    stealth: Stealth = None
    raw: bool = False
    foreign_sidecars: bool | None = None
    """None: of files on disk; in a bucket each of them is a request."""
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS
    models: Completer | None = None
    thumbnail: Thumbnail | None = None
    """Filled when pixels are decoded; no part of the record."""

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


_NONE: Final = type(None)
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "hash": (bool, str),
    "stealth": (bool, str, _NONE),
    "raw": (bool,),
    "remote": (bool,),
    "archives": (bool,),
    "foreign_sidecars": (bool, _NONE),
    "url": (str, _NONE),
    "id": (int, _NONE),
    "base_url": (str, _NONE),
    "limits": (Limits, _NONE),
    "models": (Completer, _NONE),
    "workers": (int, _NONE),
    "connections": (int, _NONE),
    "image_column": (str, _NONE),
}
"""Argument of the public functions -> what it may be."""
_ALL_GOOD: Final = frozenset((name, kind) for name, kinds in _KINDS.items() for kind in kinds if kind is not str)
"""(argument, type of which it may have every value): most calls need no second look, which takes 4 us."""
_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "hash": (False, True, *REVISIONS),
    "stealth": (False, True, ALPHA),
}
"""Argument -> the values it may have, where not all of its types."""


def check_arguments(**arguments: object) -> None:
    """Raise `TypeError` for an argument of the wrong type, `ValueError` for a value that it cannot have.

    That is also text which cannot be written as UTF-8.
    """
    if _ALL_GOOD.issuperset(zip(arguments, map(type, arguments.values()), strict=True)):
        return
    for name, value in arguments.items():
        if (name, type(value)) in _ALL_GOOD:
            continue
        kinds = _KINDS[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds if kind is not _NONE)
            raise TypeError(f"{name} must be {wanted}, not {type(value).__name__}")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, _CHOICES[name]))}, not {value!r}")
        if isinstance(value, str) and clean_text(value) != value:
            raise ValueError(f"{name} cannot be written as UTF-8: {value!r}")


def checked_options(**arguments: Any) -> Options:
    """The options of these arguments of `extract`, checked; no limits are the usual ones."""
    check_arguments(**arguments)
    return Options(**arguments | {"limits": arguments["limits"] or DEFAULT_LIMITS})
