"""CBOR (RFC 8949) from untrusted bytes, bounded in depth and number of items."""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

from extractor.warning import WarningLog

CborValue: TypeAlias = "bool | int | float | str | bytes | list[CborValue] | CborMap | None"
CborMap: TypeAlias = "dict[str | int | bytes, CborValue]"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_BREAK: Final = 0xFF
_INDEFINITE: Final = 31
_ARGUMENT_WIDTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_CONSTANTS: Final = {20: False, 21: True}


class _InvalidError(ValueError):
    """The bytes are no CBOR; the message says why."""


class _LimitError(Exception):
    """A limit was reached; the message is its name."""


class CborLoader:
    """Loads values one after another within one budget of items. `what` names the block in warnings."""

    __slots__ = ("_data", "_items_left", "_log", "_position", "_what")

    def __init__(self, log: WarningLog, what: str) -> None:
        self._log = log
        self._what = what
        self._items_left = log.limits.cbor_items
        self._data = b""
        self._position = 0

    def load(self, data: bytes) -> CborValue:
        """The first value in `data`, or None when there is none (a warning says why).

        Tags are passed over, ``undefined`` and unassigned simple values are None, map entries whose key is
        neither text, bytes nor integer are left out.
        """
        self._data, self._position = data, 0
        try:
            return self._value(0)
        except _InvalidError as error:
            self._log.add("cbor-invalid", f"{self._what}: {error}")
        except _LimitError as error:
            self._log.limit(str(error), f"{self._what}: CBOR not read")
        return None

    def _value(self, depth: int) -> CborValue:
        """The value at the current position, which moves behind it."""
        self._items_left -= 1
        if self._items_left < 0:
            raise _LimitError("cbor_items")
        if depth > self._log.limits.cbor_depth:
            raise _LimitError("cbor_depth")
        initial = self._take(1)[0]
        major, info = initial >> 5, initial & 31
        if major == _SIMPLE:
            return self._simple(info)
        if major in (_BYTES, _TEXT):
            data = self._string(major, info)
            return data.decode("utf-8", "replace") if major == _TEXT else data
        if major == _ARRAY:
            return self._array(info, depth + 1)
        if major == _MAP:
            return self._map(info, depth + 1)
        argument = self._argument(info)
        if major == _TAG:
            return self._value(depth + 1)
        return argument if major == _UNSIGNED else -1 - argument

    def _take(self, length: int) -> bytes:
        start = self._position
        end = start + length
        if end > len(self._data):
            raise _InvalidError(f"{length} bytes wanted at {start} of {len(self._data)}")
        self._position = end
        return self._data[start:end]

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        if info not in _ARGUMENT_WIDTHS:
            raise _InvalidError(f"additional information {info} at {self._position - 1}")
        return int.from_bytes(self._take(_ARGUMENT_WIDTHS[info]), "big")

    def _simple(self, info: int) -> bool | float | None:
        if info in _FLOATS:
            number: float = struct.unpack(_FLOATS[info], self._take(_ARGUMENT_WIDTHS[info]))[0]
            return number
        self._argument(info)
        return _CONSTANTS.get(info)

    def _string(self, major: int, info: int) -> bytes:
        if info != _INDEFINITE:
            return self._take(self._argument(info))
        parts = []
        while not self._at_break():
            initial = self._take(1)[0]
            if initial >> 5 != major:
                raise _InvalidError(f"a piece of another type at {self._position - 1}")
            parts.append(self._take(self._argument(initial & 31)))
        return b"".join(parts)

    def _array(self, info: int, depth: int) -> list[CborValue]:
        if info == _INDEFINITE:
            items: list[CborValue] = []
            while not self._at_break():
                items.append(self._value(depth))
            return items
        return [self._value(depth) for _ in range(self._argument(info))]

    def _map(self, info: int, depth: int) -> CborMap:
        found: CborMap = {}
        if info == _INDEFINITE:
            while not self._at_break():
                self._entry(found, depth)
        else:
            for _ in range(self._argument(info)):
                self._entry(found, depth)
        return found

    def _entry(self, found: CborMap, depth: int) -> None:
        key, value = self._value(depth), self._value(depth)
        if isinstance(key, (str, int, bytes)):
            found[key] = value

    def _at_break(self) -> bool:
        if self._data[self._position : self._position + 1] == bytes((_BREAK,)):
            self._position += 1
            return True
        return False
