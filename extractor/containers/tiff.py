"""TIFF structure: a bounded walk over image file directories (TIFF 6.0 section 2, BigTIFF, Exif 3.0)."""

from __future__ import annotations

import re
import struct
from collections.abc import Container, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger

TYPE_ASCII: Final = 2
TYPE_UTF8: Final = 129
EXIF_PREFIX: Final = b"Exif\0\0"
"""Before the TIFF in a JPEG, and by mistake in other containers."""
_PREFIXES: Final = re.compile(rb"(?:Exif\0[\0\xff])*+")
_ITEM_OFFSET: Final = 4
_EXIF_POINTER: Final = 0x8769
_TEXT_TYPES: Final = frozenset((TYPE_ASCII, TYPE_UTF8))
TYPE_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_BIG_TYPE_SIZES: Final = TYPE_SIZES | {16: 8, 17: 8, 18: 8}
_INTEGER_SIZES: Final = {1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8}
_USUAL_TABLE: Final = 256
"""Bytes in which most directories end."""
_OVERLAP: Final = 2
"""Values of honest writers do not overlap; together they may be this many times as long as the block."""


class Tag(NamedTuple):
    """One directory entry with its value as stored."""

    number: int
    type: int
    data: bytes
    order: str
    """``<`` or ``>``, the byte order of the TIFF."""
    first: bool
    """Whether it describes the picture itself (IFD0 and its Exif IFD), not a thumbnail or a later page."""

    def integer(self) -> int | None:
        """The first item of an unsigned integer tag; None for another type."""
        return _integer(self.type, self.data, self.order)


def _integer(type_: int, data: bytes, order: str) -> int | None:
    size = _INTEGER_SIZES.get(type_)
    if size is None or len(data) < size:
        return None
    return int.from_bytes(data[:size], "little" if order == "<" else "big")


class _Layout(NamedTuple):
    """The formats of one flavour of TIFF in one byte order."""

    order: str
    start: int
    """Where in the header the offset of IFD0 stands."""
    number: struct.Struct
    """Of entries in a directory."""
    entry: struct.Struct
    offset: struct.Struct
    type_sizes: dict[int, int]


def _layout(order: str, *, big: bool) -> _Layout:
    number, entry, offset = ("Q", "HHQ8s", "Q") if big else ("H", "HHI4s", "I")
    return _Layout(
        order,
        8 if big else 4,
        struct.Struct(order + number),
        struct.Struct(order + entry),
        struct.Struct(order + offset),
        _BIG_TYPE_SIZES if big else TYPE_SIZES,
    )


_LAYOUTS: Final = {
    b"II*\0": _layout("<", big=False),
    b"MM\0*": _layout(">", big=False),
    b"II+\0": _layout("<", big=True),
    b"MM\0+": _layout(">", big=True),
}


def is_tiff(data: bytes) -> bool:
    """Whether the bytes begin with a TIFF header."""
    return data[:4] in _LAYOUTS


def after_exif_prefix(data: bytes) -> bytes:
    r"""The block after its ``Exif\0\0``, however often it is written, and whether or not it is there."""
    prefix = _PREFIXES.match(data) if data.startswith(b"Exif") else None
    return data[prefix.end() :] if prefix else data


def find_tiff(item: bytes) -> tuple[int | None, bool]:
    """(where the TIFF or its prefix begins in an Exif item, whether the offset in front of it says so).

    Box formats put a 4-byte offset in front (ISO/IEC 23008-12 annex A.2.1; ISO/IEC 18181-2 section 9); some writers
    leave it out or get it wrong.
    """
    declared = _ITEM_OFFSET + int.from_bytes(item[:_ITEM_OFFSET], "big")
    for start in (declared, 0, _ITEM_OFFSET):
        if is_tiff(item[start : start + 4]) or item.startswith(b"Exif\0", start):
            return start, start != _ITEM_OFFSET or declared in (_ITEM_OFFSET, _ITEM_OFFSET + len(EXIF_PREFIX))
    return None, False


def read_tags(source: ByteSource, wanted: Container[int], log: Ledger, what: str) -> Iterable[Tag]:
    """The tags of IFD0, its Exif IFD and the chained IFDs that are `wanted` or of a text type, as they stand.

    One bad tag costs one tag and leaves a warning; `what` begins each warning's message.
    """
    header = source.read_at(0, 16)
    layout = _LAYOUTS.get(header[:4])
    if layout is None or len(header) < layout.start + layout.offset.size:
        log.add("exif-invalid", f"{what}: no TIFF header")
        return ()
    return _Walk(source, layout, log, what).tags(layout.offset.unpack_from(header, layout.start)[0], wanted)


_Directory: TypeAlias = tuple[int, bool, bool]
"""(offset, whether it is an Exif IFD, `Tag.first` of its tags)."""


