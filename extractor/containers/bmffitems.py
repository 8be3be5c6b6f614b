"""The item tables of a ``meta`` box: which items there are and where their bytes lie (ISO/IEC 14496-12, 8.11)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from extractor.containers.bmff import Box, BoxWalker
from extractor.containers.fields import Fields

FULL_BOX: Final = 4
"""Bytes of version and flags at the start of a full box."""


class Item(NamedTuple):
    """One entry of ``iinf``."""

    number: int
    kind: bytes
    """Four letters: ``av01``, ``hvc1``, ``grid``, ``Exif``, ``mime``..."""
    media_type: bytes
    """Of a ``mime`` item; empty for others."""


class Construction(IntEnum):
    """What the offsets of an item count from."""

    FILE = 0
    IDAT = 1
    ITEM = 2


class Location(NamedTuple):
    """One entry of ``iloc``."""

    construction: int
    extents: tuple[tuple[int, int], ...]
    """(offset, length); a length of 0 means to the end."""


def items(walker: BoxWalker, iinf: Box) -> Iterator[Item]:
    """The entries of an ``iinf`` box. Its declared count is not trusted: the boxes are there or not."""
    version = walker.source.read_at(iinf.start, 1)
    for box in walker.children(iinf, FULL_BOX + (2 if version == b"\0" else 4)):
        if box.kind == b"infe":
            yield _item(walker.payload(box))


def _item(data: bytes) -> Item:
    fields = Fields(data)
    version = fields.integer(1)
    fields.skip(3)
    number = fields.integer(4 if version >= 3 else 2)
    fields.skip(2)  # protection
    kind = fields.take(4) if version >= 2 else b"mime"
    fields.string()  # name
    return Item(number, kind, fields.string() if kind == b"mime" else b"")


def locations(walker: BoxWalker, iloc: Box, wanted: Container[int]) -> dict[int, Location]:
    """The places of the `wanted` items."""
    fields = Fields(walker.payload(iloc))
    version = fields.integer(1)
    fields.skip(3)
    widths = fields.integer(2)
    offset_width, length_width, base_width, index_width = (widths >> shift & 15 for shift in (12, 8, 4, 0))
    if version == 0:
        index_width = 0
    found = {}
    for _ in range(fields.integer(2 if version < 2 else 4)):
        if fields.exhausted or not walker.spend(1):
            break
        number = fields.integer(2 if version < 2 else 4)
        construction = fields.integer(2) & 15 if version else 0
        external = fields.integer(2)
        base = fields.integer(base_width)
        count = fields.integer(2)
        if number not in wanted or external:
            fields.skip(count * (index_width + offset_width + length_width))
            continue
        if not walker.spend(count):
            break
        extents = []
        for _ in range(count):
            fields.skip(index_width)
            offset = fields.integer(offset_width)
            extents.append((base + offset, fields.integer(length_width)))
        found[number] = Location(construction, tuple(extents))
    return found


class Entry(NamedTuple):
    """One entry of ``iloc``, whole."""

    number: int
    construction: int
    reference: int
    """Index of the data reference: 0 for this file."""
    extents: tuple[tuple[int, int], ...]
    """(offset, length), the base offset added."""


def entries(walker: BoxWalker, iloc: Box) -> list[Entry] | None:
    """All entries of an ``iloc`` box in their order; None when they are cut off, or offsets have no bytes."""
    fields = Fields(walker.payload(iloc))
    version = fields.integer(1)
    fields.skip(3)
    widths = fields.integer(2)
    offset_width, length_width, base_width, index_width = (widths >> shift & 15 for shift in (12, 8, 4, 0))
    if not offset_width and not base_width:
        return None
    found = []
    for _ in range(fields.integer(2 if version < 2 else 4)):
        if fields.exhausted or not walker.spend(1):
            return None
        number = fields.integer(2 if version < 2 else 4)
        construction = fields.integer(2) & 15 if version else 0
        reference = fields.integer(2)
        base = fields.integer(base_width)
        count = fields.integer(2)
        if not walker.spend(count):
            return None
        extents = []
        for _ in range(count):
            fields.skip(index_width if version else 0)
            offset = fields.integer(offset_width)
            extents.append((base + offset, fields.integer(length_width)))
        found.append(Entry(number, construction, reference, tuple(extents)))
    return found


def references(walker: BoxWalker, iref: Box, kind: bytes) -> dict[int, int]:
    """Item -> the first item it refers to by references of this kind."""
    data = walker.payload(iref)
    width = 4 if data[:1] != b"\0" else 2
    found: dict[int, int] = {}
    for box in walker.children(iref, FULL_BOX):
        if box.kind == kind:
            fields = Fields(walker.payload(box))
            origin = fields.integer(width)
            if fields.integer(2):
                found.setdefault(origin, fields.integer(width))
    return found


def property_indices(walker: BoxWalker, ipma: Box, item: int) -> Iterator[int]:
    """The indices (from 1) of an item's properties in ``ipco``, in the order they apply."""
    fields = Fields(walker.payload(ipma))
    version = fields.integer(1)
    wide = fields.integer(3) & 1
    width = 2 if wide else 1
    for _ in range(fields.integer(4)):
        if fields.exhausted or not walker.spend(1):
            return
        number = fields.integer(4 if version else 2)
        count = fields.integer(1)
        if number != item:
            fields.skip(count * width)
            continue
        for _ in range(count):
            yield fields.integer(width) & (0x7FFF if wide else 0x7F)
        return
