"""Numbers and words out of values whose type no writer promises. None means: there is no such value here."""

from __future__ import annotations

import math
import re
from typing import Final

from extractor.limits import DEFAULT_LIMITS

_MAX_DIGITS: Final = DEFAULT_LIMITS.integer_digits
_TOO_LONG: Final = 10**_MAX_DIGITS
RANDOM_SEED: Final = -1
"""What a tool writes that was asked to choose one itself."""
_SIZE: Final = re.compile(r"[(\[]?\s{0,8}(\d{1,6})\s{0,8}[x×X*,]\s{0,8}(\d{1,6})(?!\d)")


def to_int(value: object) -> int | None:
    """An exact integer from an int, an integral float, or their decimal text; None for anything else.

    Text may carry blanks and a sign; ``"20.0"`` is 20. More than 40 digits is None. A bool is no number.
    """
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _TOO_LONG else None
    if isinstance(value, str):
        if value.isdecimal() and value.isascii() and len(value) <= _MAX_DIGITS:
            return int(value)
        whole, point, fraction = value.strip().partition(".")
        if point and not fraction.strip("0"):
            return _integer(whole)
        return to_int(to_number(value))
    return None


def to_number(value: object) -> int | float | None:
    """A finite number from a number or its decimal text; an integer stays an integer. None otherwise."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    number = _integer(text)
    if number is not None:
        return number
    if len(text) > _MAX_DIGITS or not text.isascii() or "_" in text or text.lstrip("+-").isdigit():
        return None
    try:
        decimal = float(text)
    except ValueError:
        return None
    return decimal if math.isfinite(decimal) else None


def _integer(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return int(text) if digits.isdigit() and digits.isascii() and len(digits) <= _MAX_DIGITS else None


def to_text(value: object) -> str | None:
    """A text that is not blank, without outer white space; None otherwise."""
    if isinstance(value, str):
        return value.strip() or None
    return None


def to_prompt(value: object) -> str | None:
    """A prompt without outer white space, possibly empty; None when it is no text."""
    return value.strip() if isinstance(value, str) else None


def to_seed(value: object) -> int | None:
    """An exact seed; -1 asks for a random one and is none."""
    seed = to_int(value)
    return None if seed == RANDOM_SEED else seed


def to_size(value: object) -> str | None:
    """``WxH`` out of ``832x1216``, ``832 x 1216``, ``(832, 1216)``, ``832×1216 (13:19)`` or ``[832, 1216]``."""
    if isinstance(value, list) and len(value) == 2:
        return paired_size(to_int(value[0]), to_int(value[1]))
    match = _SIZE.match(value.strip()) if isinstance(value, str) else None
    return paired_size(int(match[1]), int(match[2])) if match else None


def to_fraction(value: object) -> int | float | None:
    """An integer where the value is one, however it is written, else any finite number."""
    whole = to_int(value)
    return to_number(value) if whole is None else whole


def to_clip_skip(value: object) -> int | float | None:
    """Layers counted from the last one, which some tools write as a negative index, others as a fraction."""
    skip = to_fraction(value)
    return None if skip is None else abs(skip)


def paired_size(width: int | None, height: int | None) -> str | None:
    """``WxH`` of two sides that are both known and positive."""
    return f"{width}x{height}" if width and height and width > 0 and height > 0 else None
