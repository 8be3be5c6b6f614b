"""Text whose encoding the container does not declare, or declares wrongly."""

from __future__ import annotations

from extractor.ledger import Ledger


def decode_utf8(data: bytes) -> str | None:
    """The text if the bytes are valid UTF-8; a last character that is cut in two is left out. Else None."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        whole = data[: error.start]
        is_cut = error.reason == "unexpected end of data" and not whole.isascii()
        return whole.decode() if is_cut else None


def decode_loose(data: bytes) -> str:
    """UTF-8 when the bytes are valid UTF-8, else Latin-1; NULs at the end are padding."""
    data = data.rstrip(b"\0")
    text = decode_utf8(data)
    return data.decode("latin-1") if text is None else text


def decode_name(data: bytes, log: Ledger, what: str) -> str:
    """The name of a tag or key, cut at `limits.key_bytes` with a warning."""
    if len(data) > log.limits.key_bytes:
        log.limit("key_bytes", f"{what}: a name of {len(data)} bytes cut")
    return decode_loose(data[: log.limits.key_bytes])
