"""Edits the tags of an EXIF block's TIFF and leaves all else where it is: notes, thumbnails, unknown tags, byte order.

A directory that changes is laid anew at the end and its pointer patched; bytes that nothing uses any more become
zeros, or are cut off where they stand at the end. What is laid anew comes in the order IFD0, Exif IFD, long values,
so that the same edit made twice gives the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from extractor.containers.tiff import TYPE_SIZES
from extractor.limits import Limits

EXIF_POINTER: Final = 0x8769
_GPS_POINTER: Final = 0x8825
_INTEROP_POINTER: Final = 0xA005
_SUB_IFDS: Final = 0x014A
_POINTERS: Final = (EXIF_POINTER, _GPS_POINTER, _INTEROP_POINTER, _SUB_IFDS)
"""Tags whose values are offsets of directories."""
_STRIPS: Final = {0x0111: 0x0117, 0x0144: 0x0145, 0x0201: 0x0202}
"""Tag of offsets -> tag of the lengths of what stands there (strips, tiles, thumbnail)."""
_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_NEW: Final = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"
"""A TIFF whose IFD0 has no entries."""
_LONG: Final = 4
_HEADER: Final = 8
_ENTRY: Final = 12


class InvalidTiffError(ValueError):
    """The block cannot be edited; the message says why."""


class Value(NamedTuple):
    """A tag's value."""

    type: int
    data: bytes


Changes = Mapping[int, "Value | None"]
"""Tag -> its new value, or None to take it away."""


@dataclass(slots=True)
class _Entry:
    tag: int
    type: int
    count: int
    field: bytes
    """The four bytes that are the value or its offset."""


@dataclass(slots=True)
class _Directory:
    offset: int
    entries: list[_Entry]
    following: bytes
    """Offset of the next directory, as it stands."""
    changed: bool = False
    long_values: dict[int, bytes] = field(default_factory=dict)
    """Tag -> a new value that does not fit its field."""

    @property
    def range(self) -> tuple[int, int]:
        """Where it stands, with the pointer behind it."""
        return self.offset, self.offset + 2 + _ENTRY * len(self.entries) + 4


def edit_tiff(block: bytes | None, ifd0: Changes, exif: Changes, limits: Limits) -> bytes:
    """The block with changed tags; None begins a new one. Tags that are not there may be taken away, too.

    Raises `InvalidTiffError` when the directories of the block cannot be followed.
    """
    return _Editor(_NEW if block is None else block, limits).edit(ifd0, exif)


def is_empty(block: bytes, limits: Limits) -> bool:
    """Whether a block that was edited says nothing any more: no tag, thumbnail or further directory."""
    return _Editor(block, limits).is_empty()


