"""The options of reading one file."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.text.jsontext import clean_text


class Options(NamedTuple):
    """The options of `extract` that change what is read."""

    hash: bool = True
    stealth: bool | None = None
    raw: bool = False
    foreign_sidecars: bool = True
    base_url: str | None = None
    limits: Limits = DEFAULT_LIMITS

    @property
    def decodes(self) -> bool:
        """Whether pixels are decoded."""
        return self.hash or self.stealth is True


_NONE: Final = type(None)
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "hash": (bool,),
    "stealth": (bool, _NONE),
    "raw": (bool,),
    "foreign_sidecars": (bool,),
    "url": (str, _NONE),
    "id": (int, _NONE),
    "base_url": (str, _NONE),
    "limits": (Limits, _NONE),
    "workers": (int, _NONE),
}
"""Argument of the public functions -> what it may be."""


def check_arguments(**arguments: object) -> None:
    """Raise `TypeError` for an argument of the wrong type, `ValueError` for text that cannot be written as UTF-8."""
    for name, value in arguments.items():
        kinds = _KINDS[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise TypeError(f"{name} must be {kinds[0].__name__}, not {type(value).__name__}")
        if isinstance(value, str) and clean_text(value) != value:
            raise ValueError(f"{name} cannot be written as UTF-8: {value!r}")


def checked_options(**arguments: Any) -> Options:
    """The options of these arguments of `extract`, checked; no limits are the usual ones."""
    check_arguments(**arguments)
    return Options(**arguments | {"limits": arguments["limits"] or DEFAULT_LIMITS})
