"""How many bytes of text one file may still give, and how a compressed text is inflated within that."""

from __future__ import annotations

import zlib
from typing import Final

from extractor.ledger import Ledger

_BROTLI_PIECE: Final = 4096
"""Bytes fed at a time, so that what stands before a fault is kept; also what is asked for at a time."""


class TextBudget:
    """Keeps `limits.text_bytes` for each text and `limits.text_total_bytes` for all texts of a file."""

    __slots__ = ("_left", "_log")

    def __init__(self, log: Ledger) -> None:
        self._log = log
        self._left = log.limits.text_total_bytes

    def allow(self, wanted: int, what: str) -> int:
        """How many of `wanted` bytes may be read for the text `what`; a warning tells when it is fewer."""
        if wanted <= self._left and wanted <= self._log.limits.text_bytes:
            allowed = wanted
        else:
            allowed = min(self._log.limits.text_bytes, self._left)
            name = "text_bytes" if allowed == self._log.limits.text_bytes else "text_total_bytes"
            self._log.limit(name, f"{what}: cut to {allowed} of {wanted} bytes")
        self._left -= allowed
        return allowed

    def inflate(self, data: bytes, what: str) -> bytes:
        """The inflated zlib stream, as far as it is sound and within the budget; warnings tell what is missing."""
        most = min(self._log.limits.text_bytes, self._left)
        decoder = zlib.decompressobj()
        try:
            text = decoder.decompress(data, most) if most else b""
        except zlib.error as error:
            self._log.add("inflate-failed", f"{what}: {error}")
            text = _sound_part(data, most)
        else:
            if len(text) == most:
                name = "text_bytes" if most == self._log.limits.text_bytes else "text_total_bytes"
                self._log.limit(name, f"{what}: inflated text cut to {most} bytes")
            elif not decoder.eof:
                self._log.add("truncated", f"{what}: the compressed text is cut off")
        self._left -= len(text)
        return text

    def inflate_brotli(self, data: bytes, what: str) -> bytes:
        """`inflate` for a Brotli stream (RFC 7932)."""
        import brotli

        most = min(self._log.limits.text_bytes, self._left)
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
                    self._log.add("truncated", f"{what}: the compressed text is cut off")
                    break
                parts.append(text)
                size += len(text)
        except brotli.error as error:
            self._log.add("inflate-failed", f"{what}: {error}")
        if size > most or (size == most and not decoder.is_finished()):
            name = "text_bytes" if most == self._log.limits.text_bytes else "text_total_bytes"
            self._log.limit(name, f"{what}: inflated text cut to {most} bytes")
        self._left -= min(size, most)
        return b"".join(parts)[:most]


def _sound_part(data: bytes, most: int) -> bytes:
    """What a damaged zlib stream gives before its fault, found by feeding it in small pieces."""
    decoder = zlib.decompressobj()
    parts = []
    try:
        for start in range(0, len(data), 256):
            part = decoder.decompress(data[start : start + 256], most)
            parts.append(part)
            most -= len(part)
            if most <= 0:
                break
    except zlib.error:
        pass
    return b"".join(parts)
