"""Compressed texts, inflated within what the ledger leaves of the limits on text."""

from __future__ import annotations

import zlib
from typing import Final

from extractor.ledger import Ledger

_BROTLI_PIECE: Final = 4096
"""Bytes fed at a time, so that what stands before a fault is kept; also what is asked for at a time."""
_SOUND_PIECE: Final = 256


def inflate(data: bytes, what: str, log: Ledger) -> bytes:
    """The inflated zlib stream, as far as it is sound and within the limits; warnings tell what is missing."""
    most, name = log.text_bound()
    decoder = zlib.decompressobj()
    try:
        text = decoder.decompress(data, most) if most else b""
    except zlib.error as error:
        log.add("inflate-failed", f"{what}: {error}")
        text = _sound_part(data, most)
    else:
        if len(text) == most:
            log.limit(name, f"{what}: inflated text cut to {most} bytes")
        elif not decoder.eof:
            log.add("truncated", f"{what}: the compressed text is cut off")
    log.spend("text_total_bytes", len(text))
    return text


def inflate_brotli(data: bytes, what: str, log: Ledger) -> bytes:
    """`inflate` for a Brotli stream (RFC 7932)."""
    import brotli

    most, name = log.text_bound()
    decoder = brotli.Decompressor()
    parts: list[bytes] = []
    size = position = 0
    try:
        while size < most and not decoder.is_finished():
            piece = b""
            if decoder.can_accept_more_data():
                piece = data[position : position + _BROTLI_PIECE]
                position += len(piece)
            text = decoder.process(piece, output_buffer_limit=_BROTLI_PIECE)
            if not piece and not text:
                log.add("truncated", f"{what}: the compressed text is cut off")
                break
            parts.append(text)
            size += len(text)
    except brotli.error as error:
        log.add("inflate-failed", f"{what}: {error}")
    if size > most or (size == most and not decoder.is_finished()):
        log.limit(name, f"{what}: inflated text cut to {most} bytes")
    log.spend("text_total_bytes", min(size, most))
    return b"".join(parts)[:most]


def _sound_part(data: bytes, most: int) -> bytes:
    """What a damaged zlib stream gives before its fault, found by feeding it in small pieces."""
    decoder = zlib.decompressobj()
    parts = []
    try:
        for start in range(0, len(data), _SOUND_PIECE):
            part = decoder.decompress(data[start : start + _SOUND_PIECE], most)
            parts.append(part)
            most -= len(part)
            if most <= 0:
                break
    except zlib.error:
        pass
    return b"".join(parts)
