"""AVIF and HEIC stills: EXIF and XMP as items whose bytes stand in boxes of their own at the end of the file.

Of the ``meta`` box, the tables of items are written anew; all other boxes are copied, and offsets in the tables follow
what moves. Facts: ISO/IEC 14496-12 (8.11), ISO/IEC 23008-12 (annex A).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from extractor.containers.bmff import UUID_C2PA, UUID_XMP, Box, BoxWalker, make_box, uuid_payload
from extractor.containers.bmffitems import FULL_BOX, Construction, Entry, Item, entries, items
from extractor.containers.tiff import after_exif_prefix, find_tiff
from extractor.errors import CorruptImageError, WriteRefusedError
from extractor.files.bytesource import ByteSource
from extractor.files.splice import Splice
from extractor.ledger import Ledger
from extractor.writers.holdings import Changes, Holding, HoldingKind, check_whole, read_whole

_XMP_TYPE: Final = b"application/rdf+xml"
_MOST: Final = (1 << 32) - 16
_SMALL: Final = 1 << 31
_LARGEST: Final = 1 << 62
_SMALL_HEADER: Final = 8
_TABLES: Final = (b"iinf", b"iloc", b"iref")


@dataclass(slots=True)
class _Placed:
    """A box and where its header stands."""

    offset: int
    box: Box


class _HeifEditor:
    """One file."""

    container = "heic"
    most_exif = _MOST
    has_trailing = False

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        """Raises `CorruptImageError` without a picture, `WriteRefusedError` for what cannot be rewritten."""
        self._source = source
        self._log = log
        self._walker = BoxWalker(source, log, self.container)
        self._top = list(self._placed(0, source.size))
        self._meta = self._only(b"meta", self._top)
        if any(placed.box.kind in (b"moov", b"moof") for placed in self._top):
            raise WriteRefusedError(f"{self.container}: image sequences are not written to")
        inner = list(self._placed(self._meta.box.start + FULL_BOX, self._meta.box.end))
        self._tables = {placed.box.kind: placed for placed in reversed(inner) if placed.box.kind in _TABLES}
        self._idat = next((placed.box for placed in inner if placed.box.kind == b"idat"), None)
        self._primary = self._primary_item(inner)
        if b"iinf" not in self._tables or b"iloc" not in self._tables:
            raise CorruptImageError(f"{self.container}: no items, so no picture")
        self._items = list(items(self._walker, self._tables[b"iinf"].box))
        self._places = self._item_places()
        numbers = [number for entry in self._places.values() for extent in entry.extents for number in extent]
        if max(numbers, default=0) > _LARGEST:
            raise WriteRefusedError(f"{self.container}: an item lies beyond any file")
        self._is_large = max(source.size, *numbers, 0) > _SMALL
        """Whether offsets need eight bytes, or may once something has been put in."""
        self.holdings: list[Holding] = []
        for item in self._items:
            if item.kind == b"Exif" or item.media_type == _XMP_TYPE:
                self.holdings.append(self._item_holding(item))
        for placed in self._top:
            if placed.box.kind == b"uuid":
                self._add_uuid(placed)
        check_whole(log, self.container)

    def _placed(self, start: int, end: int) -> Iterator[_Placed]:
        for box in self._walker.walk(start, end):
            yield _Placed(start, box)
            start = box.end

    def _only(self, kind: bytes, boxes: Iterable[_Placed]) -> _Placed:
        found = [placed for placed in boxes if placed.box.kind == kind]
        if not found:
            raise CorruptImageError(f"{self.container}: no {kind.decode()} box, so no picture")
        if len(found) > 1 or self._size_field(found[0]) != found[0].box.end - found[0].offset:
            raise WriteRefusedError(f"{self.container}: the {kind.decode()} box is not one of the usual kind")
        return found[0]

    def _size_field(self, placed: _Placed) -> int:
        return int.from_bytes(self._source.read_at(placed.offset, 4), "big")

    def _primary_item(self, inner: list[_Placed]) -> int:
        for placed in inner:
            if placed.box.kind == b"pitm":
                data = self._walker.payload(placed.box)
                width = 4 if data[:1] != b"\0" else 2
                return int.from_bytes(data[FULL_BOX : FULL_BOX + width], "big")
        raise CorruptImageError(f"{self.container}: no primary item")

    def _item_places(self) -> dict[int, Entry]:
        found = entries(self._walker, self._tables[b"iloc"].box)
        if found is None:
            raise WriteRefusedError(f"{self.container}: the table of places cannot be written anew")
        for entry in found:
            if entry.reference or entry.construction not in (Construction.FILE, Construction.IDAT):
                raise WriteRefusedError(f"{self.container}: an item lies in another file or item")
            for offset, _ in entry.extents if entry.construction == Construction.FILE else ():
                if self._meta.offset < offset < self._meta.box.end:
                    raise WriteRefusedError(f"{self.container}: an item lies in the meta box")
        return {entry.number: entry for entry in found}

    def _extents(self, entry: Entry) -> list[tuple[int, int]]:
        """(start, end) in the file of the bytes of an item."""
        base, end = 0, self._source.size
        if entry.construction == Construction.IDAT:
            base, end = (self._idat.start, self._idat.end) if self._idat is not None else (0, 0)
        return [
            (min(base + offset, end), min(base + offset + length, end) if length else end)
            for offset, length in entry.extents
        ]

    def _item_holding(self, item: Item) -> Holding:
        kind: HoldingKind = "exif" if item.kind == b"Exif" else "xmp"
        entry = self._places.get(item.number)
        ranges = self._extents(entry) if entry is not None else []
        data = b"".join(
            read_whole(self._source, start, max(0, end - start), f"{self.container}: an item", self._log)
            for start, end in ranges
        )
        if kind == "exif":
            at, _ = find_tiff(data)
            data = b"" if at is None else after_exif_prefix(data[at:])
        return Holding(kind, f"{self.container}:{kind}", tuple(ranges), data, item=item.number)

    def _add_uuid(self, placed: _Placed) -> None:
        user_type, start = uuid_payload(self._source, placed.box)
        ranges = ((placed.offset, placed.box.end),)
        if user_type == UUID_C2PA:
            self.holdings.append(Holding("c2pa", f"{self.container}:c2pa", ranges))
        elif user_type == UUID_XMP:
            length = max(0, placed.box.end - start)
            data = read_whole(self._source, start, length, f"{self.container}: a box", self._log)
            self.holdings.append(Holding("xmp", f"{self.container}:xmp", ranges, data))

    # ---------------------------------------------------------------------------------------------- rewriting

    def rewritten(self, changes: Changes, *, split_exif: bool = False) -> Splice:
        """See `Editor`."""
        splice = Splice(self._source)
        if changes.is_empty:
            return splice
        payloads: dict[int, bytes] = {}
        """Item -> its new bytes."""
        gone: set[int] = set()
        for index, holding in enumerate(self.holdings):
            if index not in changes.drop and index not in changes.replace:
                continue
            if holding.item is None:
                splice.delete(*holding.ranges[0])
                continue
            self._clear(splice, holding)
            if index in changes.replace:
                payloads[holding.item] = _payload(holding.kind, changes.replace[index])
            else:
                gone.add(holding.item)
        added: list[Item] = []
        for kind, data in (("exif", changes.exif), ("xmp", changes.xmp)):
            if data is not None:
                taken = [item.number for item in (*self._items, *added) if item.number not in gone]
                number = 1 + max(taken, default=0)
                added.append(Item(number, *((b"Exif", b"") if kind == "exif" else (b"mime", _XMP_TYPE))))
                payloads[number] = _payload(kind, data)
        self._end_last_box(splice)
        self._write_tables(splice, payloads, gone, added)
        return splice

    def _clear(self, splice: Splice, holding: Holding) -> None:
        """Zeros over an item's bytes; a box that holds nothing else goes."""
        for start, end in holding.ranges:
            if start >= end or self._is_shared(start, end, holding):
                continue
            home = next((placed for placed in self._top if (placed.box.start, placed.box.end) == (start, end)), None)
            if home is not None and home.box.kind == b"mdat":
                splice.delete(home.offset, end)
            else:
                splice.replace(start, end, bytes(end - start))

    def _is_shared(self, start: int, end: int, holding: Holding) -> bool:
        return any(
            low < end and start < high
            for other, entry in self._places.items()
            if other != holding.item
            for low, high in self._extents(entry)
        )

    def _end_last_box(self, splice: Splice) -> None:
        """A last box that goes on to the end of the file is given its size, since others will follow."""
        last = self._top[-1]
        if self._size_field(last) == 0:
            size = last.box.end - last.offset
            if size > _MOST:
                raise WriteRefusedError(f"{self.container}: the last box is too large to be followed by another")
            splice.replace(last.offset, last.offset + 4, size.to_bytes(4, "big"))

    def _write_tables(self, splice: Splice, payloads: dict[int, bytes], gone: set[int], added: list[Item]) -> None:
        """Write the tables anew: first with offsets of nothing, to know how long they are and what moves how far."""
        iinf = self._info_table(gone, added)
        iref = self._reference_table(gone, added)
        kept = [entry for number, entry in self._places.items() if number not in gone and number not in payloads]
        end = max(placed.box.end for placed in self._top)
        length = len(self._location_table(kept, dict.fromkeys(payloads, (0, 0)), splice, 0))
        tables = self._tables
        growth = len(iinf) - _length(tables[b"iinf"]) + length - _length(tables[b"iloc"])
        growth += len(iref) - (_length(tables[b"iref"]) if b"iref" in tables else 0)
        # The new boxes stand behind everything; where, the growth of the tables tells.
        position = end + splice.growth(end) + growth
        places: dict[int, tuple[int, int]] = {}
        boxes = []
        for number, data in payloads.items():
            places[number] = (position + _SMALL_HEADER, len(data))
            boxes.append(make_box(b"mdat", data))
            position += len(boxes[-1])
        iloc = self._location_table(kept, places, splice, growth)
        splice.replace(tables[b"iinf"].offset, tables[b"iinf"].box.end, iinf)
        splice.replace(tables[b"iloc"].offset, tables[b"iloc"].box.end, iloc)
        if b"iref" in tables:
            splice.replace(tables[b"iref"].offset, tables[b"iref"].box.end, iref)
        else:
            splice.insert(self._meta.box.end, iref)
        size = self._meta.box.end - self._meta.offset + growth
        splice.replace(self._meta.offset, self._meta.offset + 4, size.to_bytes(4, "big"))
        for box in boxes:
            splice.insert(end, box)

    def _info_table(self, gone: set[int], added: list[Item]) -> bytes:
        placed = self._tables[b"iinf"]
        version = self._source.read_at(placed.box.start, FULL_BOX)
        width = 2 if version[:1] == b"\0" else 4
        kept = []
        numbers = iter(self._items)
        for inner in self._placed(placed.box.start + FULL_BOX + width, placed.box.end):
            item = next(numbers, None) if inner.box.kind == b"infe" else None
            if item is None or item.number not in gone:
                kept.append(self._source.read_at(inner.offset, inner.box.end - inner.offset))
        for item in added:
            wide = item.number > 0xFFFF
            head = bytes((3 if wide else 2, 0, 0, 0)) + item.number.to_bytes(4 if wide else 2, "big") + bytes(2)
            kept.append(
                make_box(b"infe", head + item.kind + b"\0" + (item.media_type + b"\0" if item.media_type else b""))
            )
        count = len(kept)
        if count >= 1 << 8 * width:
            raise WriteRefusedError(f"{self.container}: too many items")
        return make_box(b"iinf", version + count.to_bytes(width, "big") + b"".join(kept))

    def _reference_table(self, gone: set[int], added: list[Item]) -> bytes:
        """References of items that go are left out; new items describe the primary one. Empty: there is no table."""
        placed = self._tables.get(b"iref")
        head = bytes(FULL_BOX) if placed is None else self._source.read_at(placed.box.start, FULL_BOX)
        width = 2 if head[:1] == b"\0" else 4
        kept = []
        for inner in self._placed(placed.box.start + FULL_BOX, placed.box.end) if placed is not None else ():
            if int.from_bytes(self._source.read_at(inner.box.start, width), "big") not in gone:
                kept.append(self._source.read_at(inner.offset, inner.box.end - inner.offset))
        for item in added:
            if max(item.number, self._primary) >= 1 << 8 * width:
                raise WriteRefusedError(f"{self.container}: the table of references has no room for item {item.number}")
            data = item.number.to_bytes(width, "big") + b"\0\1" + self._primary.to_bytes(width, "big")
            kept.append(make_box(b"cdsc", data))
        return make_box(b"iref", head + b"".join(kept)) if kept or placed is not None else b""

    def _location_table(
        self, kept: list[Entry], places: dict[int, tuple[int, int]], splice: Splice, growth: int
    ) -> bytes:
        rows = [Entry(entry.number, entry.construction, 0, tuple(self._moved(entry, splice, growth))) for entry in kept]
        rows += [Entry(number, Construction.FILE, 0, (place,)) for number, place in places.items()]
        rows.sort(key=lambda entry: entry.number)
        old = self._source.read_at(self._tables[b"iloc"].box.start, 1)[0]
        version = max(old, 2 if any(row.number > 0xFFFF for row in rows) else 0)
        if any(row.construction for row in rows):
            version = max(version, 1)
        width, number_width = (8 if self._is_large else 4), (4 if version == 2 else 2)
        parts = [bytes((version, 0, 0, 0, width << 4 | width, 0)), len(rows).to_bytes(number_width, "big")]
        for row in rows:
            parts.append(row.number.to_bytes(number_width, "big"))
            if version:
                parts.append(row.construction.to_bytes(2, "big"))
            parts.append(bytes(2) + len(row.extents).to_bytes(2, "big"))
            parts += [number.to_bytes(width, "big") for extent in row.extents for number in extent]
        return make_box(b"iloc", b"".join(parts))

    def _moved(self, entry: Entry, splice: Splice, growth: int) -> Iterator[tuple[int, int]]:
        """The extents of an entry where they will stand, their lengths told."""
        for (offset, length), (start, end) in zip(entry.extents, self._extents(entry), strict=True):
            if entry.construction == Construction.IDAT:
                yield offset, length or end - start
            else:
                moved = offset + splice.shift(offset) + (growth if offset >= self._meta.box.end else 0)
                yield moved, length or end - start


class AvifEditor(_HeifEditor):
    """One AVIF."""

    container = "avif"


class HeicEditor(_HeifEditor):
    """One HEIC or HEIF."""

    container = "heic"


def _length(placed: _Placed) -> int:
    return placed.box.end - placed.offset


def _payload(kind: str, data: bytes) -> bytes:
    """EXIF behind the offset of its TIFF, XMP as it is."""
    return bytes(4) + data if kind == "exif" else data
