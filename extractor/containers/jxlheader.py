"""The header of a JPEG XL codestream: size, orientation, channels (ISO/IEC 18181-1, sections D.2 and D.3)."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

HEADER_BYTES: Final = 128
"""More than the fields up to the first extra channel ever take."""
MAGIC: Final = b"\xff\x0a"
_RATIOS: Final = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_ALPHA: Final = 0

_Choices: TypeAlias = tuple[tuple[int, int], ...]
"""Four times (constant, number of bits of what is added to it)."""
_SIZE: Final = ((1, 9), (1, 13), (1, 18), (1, 30))
_PREVIEW: Final = ((1, 6), (65, 8), (321, 10), (1345, 12))
_PREVIEW_DIV8: Final = ((16, 0), (32, 0), (1, 5), (33, 9))
_TICKS: Final = ((100, 0), (1000, 0), (1, 10), (1, 30))
_TICK_UNIT: Final = ((1, 0), (1001, 0), (1, 8), (1, 10))
_LOOPS: Final = ((0, 0), (0, 3), (0, 16), (0, 32))
_INTEGER_DEPTH: Final = ((8, 0), (10, 0), (12, 0), (1, 6))
_FLOAT_DEPTH: Final = ((32, 0), (16, 0), (24, 0), (1, 6))
_CHANNELS: Final = ((0, 0), (1, 0), (2, 4), (1, 12))
_ENUM: Final = ((0, 0), (1, 0), (2, 4), (18, 6))


class JxlHeader(NamedTuple):
    """What a browser needs to lay the picture out."""

    width: int
    """As stored."""
    height: int
    orientation: int
    """As in EXIF, 1 to 8."""
    has_alpha: bool
    extra_channels: int = 0
    """Beside the colours; alpha is one."""
    bits: int = 8
    """Of a sample."""
    is_animated: bool = False


def parse_jxl_header(codestream: bytes) -> JxlHeader | None:
    """The header at the start of a codestream; None when it is cut off or no codestream."""
    if not codestream.startswith(MAGIC):
        return None
    bits = _Bits(codestream[len(MAGIC) : HEADER_BYTES])
    width, height = bits.size(_SIZE, None)
    if bits.overrun:
        return None
    plain = JxlHeader(width, height, 1, False)
    full = _with_metadata(plain, bits)
    return plain if bits.overrun else full


def _with_metadata(header: JxlHeader, bits: _Bits) -> JxlHeader:
    if bits.flag():  # all default
        return header
    orientation, is_animated = 1, False
    if bits.flag():  # extra fields
        orientation = 1 + bits.take(3)
        if bits.flag():  # intrinsic size
            bits.size(_SIZE, None)
        if bits.flag():  # preview
            bits.size(_PREVIEW, _PREVIEW_DIV8)
        is_animated = bits.flag()
        if is_animated:
            for choices in (_TICKS, _TICK_UNIT, _LOOPS):
                bits.choose(choices)
            bits.flag()
    depth = _bit_depth(bits)
    bits.flag()  # 16-bit buffers suffice
    channels = bits.choose(_CHANNELS)
    has_alpha = channels > 0 and (bits.flag() or bits.choose(_ENUM) == _ALPHA)
    return header._replace(
        orientation=orientation,
        has_alpha=has_alpha,
        extra_channels=channels,
        bits=depth,
        is_animated=is_animated,
    )


def _bit_depth(bits: _Bits) -> int:
    if not bits.flag():
        return bits.choose(_INTEGER_DEPTH)
    depth = bits.choose(_FLOAT_DEPTH)
    bits.take(4)
    return depth


class _Bits:
    """Reads from the least significant bit of each byte on; past the end come zeros."""

    __slots__ = ("_left", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    @property
    def overrun(self) -> bool:
        """Whether more was asked for than is there."""
        return self._left < 0

    def take(self, count: int) -> int:
        """The next `count` bits as a number."""
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def flag(self) -> bool:
        """The next bit."""
        return self.take(1) == 1

    def choose(self, choices: _Choices) -> int:
        """A number in the one of four forms that two bits select."""
        constant, count = choices[self.take(2)]
        return constant + self.take(count)

    def size(self, plain: _Choices, div8: _Choices | None) -> tuple[int, int]:
        """(width, height) in the layout of SizeHeader and PreviewHeader; the former has one form of eighths."""
        in_eighths = self.flag()
        height = self._side(in_eighths, plain, div8)
        ratio = _RATIOS.get(self.take(3))
        if ratio:
            return height * ratio[0] // ratio[1], height
        return self._side(in_eighths, plain, div8), height

    def _side(self, in_eighths: bool, plain: _Choices, div8: _Choices | None) -> int:
        if not in_eighths:
            return self.choose(plain)
        return 8 * (self.choose(div8) if div8 else 1 + self.take(5))
