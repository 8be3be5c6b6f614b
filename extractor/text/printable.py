"""Untrusted text on a terminal: what would steer it is shown, not obeyed."""

from __future__ import annotations

from typing import Final

_STEERING: Final = (
    *range(0x20),  # C0: ESC, line ends, backspace
    *range(0x7F, 0xA0),  # DEL and C1: CSI as one character
    0x061C,
    *range(0x200E, 0x2010),  # marks that change the direction of what follows
    *range(0x2028, 0x202F),  # line and paragraph separators, bidi embeddings and overrides
    *range(0x2066, 0x206A),  # bidi isolates
    0xFEFF,
)
"""Code points that move the cursor, change colours or titles, or reorder what is shown around them."""

_ESCAPES: Final = {code: f"\\u{code:04x}" for code in _STEERING}
_ESCAPES_IN_LINES: Final = {code: escape for code, escape in _ESCAPES.items() if chr(code) not in "\n\t"}
_ESCAPES_IN_JSON: Final = {code: escape for code, escape in _ESCAPES.items() if code >= 0x7F}


def one_line(text: str) -> str:
    r"""The text on one line, safe to print: controls, bidi overrides and lone surrogates as ``\u001b``.

    Never raises; the result can be encoded as UTF-8.
    """
    return encodable(text.translate(_ESCAPES))


def lines(text: str) -> str:
    r"""As `one_line`, but line ends and tabs stay; CRLF and CR become LF."""
    return encodable(text.replace("\r\n", "\n").replace("\r", "\n").translate(_ESCAPES_IN_LINES))


def json_text(text: str) -> str:
    r"""A JSON text of the same value that is safe to print and to encode as UTF-8.

    C1 controls, DEL, bidi overrides and lone surrogates can only stand inside its strings and become ``\u009b``
    there; the encoder has escaped C0 itself. What stands for a byte of a file name that is not UTF-8 (a lone
    surrogate) is read back by any JSON parser as Python gave it.
    """
    return encodable(text if text.isascii() and "\x7f" not in text else text.translate(_ESCAPES_IN_JSON))


def encodable(text: str) -> str:
    r"""The text with lone surrogates as ``\udcff``, so that it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text
