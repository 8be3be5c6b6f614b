"""XMP and C2PA in ``uuid`` boxes, which AVIF, HEIC, MP4 and QuickTime have in common."""

from __future__ import annotations

from typing import Final

from extractor.containers.bmff import UUID_C2PA, UUID_XMP, Box, uuid_payload
from extractor.embedded import Embedded
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block

_BLOCKS: Final[dict[bytes, BlockKind]] = {UUID_C2PA: "c2pa", UUID_XMP: "xmp"}
"""User type -> what the box holds."""


def read_uuid_box(source: ByteSource, box: Box, embedded: Embedded, log: Ledger) -> None:
    """XMP or C2PA in a ``uuid`` box; other ones are left alone."""
    user_type, start = uuid_payload(source, box)
    if user_type in _BLOCKS:
        length = log.allow_text(max(0, box.end - start), f"{embedded.container}:uuid")
        read_block(_BLOCKS[user_type], source.read_at(start, length), embedded, log)
