"""EXIF UserComment: decoded by evidence, since neither its header nor the TIFF byte order can be believed."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections import Counter
from typing import Final

from extractor.text.loose import decode_utf8

_HEADER_LENGTH: Final = 8
_UNICODE: Final = b"UNICODE"
_JIS: Final = b"JIS"
_HEADERS: Final = frozenset((_UNICODE, b"ASCII", _JIS, b"UTF8", b"UTF-8", b""))
_EXACT: Final = {name.ljust(_HEADER_LENGTH, b"\0"): name for name in _HEADERS}
"""The headers as the standard has them."""
_UTF16: Final = {"utf-16-be": codecs.utf_16_be_decode, "utf-16-le": codecs.utf_16_le_decode}
"""As `bytes.decode` calls them, without looking them up by name for each text."""
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BOM_BYTES: Final = tuple(bom for bom, _ in _BOMS)
_JIS_CODECS: Final = ("utf-8", "euc_jp", "shift_jis")
_SAMPLE: Final = 2048
"""Bytes (or characters) that are weighed to tell the readings apart."""
_VARIETY_SAMPLE: Final = 256
"""Bytes that are looked at to see whether there is any doubt."""

_ASCII_WEIGHT: Final = 1.2
_ASCII_TRUST: Final = 0.7
"""How far an ASCII reading counts where UTF-16 is declared: Hiragana in UTF-16 are valid ASCII too."""
_BLOCKS: Final = (
    (0x0000, -3.0),  # C0 controls
    (0x0020, _ASCII_WEIGHT),
    (0x007F, -3.0),  # C1 controls
    (0x00A0, 0.8),  # Latin-1, Latin Extended-A
    (0x0180, 0.0),  # Latin Extended-B, IPA
    (0x0300, 0.4),  # combining marks
    (0x0370, 0.8),  # Greek, Cyrillic
    (0x0500, 0.0),
    (0x05D0, 0.6),  # Hebrew, Arabic
    (0x0700, 0.0),
    (0x0900, 0.4),  # scripts of India
    (0x0E00, 0.6),  # Thai
    (0x0E80, 0.0),
    (0x1E00, 0.5),  # Latin Extended Additional (Vietnamese)
    (0x1F00, 0.0),
    (0x2000, 0.8),  # general punctuation
    (0x2070, 0.5),  # symbols, arrows, shapes, dingbats
    (0x27C0, 0.0),
    (0x2B00, 0.3),
    (0x2C00, -0.5),
    (0x3000, 1.0),  # CJK punctuation, kana
    (0x3004, 0.0),  # the mark of a standard: a Cyrillic a with its bytes swapped
    (0x3005, 1.0),
    (0x3006, 0.5),  # two rare letters: an Arabic one swapped
    (0x3008, 1.0),
    (0x3100, 0.2),
    (0x3400, -0.5),  # CJK extension A
    (0x4E00, 0.3),  # ideographs; the frequent ones count more
    (0xA000, -0.5),
    (0xAC00, 0.3),  # Hangul; the frequent ones count more
    (0xD7A4, -3.0),  # unpaired surrogates, private use
    (0xF900, -0.3),
    (0xFE0F, 0.8),  # emoji presentation selector
    (0xFE10, 0.0),
    (0xFF01, 0.9),  # full width forms
    (0xFFEF, -3.0),
    (0x10000, -0.5),
    (0x1F000, 1.0),  # emoji
    (0x1FB00, -0.5),
    (0xE0000, -3.0),
)
"""(first code point, how much a character from here on speaks for a reading)."""
_STARTS: Final = tuple(start for start, _ in _BLOCKS)
_FREQUENT_WEIGHT: Final = 0.9
_LEVEL_ONE: Final = (
    ("gb2312", 0xB0, 0xD7),
    ("shift_jis", 0x88, 0x97),
    ("big5", 0xA4, 0xC6),
    ("euc_kr", 0xB0, 0xC8),
)
"""(codec, lead bytes): the frequent ideographs and syllables of each national standard."""
_ALONE: Final = 0.5
"""How far a mark counts that the whole text repeats: a letter is more likely, whatever its script."""
_SWAPPED_ASCII_WEIGHT: Final = -0.3
"""Of a character whose code ends in 00, as that of every ASCII character does when its bytes are swapped."""
_FREQUENT_ZEROS: Final = frozenset((0x4E00, 0xAC00))
"""The ideograph for 1 and the syllable ga: their codes end in 00 and they are frequent all the same."""


def decode_user_comment(data: bytes, big_endian: bool) -> str:
    """The text of a UserComment's bytes, header included, without the NULs around it.

    `big_endian` is the byte order of the TIFF, the weakest evidence. Never fails: what is no text in any
    encoding comes out with U+FFFD in it.
    """
    header, body = _split(data)
    if body.startswith(_BOM_BYTES):
        bom, codec = next(mark for mark in _BOMS if body.startswith(mark[0]))
        return _decode(body[len(bom) :], codec)
    if header == _JIS:
        return _decode_jis(body)
    trimmed = body.rstrip(b"\0")
    if header != _UNICODE and b"\0" not in trimmed:
        text = decode_utf8(trimmed)
        if text is not None:
            return text
    units = body[: len(trimmed) + len(trimmed) % 2]
    return _decode_wide(units, header, big_endian)


def _split(data: bytes) -> tuple[bytes, bytes]:
    """(name of the character code, text). Some writers leave the header out."""
    head = data[:_HEADER_LENGTH]
    if head in _EXACT:
        return _EXACT[head], data[_HEADER_LENGTH:]
    name = head.rstrip(b"\0").upper()
    if (name in _HEADERS and len(head) > len(name)) or head.isspace():
        return name.strip(), data[_HEADER_LENGTH:]
    return b"", data


def _decode(body: bytes, codec: str) -> str:
    if codec in _UTF16:
        text, _ = _UTF16[codec](body[: len(body) & ~1], "replace", True)
    else:
        text = body.decode(codec, "replace")
    return text.strip("\0")


def _eight_bit(body: bytes, header: bytes) -> str | None:
    """The text in UTF-8, else in Latin-1; that last guess not where UTF-16 is declared."""
    text = decode_utf8(body)
    return text if text is not None or header == _UNICODE else body.decode("latin-1")


def _decode_jis(body: bytes) -> str:
    body = body.strip(b"\0")
    codecs = ("iso2022_jp", *_JIS_CODECS) if b"\x1b$" in body else _JIS_CODECS
    for codec in codecs:
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def _decode_wide(body: bytes, header: bytes, big_endian: bool) -> str:
    """A text that is not plainly UTF-8: the most probable of its readings."""
    codec = _obvious_order(body)
    if codec is None:
        sample = body[:_SAMPLE]
        scores = {order: _score(_code_points(sample, order)) for order in ("utf-16-be", "utf-16-le")}
        best = max(scores.values())
        narrow = _eight_bit(body, header)
        if narrow is not None:
            trust = _ASCII_TRUST if header == _UNICODE and narrow.isascii() else 1.0
            if trust * _score(narrow[:_SAMPLE]) > best:
                return narrow.strip("\0")
        codec = next(order for order in _by_weaker_evidence(sample, big_endian) if scores[order] == best)
    return _decode(body, codec)


def _obvious_order(body: bytes) -> str | None:
    """The byte order, where zero bytes and variety leave no doubt: most of the text is ASCII."""
    even, odd = body[0:_VARIETY_SAMPLE:2], body[1:_VARIETY_SAMPLE:2]
    units = len(odd)
    if units < 16:
        return None
    for high, low, codec in ((even, odd, "utf-16-be"), (odd, even, "utf-16-le")):
        if high.count(0) * 2 > units and low.count(0) * 16 < units and 2 * len(set(high)) < len(set(low)):
            return codec
    return None


def _by_weaker_evidence(sample: bytes, big_endian: bool) -> tuple[str, str]:
    """Both orders, the likelier first: low bytes vary more than high ones; else the TIFF's own order."""
    even, odd = len(set(sample[0::2])), len(set(sample[1::2]))
    if odd > even or (odd == even and big_endian):
        return "utf-16-be", "utf-16-le"
    return "utf-16-le", "utf-16-be"


def _code_points(sample: bytes, codec: str) -> str:
    """The sample's characters in one order, unpaired surrogates included."""
    return sample[: len(sample) & ~1].decode(codec, "surrogatepass")


def _score(text: str) -> float:
    """How far a reading looks like text: the mean weight of its characters."""
    counts = Counter(text)
    if len(counts) == 1 and len(text) > 1 and not text[0].isalnum():
        return _weight(text[0]) * _ALONE
    return sum(_weight(char) * count for char, count in counts.items()) / max(len(text), 1)


def _weight(char: str) -> float:
    code = ord(char)
    if char in "\t\n\r":
        return _ASCII_WEIGHT
    if 0x4E00 <= code < 0xA000 or 0xAC00 <= code < 0xD7A4:
        if not code & 0xFF and code not in _FREQUENT_ZEROS:
            return _SWAPPED_ASCII_WEIGHT
        if _is_frequent(char):
            return _FREQUENT_WEIGHT
    return _BLOCKS[bisect_right(_STARTS, code) - 1][1]


def _is_frequent(char: str) -> bool:
    for codec, first, last in _LEVEL_ONE:
        encoded = char.encode(codec, "ignore")
        if encoded and first <= encoded[0] <= last:
            return True
    return False
