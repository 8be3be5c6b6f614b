"""What must be changed in an AVIF before libavif decodes it as a browser does."""

from __future__ import annotations

from typing import Final

from extractor.containers.bmff import Box, BoxWalker
from extractor.containers.bmffitems import FULL_BOX
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger

_UNKNOWN: Final = b"free"
_PREMULTIPLIED: Final = b"prem"


def without_exif(data: bytes, log: Ledger) -> bytes | None:
    """The file whose Exif items have an unknown type: libavif refuses a picture for a bad one, and Pillow warns.

    None, with a warning, when there are too many.
    """
    items: list[int] = []
    place = -1
    for _ in range(log.limits.chunks):
        place = data.find(b"Exif", place + 1)
        if place < 0:
            return _overwritten(data, items)
        # ItemInfoEntry, versions 2 and 3: "infe", version and flags, item id (2 or 4 bytes), protection index, type
        if b"infe" in (data[place - 12 : place - 8], data[place - 14 : place - 10]):
            items.append(place)
    log.limit("chunks", "too many Exif items in an AVIF: no hash")
    return None


def as_premultiplied(data: bytes, log: Ledger) -> bytes | None:
    """A file whose colours are premultiplied, without the references that say so; None for any other.

    With them libavif would divide the colours by their alpha.
    """
    references = _premultiplied(data, log) if _PREMULTIPLIED in data else []
    return _overwritten(data, references) if references else None


def _premultiplied(data: bytes, log: Ledger) -> list[int]:
    """Offsets of the types of ``prem`` references, which lead from colours to their alpha (ISO/IEC 23008-12)."""
    walker = BoxWalker(BytesSource(data), Ledger(log.limits), "avif")  # faults of boxes are the reader's to tell
    boxes = [Box(b"", 0, len(data))]
    for kind, skip in ((b"meta", 0), (b"iref", FULL_BOX), (_PREMULTIPLIED, FULL_BOX)):
        boxes = [child for box in boxes for child in walker.children(box, skip) if child.kind == kind]
    places = (box.start - len(_PREMULTIPLIED) for box in boxes)
    return [place for place in places if data[place : place + len(_PREMULTIPLIED)] == _PREMULTIPLIED]


def _overwritten(data: bytes, places: list[int]) -> bytes:
    if not places:
        return data
    changed = bytearray(data)
    for place in places:
        changed[place : place + len(_UNKNOWN)] = _UNKNOWN
    return bytes(changed)
