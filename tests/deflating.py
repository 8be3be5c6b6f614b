"""Deflated bytes without a header, as a ZIP holds them."""

from __future__ import annotations

import zlib


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()