class _Editor:
    """One edit of one block."""

    def __init__(self, block: bytes, limits: Limits) -> None:
        if block[:4] not in _ORDERS or len(block) < _HEADER:
            raise InvalidTiffError("no TIFF header")
        self._block = block
        self._limits = limits
        self._order = order = _ORDERS[block[:4]]
        self._entry = struct.Struct(order + "HHI4s")
        self._offset = struct.Struct(order + "I")
        self._number = struct.Struct(order + "H")
        self._kept: list[tuple[int, int]] = [(0, _HEADER)]
        self._freed: list[tuple[int, int]] = []

    def edit(self, ifd0: Changes, exif: Changes) -> bytes:
        first = self._directory(self._offset.unpack_from(self._block, 4)[0])
        pointer = next((entry for entry in first.entries if entry.tag == EXIF_POINTER), None)
        inner = None if pointer is None else self._inner(pointer, first)
        self._note_used(first, inner, ifd0, exif)
        for directory in (first, inner):
            if directory is not None and directory.range[1] > len(self._block):  # without its last pointer
                self._free(directory)
        self._change(first, ifd0)
        added = [value for value in exif.values() if value is not None]
        if inner is None and added:
            inner = _Directory(0, [], bytes(4), changed=True)
            self._set(first, EXIF_POINTER, Value(_LONG, bytes(4)))
        if inner is not None:
            self._change(inner, exif)
        return self._laid(first, inner)

    def is_empty(self) -> bool:
        """See `is_empty`."""
        first = self._directory(self._offset.unpack_from(self._block, 4)[0])
        if any(first.following) or any(entry.tag != EXIF_POINTER for entry in first.entries):
            return False
        inner = [self._inner(entry, first) for entry in first.entries]
        return not any(directory is not None and directory.entries for directory in inner)

    def _inner(self, pointer: _Entry, first: _Directory) -> _Directory | None:
        """The Exif IFD; None where its pointer leads nowhere, so that a new one takes its place."""
        offset = self._offset.unpack(pointer.field)[0]
        if not self._is_directory(offset):
            return None
        inner = self._directory(offset)
        return None if inner.offset == first.offset else inner

    def _is_directory(self, offset: int) -> bool:
        try:
            entries = self._directory(offset).entries
        except InvalidTiffError:
            return False
        return all(entry.type in TYPE_SIZES for entry in entries)

    def _directory(self, offset: int) -> _Directory:
        block = self._block
        if not _HEADER <= offset <= len(block) - 2:
            raise InvalidTiffError("a directory lies outside of the block")
        count = self._number.unpack_from(block, offset)[0]
        end = offset + 2 + _ENTRY * count
        if count > self._limits.exif_entries or end > len(block):
            raise InvalidTiffError("a directory is cut off or too long")
        entries = [_Entry(*self._entry.unpack_from(block, offset + 2 + _ENTRY * index)) for index in range(count)]
        following = block[end : end + 4]
        return _Directory(offset, entries, following if len(following) == 4 else bytes(4))

    # ------------------------------------------------------------------------------------------ what is in use

    def _note_used(self, first: _Directory, inner: _Directory | None, ifd0: Changes, exif: Changes) -> None:
        """Note the ranges of all values that stay, and of those that go."""
        following = self._offset.unpack(first.following)[0]
        if not self._is_directory(following):
            first.following = bytes(4)  # what some writers put there is the beginning of a value
        seen = {first.offset}
        # Only IFD0 and what follows it form a chain: behind other directories, many writers leave the pointer out.
        pending = [(following, True), *self._children(first, skip=(EXIF_POINTER,))]
        self._note_values(first, ifd0)
        if inner is not None:
            inner.following = bytes(4)
            seen.add(inner.offset)
            pending += self._children(inner)
            self._note_values(inner, exif)
        while pending:
            offset, is_chained = pending.pop()
            if offset in seen or len(seen) > self._limits.exif_ifds or not self._is_directory(offset):
                continue
            seen.add(offset)
            other = self._directory(offset)
            self._kept.append(other.range)
            self._note_values(other, {})
            pending += self._children(other)
            if is_chained:
                pending.append((self._offset.unpack(other.following)[0], True))

    def _note_values(self, directory: _Directory, changes: Changes) -> None:
        numbers = {}
        for entry in directory.entries:
            length = TYPE_SIZES.get(entry.type, 1) * entry.count
            if length > 4:
                start = self._offset.unpack(entry.field)[0]
                end = start + length
                if entry.tag not in changes:
                    self._kept.append((start, end))
                else:
                    is_padded = length % 2 and self._block[end : end + 1] == b"\0"
                    self._freed.append((start, end + 1 if is_padded else end))
            if entry.tag in _STRIPS or entry.tag in _STRIPS.values():
                numbers[entry.tag] = self._numbers(entry)
        for offsets, lengths in _STRIPS.items():
            for start, length in zip(numbers.get(offsets, ()), numbers.get(lengths, ()), strict=False):
                self._kept.append((start, start + length))

    def _children(self, directory: _Directory, skip: Iterable[int] = ()) -> list[tuple[int, bool]]:
        """(offset, that it does not go on) of the directories that tags point to."""
        return [
            (offset, False)
            for entry in directory.entries
            if entry.tag in _POINTERS and entry.tag not in skip
            for offset in self._numbers(entry)
        ]

    def _numbers(self, entry: _Entry) -> list[int]:
        """The items of an integer tag, as many as there may be directories or entries."""
        size = TYPE_SIZES.get(entry.type, 0)
        if size not in (2, 4):
            return []
        data = entry.field
        length = min(entry.count, self._limits.exif_entries) * size
        if size * entry.count > 4:
            start = self._offset.unpack(entry.field)[0]
            data = self._block[start : start + length]
        order = "little" if self._order == "<" else "big"
        return [int.from_bytes(data[at : at + size], order) for at in range(0, min(length, len(data)) - size + 1, size)]  # type: ignore[arg-type]

    # ----------------------------------------------------------------------------------------------- changing

    def _change(self, directory: _Directory, changes: Changes) -> None:
        for tag, value in changes.items():
            if value is not None:
                self._set(directory, tag, value)
            elif any(entry.tag == tag for entry in directory.entries):
                self._free(directory)
                directory.entries = [entry for entry in directory.entries if entry.tag != tag]

    def _set(self, directory: _Directory, tag: int, value: Value) -> None:
        self._free(directory)
        entries = [entry for entry in directory.entries if entry.tag != tag]
        count = len(value.data) // TYPE_SIZES[value.type]
        place = next((index for index, entry in enumerate(entries) if entry.tag > tag), len(entries))
        entries.insert(place, _Entry(tag, value.type, count, value.data.ljust(4, b"\0")[:4]))
        directory.entries = entries
        if len(value.data) > 4:
            directory.long_values[tag] = value.data

    def _free(self, directory: _Directory) -> None:
        """Mark a directory as changed; the place where it stood is free."""
        if not directory.changed and directory.offset:
            self._freed.append(directory.range)
        directory.changed = True

    # ------------------------------------------------------------------------------------------------- laying

    def _laid(self, first: _Directory, inner: _Directory | None) -> bytes:
        directories = [first] if inner is None else [first, inner]
        self._kept += [directory.range for directory in directories if not directory.changed]
        block = self._cleaned()
        # Both are placed before either is written, since IFD0 holds the other's offset.
        position = len(block) + len(block) % 2
        for directory in directories:
            if directory.changed:
                directory.offset = position
                position = directory.range[1]
        laid = bytearray(block.ljust(position, b"\0"))
        for directory in directories:
            for tag, data in directory.long_values.items():
                laid += bytes(len(laid) % 2)
                self._entry_of(directory, tag).field = self._offset.pack(len(laid))
                laid += data
        if inner is not None:
            pointer = self._entry_of(first, EXIF_POINTER)
            pointer.type, pointer.count, pointer.field = _LONG, 1, self._offset.pack(inner.offset)
        for directory in directories:
            table = [self._number.pack(len(directory.entries))]
            table += [self._entry.pack(item.tag, item.type, item.count, item.field) for item in directory.entries]
            table += [directory.following] if directory.changed else []
            data = b"".join(table)
            laid[directory.offset : directory.offset + len(data)] = data
        self._offset.pack_into(laid, 4, first.offset)
        return bytes(laid)

    def _entry_of(self, directory: _Directory, tag: int) -> _Entry:
        return next(entry for entry in directory.entries if entry.tag == tag)

    def _cleaned(self) -> bytes:
        """The block with zeros where nothing stands any more, and without those at its end."""
        block = bytearray(self._block)
        size = len(block)
        used = _joined(self._kept, size)
        end = size
        for start, stop in reversed(_joined(self._freed, size)):
            free = _without(start, stop, used)
            for low, high in free:
                block[low:high] = bytes(high - low)
            if free and free[-1][1] == end:
                end = free[-1][0]
        return bytes(block[:end])


def _joined(ranges: Iterable[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """Ranges within `size` bytes in order, those that touch as one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted((max(start, 0), min(end, size)) for start, end in ranges):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _without(start: int, end: int, used: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a range without the used ones, in order."""
    free = []
    for low, high in used:
        if high <= start or low >= end:
            continue
        if low > start:
            free.append((start, low))
        start = max(start, high)
    if start < end:
        free.append((start, end))
    return free
