"""The blocks that several containers hold in the same form: one way to read each, loaded on first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Final, Literal, TypeAlias

from extractor.embedded import Embedded
from extractor.ledger import Ledger

BlockKind: TypeAlias = Literal["exif", "exif-item", "xmp", "iptc", "photoshop", "c2pa", "jumbf"]
_Read: TypeAlias = Callable[[bytes, Embedded, Ledger], int | None]

_READERS: Final[dict[BlockKind, tuple[str, str]]] = {
    "exif": ("exif", "read_exif_block"),
    "exif-item": ("exif", "read_exif_item"),
    "xmp": ("xmp", "read_xmp"),
    "iptc": ("iptc", "read_iptc"),
    "photoshop": ("iptc", "read_photoshop"),
    "c2pa": ("c2pa", "add_c2pa"),
    "jumbf": ("c2pa", "add_jumbf"),
}
"""Kind of a block -> (module of this package, its function)."""


def read_block(kind: BlockKind, data: bytes, embedded: Embedded, log: Ledger) -> int:
    """Add what a block says to `embedded`.

    Returns the orientation (1 to 8) that the block gives the picture, 1 where it says nothing of it: only the
    container knows whether a browser heeds that.
    """
    return _reader(kind)(data, embedded, log) or 1


@cache
def _reader(kind: BlockKind) -> _Read:
    module, function = _READERS[kind]
    reader: _Read = getattr(import_module(f"extractor.readers.blocks.{module}"), function)
    return reader
