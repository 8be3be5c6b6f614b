"""Text hidden in the least significant bits of a picture ("stealth pnginfo").

The bits run down each column, columns left to right, most significant bit first: 15 bytes of magic, the length of
the payload in bits (32-bit big-endian), the payload as UTF-8 or gzip. In the colours each pixel gives three bits:
red, green, blue. Written by NovelAI (alpha) and by https://github.com/neggles/sd-webui-stealth-pnginfo (both).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels.bands import bytes_of
from extractor.pixels.decoder import Hidden, pillow_errors

_MAGIC_BITS: Final = 15 * 8
_LENGTH_BITS: Final = 32
_HEADER_BITS: Final = _MAGIC_BITS + _LENGTH_BITS
_BLOCK_BITS: Final = 1 << 18
"""Bits read at a time, so that no copy of the whole picture is made."""
_GZIP: Final = 31  # zlib's wbits for a gzip header

Channel = Literal["alpha", "rgb"]


class StealthMode(Enum):
    """Which least significant bits are read."""

    OFF = auto()
    ALPHA = auto()
    ALL = auto()

    @classmethod
    def asked(cls, stealth: bool | None, *, has_alpha: bool) -> StealthMode:
        """What the option `stealth` of `extract` means for a picture."""
        if stealth is None:
            return cls.ALPHA if has_alpha else cls.OFF
        return cls.ALL if stealth else cls.OFF

    @property
    def hidden(self) -> Hidden:
        """How much the texts are wanted."""
        return {self.OFF: Hidden.NOT_WANTED, self.ALPHA: Hidden.WELCOME, self.ALL: Hidden.ASKED_FOR}[self]


@dataclass(frozen=True, slots=True)
class StealthText:
    """One hidden text and where it was found."""

    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class _Carrier:
    channel: Channel
    modes: frozenset[str]
    """Pillow modes that have these bits; alpha made from a palette's transparency holds no text."""
    samples: tuple[int, ...]
    """Places of the channels in RGBA."""
    plain: bytes
    gzip: bytes


_ALPHA: Final = _Carrier("alpha", frozenset({"RGBA", "LA"}), (3,), b"stealth_pnginfo", b"stealth_pngcomp")
_RGB: Final = _Carrier("rgb", frozenset({"RGB", "RGBX", "RGBA"}), (0, 1, 2), b"stealth_rgbinfo", b"stealth_rgbcomp")
_CARRIERS: Final[dict[StealthMode, tuple[_Carrier, ...]]] = {
    StealthMode.OFF: (),
    StealthMode.ALPHA: (_ALPHA,),
    StealthMode.ALL: (_ALPHA, _RGB),
}


class LowestBits(Protocol):
    """The lowest bits of the samples of a decoded picture."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    @property
    def mode(self) -> str:
        """Pillow's name for the samples it has bits of."""

    def columns(self, first: int, end: int, samples: tuple[int, ...]) -> NDArray[np.uint8]:
        """Rows x columns x samples of 0 and 1: the columns `first` to `end`, the samples by their place in RGBA."""


class PillowBits:
    """Those of a loaded picture."""

    def __init__(self, image: Image.Image, log: Ledger) -> None:
        self._image = image
        self._log = log
        self.width, self.height = image.size
        self.mode = image.mode

    def columns(self, first: int, end: int, samples: tuple[int, ...]) -> NDArray[np.uint8]:
        """See `LowestBits`; copies only these columns. May raise `PixelsError`."""
        with pillow_errors(self._log):
            part = self._image.crop((first, 0, end, self.height))
            if part.mode == "LA":
                part = part.convert("RGBA")
            return bytes_of(part).reshape(self.height, end - first, 4)[:, :, samples] & np.uint8(1)


def read_stealth(bits: LowestBits, mode: StealthMode, log: Ledger, limits: Limits) -> tuple[StealthText, ...]:
    """The texts in the bits of a picture. A magic with a bad payload costs its text and leaves a warning.

    May raise `PixelsError`, as far as `bits` does.
    """
    texts = []
    for carrier in _CARRIERS[mode]:
        if bits.mode in carrier.modes:
            text = _read(bits, carrier, log, limits)
            if text is not None:
                texts.append(StealthText(carrier.channel, text))
    return tuple(texts)


def _read(bits: LowestBits, carrier: _Carrier, log: Ledger, limits: Limits) -> str | None:
    available = bits.width * bits.height * len(carrier.samples) - _HEADER_BITS
    if available < 0:
        return None
    magic = _bits(bits, carrier, 0, _MAGIC_BITS)
    if magic not in (carrier.plain, carrier.gzip):
        return None
    length = int.from_bytes(_bits(bits, carrier, _MAGIC_BITS, _LENGTH_BITS), "big")
    if length > available:
        log.add("stealth-invalid", f"{carrier.channel}: {length} bits announced, {available} are there")
        return None
    if length % 8:
        log.add("stealth-invalid", f"{carrier.channel}: {length} bits are not whole bytes, the rest is left out")
    if length // 8 > limits.text_bytes:
        log.limit("text_bytes", f"hidden text in {carrier.channel} left out")
        return None
    payload = b"".join(_blocks(bits, carrier, length - length % 8))
    if magic == carrier.gzip:
        return _text(_inflate(payload, carrier, log, limits), carrier, log)
    return _text(payload, carrier, log)


def _blocks(bits: LowestBits, carrier: _Carrier, length: int) -> Iterator[bytes]:
    for start in range(0, length, _BLOCK_BITS):
        yield _bits(bits, carrier, _HEADER_BITS + start, min(_BLOCK_BITS, length - start))


def _bits(bits: LowestBits, carrier: _Carrier, start: int, count: int) -> bytes:
    """`count` bits from bit `start` on, as bytes."""
    column = bits.height * len(carrier.samples)
    first, last = start // column, (start + count - 1) // column
    run = bits.columns(first, last + 1, carrier.samples).swapaxes(0, 1).reshape(-1)
    offset = start - first * column
    return np.packbits(run[offset : offset + count]).tobytes()


def _inflate(payload: bytes, carrier: _Carrier, log: Ledger, limits: Limits) -> bytes | None:
    inflater = zlib.decompressobj(wbits=_GZIP)
    try:
        data = inflater.decompress(payload, limits.text_bytes + 1)
    except zlib.error as error:
        log.add("stealth-invalid", f"{carrier.channel}: {error}")
        return None
    if len(data) > limits.text_bytes:
        log.limit("text_bytes", f"hidden text in {carrier.channel} left out")
        return None
    if not inflater.eof:
        log.add("stealth-invalid", f"{carrier.channel}: the gzip stream is cut short")
        return None
    return data


def _text(data: bytes | None, carrier: _Carrier, log: Ledger) -> str | None:
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        log.add("stealth-invalid", f"{carrier.channel}: {error}")
        return None
