"""Texts while they are put together: what is known of them, and whether some of it is not in the file."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple


class Side(IntEnum):
    """Which words are asked for. Integers, as the hash of any other enumeration is a call of Python's."""

    POSITIVE = 0
    NEGATIVE = 1
    NEGATIVE_IN_PIPE = 2
    """Negative words out of something that carries both sides: there, a text of no side is a positive one."""


class Wording(NamedTuple):
    """The texts that one input stands for, in order."""

    texts: tuple[str, ...] = ()
    stored: bool = True
    """False when a part was made at run time and is nowhere in the file."""
    exact: bool = True
    """False when a node whose working is not known may have changed the text."""
    number: bool = False
    """Whether it is a number: text only where it is joined to one."""

    def inexact(self) -> Wording:
        """The same, handed on by a node whose working is not known."""
        return self._replace(exact=False) if self.exact else self

    def spoken(self) -> Wording:
        """The same as words of a prompt; a number is none, so the real ones are not stored."""
        return UNSTORED if self.number else self

    def joined(self) -> str | None:
        """All texts, one to a line; an empty text counts only when there is no other. None: there is none."""
        if len(self.texts) == 1:
            return self.texts[0]
        said = [text for text in self.texts if text.strip()]
        return "\n".join(said) if said else (self.texts[0] if self.texts else None)


NOTHING: Final = Wording()
UNSTORED: Final = Wording(stored=False, exact=False)


def together(wordings: Iterable[Wording]) -> Wording:
    """Several side by side; a text that comes twice counts once, a number never."""
    parts = list(wordings)
    if len(parts) == 1:
        return parts[0]
    parts = [part.spoken() for part in parts]
    texts = tuple(dict.fromkeys(text for part in parts for text in part.texts))
    return Wording(texts, all(part.stored for part in parts), all(part.exact for part in parts))


def in_one_text(wordings: list[Wording], delimiter: str, *, skip_blank: bool, limit: int) -> Wording | None:
    """Several as one string with `delimiter` between; None when it would be longer than `limit`."""
    pieces = [text for part in wordings if (text := part.joined()) is not None]
    if skip_blank:
        pieces = [piece for piece in pieces if piece.strip()]
    stored = all(part.stored for part in wordings)
    if not any(map(str.strip, pieces)):
        return Wording(("",)) if stored else UNSTORED
    if sum(map(len, pieces)) + len(delimiter) * len(pieces) > limit:
        return None
    number = all(part.number for part in wordings if any(map(str.strip, part.texts)))
    return Wording((delimiter.join(pieces),), stored, all(part.exact for part in wordings), number)
