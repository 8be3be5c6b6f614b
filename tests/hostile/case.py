"""What is expected of one hostile file, written out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Long(NamedTuple):
    """A text too long to write out."""

    length: int
    begin: str


Raw = tuple[str, "str | Long"]
"""Source and text."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The record of a file that is read."""

    size: tuple[int, int] = (1, 1)
    raw: tuple[Raw, ...] = ()
    codes: tuple[str, ...] = ()
    """Warnings without the hash; each as often as it is given."""
    no_hash: str | None = None
    """The warning that says why there is no hash, where there is none."""
    prompt: str | None = None


@dataclass(frozen=True)
class Refused:
    """The error of a file that is not read."""

    error: type[Exception]


class Case(NamedTuple):
    """One file: its name, how it is made, what is expected."""

    name: str
    make: Callable[[], bytes]
    expected: Found | Refused
