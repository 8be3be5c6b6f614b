"""Big-endian fields of a box or element, read one after another."""

from __future__ import annotations


class Fields:
    """A cursor over bytes. Past their end it gives zeros and empty strings, and says so by `exhausted`."""

    __slots__ = ("_data", "position")

    def __init__(self, data: bytes, position: int = 0) -> None:
        self._data = data
        self.position = position

    def integer(self, width: int) -> int:
        """The unsigned integer in the next `width` bytes (0 for no bytes)."""
        start = self.position
        self.position = start + width
        return int.from_bytes(self._data[start : self.position], "big")

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        start = self.position
        self.position = start + length
        return self._data[start : self.position]

    def skip(self, length: int) -> None:
        """Pass over `length` bytes."""
        self.position += length

    def string(self) -> bytes:
        """The bytes up to the next NUL, which is passed over."""
        end = self._data.find(b"\0", self.position)
        if end < 0:
            end = max(self.position, len(self._data))
        text = self._data[self.position : end]
        self.position = end + 1
        return text

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return self.position >= len(self._data)
