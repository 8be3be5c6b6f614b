"""A CBOR encoder for tests."""

from __future__ import annotations

import struct


def encode(value: object) -> bytes:
    """The value with lengths and integers in their widest form."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if value is None:
        return b"\xf6"
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encode, value))
    assert isinstance(value, dict)
    return _head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())


def _head(major: int, argument: int) -> bytes:
    return bytes([major << 5 | 27]) + struct.pack(">Q", argument)