class _Walk:
    """The state of one block's walk."""

    __slots__ = ("_entries_left", "_layout", "_left", "_log", "_pending", "_source", "_what")

    def __init__(self, source: ByteSource, layout: _Layout, log: Ledger, what: str) -> None:
        self._source = source
        self._layout = layout
        self._log = log
        self._what = what
        self._left = min(_OVERLAP * source.size, log.limits.text_total_bytes)
        self._entries_left = log.limits.exif_entries
        self._pending: list[_Directory] = []

    def tags(self, start: int, wanted: Container[int]) -> Iterator[Tag]:
        """See `read_tags`; `start` is the offset of IFD0."""
        pending, order = self._pending, self._layout.order
        pending.append((start, False, True))
        seen: set[int] = set()
        while pending:
            directory = offset, in_exif, first = pending.pop()
            if offset in seen:
                self._log.add("exif-loop", f"{self._what}: two pointers to the directory at {offset}")
                continue
            if len(seen) >= self._log.limits.exif_ifds:
                self._log.limit("exif_ifds", f"{self._what}: the directories after this are not read")
                return
            seen.add(offset)
            for number, type_, count, field in self._entries(directory):
                if number == _EXIF_POINTER and not in_exif:
                    self._follow(type_, count, field, first)
                elif number in wanted or type_ in _TEXT_TYPES:
                    data = self._value(number, type_, count, field)
                    if data is not None:
                        yield Tag(number, type_, data, order, first)

    def _entries(self, directory: _Directory) -> list[tuple[int, int, int, bytes]]:
        """(number, type, count, value field) of each entry; the next directory is put on the list."""
        offset, in_exif, first = directory
        _, _, number, entry, pointer, _ = self._layout
        table = self._source.read_at(offset, _USUAL_TABLE)
        if len(table) < number.size:
            self._log.add("exif-invalid", f"{self._what}: a directory lies outside of the block")
            return []
        declared = number.unpack_from(table)[0]
        wanted = declared if declared < self._entries_left else self._entries_left
        end = number.size + wanted * entry.size
        if end + pointer.size > _USUAL_TABLE:
            table = self._source.read_at(offset, end + pointer.size)
        is_cut = end > len(table)
        stop = len(table) - (len(table) - number.size) % entry.size if is_cut else end
        entries = list(entry.iter_unpack(table[number.size : stop]))
        self._entries_left -= len(entries)
        if not first and (is_cut or not self._plausible(entries)):
            return []
        if is_cut:
            self._log.add("exif-truncated", f"{self._what}: {len(entries)} of {declared} directory entries are there")
        elif wanted < declared:
            self._log.limit("exif_entries", f"{self._what}: {declared} entries in a directory")
        elif not in_exif and end + pointer.size <= len(table):
            following = pointer.unpack_from(table, end)[0]
            if 0 < following < self._source.size:
                self._pending.append((following, False, False))
        return entries

    def _plausible(self, entries: list[tuple[int, int, int, bytes]]) -> bool:
        """Whether a chained directory is one: writers that leave out the last pointer have text in its place."""
        return all(type_ in self._layout.type_sizes for _, type_, _, _ in entries)

    def _follow(self, type_: int, count: int, field: bytes, first: bool) -> None:
        """Put the Exif IFD on the list if its pointer is one."""
        value = _integer(type_, field, self._layout.order) if count == 1 else None
        if value is None or not 0 < value < self._source.size:
            self._log.add("exif-tag-invalid", f"{self._what}: the pointer to the Exif IFD is unusable")
            return
        self._pending.append((value, True, first))

    def _value(self, number: int, type_: int, count: int, field: bytes) -> bytes | None:
        """The value's bytes, as far as they are there; None, with a warning, when the tag is unusable."""
        item = self._layout.type_sizes.get(type_)
        if item is None:
            self._warn("exif-tag-invalid", number, f"has the unknown type {type_}")
            return None
        length = item * count
        if length <= len(field):
            return field[:length]
        offset = self._layout.offset.unpack(field)[0]
        present = min(length, self._source.size - offset)
        if present <= 0:
            self._warn("exif-tag-invalid", number, "lies outside of the block")
            return None
        if present > self._left:
            self._log.add("exif-overlap", f"{self._what}: tags that together are longer than the block are left out")
            return None
        if present < length:
            self._warn("exif-truncated", number, f"is cut to {present} of {length} bytes")
        self._left -= present
        if present > self._log.limits.text_bytes:
            present = self._log.limits.text_bytes
            self._log.limit("text_bytes", f"{self._what}: tag 0x{number:04X} is cut")
        return self._source.read_at(offset, present)

    def _warn(self, code: str, number: int, message: str) -> None:
        self._log.add(code, f"{self._what}: tag 0x{number:04X} {message}")
