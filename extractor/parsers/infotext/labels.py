"""What copies of an infotext have around it or in place of its line ends."""

from __future__ import annotations

import re
from typing import Final

from extractor.parsers.infotext.keys import NEGATIVE_MARKER, STEPS

_LABELS: Final = re.compile(
    r"(?i:[\s\ufeff\u200b]*+(?:\[[a-z0-9:-]{2,20}+\][ \t]++(?=(?:parameters|user ?comment)[ \t]*+:))?+"
    r"(?:parameters[ \t]*+(?::(?=\s)|[\n\0]|\r\n)|user ?comment[ \t]*+:"
    r"|(?:image description|description|comment|xp comment)[ \t]{2,}+:"
    r"|charset=\"?+(?:unicode|ascii|jis)\"?+ |(?-i:UNICODE|ASCII|JIS)\0++))*+[\s\ufeff\u200b]*+"
)
"""Names of the place before the text, as exiftool and others that list what a file holds put them; byte order marks,
and the character code of a UserComment, which some savers put into its text once more."""
_LINE_END_SIGNS: Final = ("\\r\\n", "\\n", "<br>", "<br/>", "<br />")


def without_labels(text: str) -> str:
    """The text without the names of the place it stood in."""
    match = _LABELS.match(text)
    return text[match.end() :] if match else text


def with_line_ends(text: str) -> str:
    """A text without line ends, in which a copy has put signs for them before its parts (backslash and n, ``<br>``)."""
    for sign in _LINE_END_SIGNS:
        if sign in text and (f"{sign}{STEPS}" in text or f"{sign}{NEGATIVE_MARKER}" in text):
            return text.replace(sign, "\n")
    return text
