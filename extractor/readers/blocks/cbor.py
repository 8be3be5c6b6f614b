"""CBOR (RFC 8949) from untrusted bytes, bounded in depth and number of items."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, TypeAlias

from extractor.ledger import Ledger
from extractor.limits import LimitName

CborValue: TypeAlias = "bool | int | float | str | bytes | list[CborValue] | CborMap | None"
CborMap: TypeAlias = "dict[str | int | bytes, CborValue]"

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_OPEN_ENDED: Final = (_BYTES, _TEXT, _ARRAY, _MAP)
"""What may go on until a break."""
_BREAK: Final = b"\xff"
_INDEFINITE: Final = 31
_ARGUMENT_WIDTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_CONSTANTS: Final = {20: False, 21: True}


class _InvalidError(ValueError):
    """The bytes are no CBOR; the message says why."""


class _LimitError(Exception):
    """A limit was reached."""

    def __init__(self, name: LimitName) -> None:
        super().__init__(name)
        self.name: LimitName = name


class CborLoader:
    """Loads values one after another within one budget of items. `what` names the block in warnings."""

    __slots__ = ("_data", "_items_left", "_log", "_position", "_what")

    def __init__(self, log: Ledger, what: str) -> None:
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
            self._log.limit(error.name, f"{self._what}: CBOR not read")
        return None

    def _value(self, depth: int) -> CborValue:
        """The value at the current position, which moves behind it."""
        self._items_left -= 1
        if self._items_left < 0:
            raise _LimitError("cbor_items")
        if depth > self._log.limits.cbor_depth:
            raise _LimitError("cbor_depth")
        start = self._position
        if start >= len(self._data):
            raise self._missing(1)
        initial = self._data[start]
        self._position = start + 1
        major, info = initial >> 5, initial & 31
        if major == _SIMPLE:
            return self._simple(info)
        if info == _INDEFINITE and major in _OPEN_ENDED:
            return self._open_ended(major, depth + 1)
        argument = info if info < 24 else self._argument(info)
        if major == _TEXT:
            return self._take(argument).decode("utf-8", "replace")
        if major == _BYTES:
            return self._take(argument)
        if major == _MAP:
            found: CborMap = {}
            for _ in range(argument):
                self._entry(found, depth + 1)
            return found
        if major == _ARRAY:
            return [self._value(depth + 1) for _ in range(argument)]
        if major == _TAG:
            return self._value(depth + 1)
        return argument if major == _UNSIGNED else -1 - argument

    def _take(self, length: int) -> bytes:
        start = self._position
        end = start + length
        if end > len(self._data):
            raise self._missing(length)
        self._position = end
        return self._data[start:end]

    def _missing(self, length: int) -> _InvalidError:
        return _InvalidError(f"{length} bytes wanted at {self._position} of {len(self._data)}")

    def _argument(self, info: int) -> int:
        """The number behind an initial byte with `info`, from 24 on."""
        if info not in _ARGUMENT_WIDTHS:
            raise _InvalidError(f"additional information {info} at {self._position - 1}")
        return int.from_bytes(self._take(_ARGUMENT_WIDTHS[info]), "big")

    def _simple(self, info: int) -> bool | float | None:
        if info in _FLOATS:
            number: float = struct.unpack(_FLOATS[info], self._take(_ARGUMENT_WIDTHS[info]))[0]
            return number
        if info >= 24:
            self._argument(info)
        return _CONSTANTS.get(info)

    def _open_ended(self, major: int, depth: int) -> CborValue:
        """A string in pieces, an array or a map that goes on until a break."""
        if major == _ARRAY:
            items: list[CborValue] = []
            while not self._at_break():
                items.append(self._value(depth))
            return items
        if major == _MAP:
            found: CborMap = {}
            while not self._at_break():
                self._entry(found, depth)
            return found
        data = b"".join(self._pieces(major))
        return data.decode("utf-8", "replace") if major == _TEXT else data

    def _pieces(self, major: int) -> Iterator[bytes]:
        while not self._at_break():
            initial = self._take(1)[0]
            if initial >> 5 != major:
                raise _InvalidError(f"a piece of another type at {self._position - 1}")
            info = initial & 31
            yield self._take(info if info < 24 else self._argument(info))

    def _entry(self, found: CborMap, depth: int) -> None:
        key, value = self._value(depth), self._value(depth)
        if isinstance(key, (str, int, bytes)):
            found[key] = value

    def _at_break(self) -> bool:
        if self._data[self._position : self._position + 1] == _BREAK:
            self._position += 1
            return True
        return False
