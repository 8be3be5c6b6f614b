"""Text whose encoding the container does not declare, or declares wrongly."""

from __future__ import annotations


def decode_loose(data: bytes) -> str:
    """UTF-8 when the bytes are valid UTF-8, else Latin-1; NULs at the end are padding."""
    data = data.rstrip(b"\0")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
