"""JSON from untrusted texts: bounded, tolerant of what real writers do, safe to write out again."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Final, TypeAlias

from extractor.ledger import Ledger

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"

_OBJECT_BEGIN: Final = re.compile(r"[\ufeff \t\r\n]*+\{[ \t\r\n]*+[\"}]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'[]{},"'))
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_STEP: Final = {ord("["): 1, ord("]"): -1}
_STRIDE: Final = 1024
_DIGITS: Final = bytes(48 if chr(byte) in "0123456789" else 32 for byte in range(256))
"""Translation that leaves of a text its digits, all as ``0``."""
_SAMPLES: Final = 5
"""So many of the digits that are looked for stand in any sample of the text."""

_ESCAPE: Final = re.compile(rb'\\[\\"]')
_DOUBTFUL_ESCAPE: Final = re.compile(
    r"\\(?:\\u|u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|[c-fC-F](?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F])))"
)
"""One that may be of a lone surrogate. Whole pairs are common: every emoji of a writer that keeps to ASCII. Behind an
escaped backslash what looks like a pair need not be one."""


def load_json(text: str, log: Ledger, what: str) -> JsonValue:
    """The value of a JSON text, or None when there is none (a warning says why).

    Tolerates what generators write: a byte order mark, NULs and junk after the value, control characters in
    strings, ``NaN`` and ``Infinity`` (they become None, as do floats too large for a double). Integers are
    exact up to ``limits.integer_digits`` and stay text beyond. Lone surrogates become U+FFFD.
    `what` names the text in warnings.
    """
    return split_json(text, log, what)[0]


def split_json(text: str, log: Ledger, what: str) -> tuple[JsonValue, str]:
    """The value at the beginning of a text, as `load_json` gives it, and what stands behind it.

    A text that does not begin with a value stands behind it whole; one that exceeds a limit is all JSON.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if not is_within_bounds(text, log, what):
        return None, ""
    log.spend("json_bytes", len(text))
    long_integer = _has_digits(text, log.limits.integer_digits + 1)
    decoder = _counting_decoder(log, what) if long_integer else _DECODER
    value: JsonValue
    try:
        value, end = decoder.raw_decode(text)
    except ValueError as error:
        log.add("json-invalid", f"{what}: not valid JSON: {error}")
        return None, text
    doubtful = "\\" in text and _DOUBTFUL_ESCAPE.search(text) is not None
    return _without_surrogates(value) if doubtful or not _encodable(text) else value, text[end:]


def load_object(text: str, log: Ledger, what: str) -> JsonObject | None:
    """`load_json`, or None when the value is not an object."""
    value = load_json(text, log, what)
    return value if isinstance(value, dict) else None


def looks_like_object(text: str) -> bool:
    """Whether the text begins like a JSON object: ``{`` and a quote, not the ``{a|b}`` of a wildcard prompt."""
    return _OBJECT_BEGIN.match(text) is not None


def dump_json(value: JsonValue) -> str:
    """Compact JSON of a value that `load_json` gave."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _number(literal: str) -> float | None:
    value = float(literal)
    return value if math.isfinite(value) else None


def _no_number(_name: str) -> None:
    """``NaN``, ``Infinity`` and ``-Infinity``."""


_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_constant=_no_number, strict=False)
"""For texts without overlong integers: making a decoder costs as much as reading a small text."""


def _counting_decoder(log: Ledger, what: str) -> json.JSONDecoder:
    """A decoder that counts the digits of every integer."""
    digits = log.limits.integer_digits

    def integer(literal: str) -> int | str:
        if len(literal.lstrip("-")) <= digits:
            return int(literal)
        log.limit("integer_digits", f"{what}: an integer of {len(literal)} digits is kept as text")
        return literal

    return json.JSONDecoder(parse_int=integer, parse_float=_number, parse_constant=_no_number, strict=False)


def _has_digits(text: str, count: int) -> bool:
    """Whether so many digits stand in a row; of most texts a few characters tell that they do not (2 % of a graph)."""
    sample = text[:: max(count // _SAMPLES, 1)].encode("utf-8", "replace").translate(_DIGITS)
    if b"0" * min(count, _SAMPLES) not in sample:
        return False
    return b"0" * count in text.encode("utf-8", "replace").translate(_DIGITS)


def is_within_bounds(text: str, log: Ledger, what: str) -> bool:
    """Check size, depth and number of values before the parser sees the text; a warning says what is exceeded.

    Cheap for the usual text: only one with more brackets than the depth limit is looked at exactly.
    """
    limits = log.limits
    if len(text) > log.left("json_bytes"):
        log.limit("json_bytes", f"{what}: JSON of {len(text)} characters not read")
        return False
    opened = text.count("[") + text.count("{")
    is_long = len(text) >= limits.json_values
    if opened <= limits.json_depth and not (is_long and opened + text.count(",") >= limits.json_values):
        return True
    structure = _structure(text)
    brackets = structure.translate(_ONE_KIND, _NOT_BRACKETS)
    depth = max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
    if depth > limits.json_depth:
        log.limit("json_depth", f"{what}: JSON nested {depth} deep not read")
        return False
    values = len(brackets) + structure.count(b",")
    if values > limits.json_values:
        log.limit("json_values", f"{what}: JSON of about {values} values not read")
        return False
    return True


def seems_out_of_bounds(text: str, log: Ledger) -> bool:
    """Whether `is_within_bounds` is worth asking of a text that will not be read: brackets in strings count here."""
    limits = log.limits
    if len(text) > min(limits.json_bytes, limits.json_values):
        return True
    depth = 0
    for start in range(0, len(text), _STRIDE):
        end = start + _STRIDE
        opened = text.count("{", start, end) + text.count("[", start, end)
        if depth + opened > limits.json_depth:
            return True
        depth += opened - text.count("}", start, end) - text.count("]", start, end)
    return False


def _structure(text: str) -> bytes:
    """The brackets and commas of a JSON text that stand outside its strings."""
    data = text.encode("utf-8", "replace")
    if b"\\" in data:
        data = _ESCAPE.sub(b"", data)
    # Odd pieces between quotes are the strings; most are empty by now, and without two quotes the rest stays odd.
    return b"".join(data.translate(None, _NOT_STRUCTURE).replace(b'""', b"").split(b'"')[::2])


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean_text(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, so that it can be written as UTF-8."""
    if _encodable(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_surrogates(value: JsonValue) -> JsonValue:
    """A copy of the value with `clean_text` applied to every string. Depth is bounded by `json_depth`."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _without_surrogates(item) for key, item in value.items()}
    return value
