"""Words of a text as full text finds them: alike in a catalog, whose index SQLite makes, and in a record at hand."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

TOKENIZER: Final = "unicode61 remove_diacritics 2"
"""What SQLite makes tokens with: runs of letters and digits (of Unicode 6.1), without case and accents."""

_CJK: Final = re.compile(
    "([\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
)
"""Characters of scripts without blanks between words (and Hangul): each is a word of its own."""


def has_cjk(text: str) -> bool:
    """Whether there is a character that stands for itself."""
    return not text.isascii() and _CJK.search(text) is not None


def spaced(text: str) -> str:
    """The text with blanks around each such character, so that any of them is found."""
    return " ".join(_CJK.sub(r" \1 ", text).split()) if has_cjk(text) else text


def tokens(text: str) -> list[str]:
    """The words of a text, folded."""
    if text.isascii():
        return _ASCII.findall(text.lower())
    return "".join(map(_folded, unicodedata.normalize("NFD", spaced(text)))).split()


_ASCII: Final = re.compile("[a-z0-9]+")


def _folded(character: str) -> str:
    """A letter or digit without case; nothing for an accent; a blank for anything else."""
    category = unicodedata.category(character)
    if category[0] in "LN" or category == "Co":
        return character.lower()
    return "" if category == "Mn" else " "


def contains(words: list[str], phrase: tuple[str, ...], *, is_prefix: bool) -> bool:
    """Whether the words of `phrase` stand in `words` one after the other; the last may go on if it is a prefix."""
    length = len(phrase)
    for start in range(len(words) - length + 1):
        if words[start] == phrase[0] or (is_prefix and length == 1 and words[start].startswith(phrase[0])):
            found = tuple(words[start : start + length])
            if found == phrase or (is_prefix and found[:-1] == phrase[:-1] and found[-1].startswith(phrase[-1])):
                return True
    return False
