"""EXIF: the tags that carry text, orientation or the time of making (CIPA DC-008, Exif 3.0)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from extractor.containers.tiff import TYPE_ASCII, TYPE_UTF8, Tag, after_exif_prefix, find_tiff, read_tags
from extractor.embedded import Carrier, Embedded
from extractor.files.bytesource import ByteSource, BytesSource
from extractor.ledger import Ledger
from extractor.readers.blocks.registry import BlockKind, read_block
from extractor.readers.blocks.usercomment import decode_user_comment
from extractor.text.loose import decode_loose

_EXIF: Final = Carrier.EXIF

TAG_NAMES: Final = {
    0x000B: "ProcessingSoftware",
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x0132: "DateTime",
    0x013B: "Artist",
    0x013C: "HostComputer",
    0x8298: "Copyright",
    0x8824: "SpectralSensitivity",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized",
    0x9213: "ImageHistory",
    0x927C: "MakerNote",
    0x9286: "UserComment",
    0x9290: "SubSecTime",
    0x9291: "SubSecTimeOriginal",
    0x9292: "SubSecTimeDigitized",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
    0xA420: "ImageUniqueID",
    0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber",
    0xA433: "LensMake",
    0xA434: "LensModel",
    0xA435: "LensSerialNumber",
    0xC614: "UniqueCameraModel",
    0xC62F: "CameraSerialNumber",
}
"""Tags of IFD0 and the Exif IFD that hold text, under piexif's names. Other text tags are named by their number."""

_WIDTH: Final = 0x0100
_HEIGHT: Final = 0x0101
_ORIENTATION: Final = 0x0112
_NUMBER_FIELDS: Final = {_WIDTH: "width", _HEIGHT: "height", _ORIENTATION: "orientation"}


@dataclass(slots=True)
class ExifFacts:
    """What a block says of the picture itself; only the caller knows whether its container heeds that."""

    orientation: int = 1
    """1 to 8."""
    width: int = 0
    """ImageWidth of IFD0, 0 when absent; in an EXIF block often that of another version of the picture."""
    height: int = 0


def read_exif(data: bytes, embedded: Embedded, log: Ledger) -> ExifFacts:
    r"""Add the texts of one EXIF block, and its time of making if none is known yet.

    `data` is a TIFF, after any number of ``Exif\0\0`` prefixes; anything else leaves the warning
    ``exif-invalid``. Texts have the place ``exif`` and the tag's name as key.
    """
    block = after_exif_prefix(data)
    if not block:
        return ExifFacts()
    if len(block) > log.limits.exif_bytes:
        log.limit("exif_bytes", f"{embedded.container}: EXIF of {len(block)} bytes")
        block = block[: log.limits.exif_bytes]
    facts = read_exif_source(BytesSource(block), embedded, log)
    if _GRAPH in block:
        _add_lost_graphs(block, embedded, log)
    return facts


_GRAPH: Final = b'"class_type"'
_LABEL: Final = re.compile(rb"\0([A-Za-z]{1,40}): ?+\{")


def _add_lost_graphs(block: bytes, embedded: Embedded, log: Ledger) -> None:
    """Add labelled texts (``prompt:{...}``) at which no tag points: writers of WebP forget to move the offsets."""
    known = {text.value for text in embedded.texts}
    for match in islice(_LABEL.finditer(block), log.limits.exif_entries):
        end = block.find(b"\0", match.end())
        value = decode_loose(block[match.start() + 1 : end if end >= 0 else len(block)])
        if value not in known:
            embedded.add("exif", match[1].decode(), value, _EXIF)


def read_exif_block(data: bytes, embedded: Embedded, log: Ledger) -> int:
    """`read_exif`; the orientation it gives."""
    return read_exif(data, embedded, log).orientation


def read_exif_item(data: bytes, embedded: Embedded, log: Ledger) -> None:
    """EXIF as box formats store it, after the offset of its TIFF header, which some writers get wrong.

    Orientation is the container's matter there, not EXIF's.
    """
    if not data:
        return
    start, is_declared = find_tiff(data)
    if start is None:
        log.add("exif-invalid", f"{embedded.container}: no TIFF header in an EXIF block of {len(data)} bytes")
        return
    if not is_declared:
        log.add("exif-offset-invalid", f"{embedded.container}: the offset before the EXIF block is wrong")
    read_exif(data[start:], embedded, log)


def read_exif_source(source: ByteSource, embedded: Embedded, log: Ledger) -> ExifFacts:
    """`read_exif` for a source that begins with the TIFF header, such as a TIFF file."""
    if not log.take("exif_blocks", f"{embedded.container}: the EXIF blocks after this are not read"):
        return ExifFacts()
    block = _Block(embedded, log)
    for tag in read_tags(source, _WANTED, log, f"{embedded.container}:exif"):
        block.read(tag)
    if embedded.created_at is None:
        embedded.created_at = _time_of_making(block.first_texts, log)
    return block.facts


class _Block:
    """One block while its tags come in."""

    __slots__ = ("_known", "embedded", "facts", "first_texts", "log")

    def __init__(self, embedded: Embedded, log: Ledger) -> None:
        self.embedded = embedded
        self.log = log
        self.facts = ExifFacts()
        self.first_texts: dict[str, str] = {}
        self._known: set[tuple[str, str]] = set()
        """(key, text) of what was added."""

    def read(self, tag: Tag) -> None:
        """Put one tag where it belongs."""
        if tag.number in _NUMBER_FIELDS:
            self._read_number(tag)
        elif tag.number in _PACKETS:
            read_block(_PACKETS[tag.number], tag.data, self.embedded, self.log)
        else:
            self._read_text(tag)

    def _read_number(self, tag: Tag) -> None:
        value = tag.integer()
        if value is None:
            self.log.add("exif-tag-invalid", f"{self.embedded.container}:exif: tag 0x{tag.number:04X} is no integer")
        elif tag.first and (tag.number != _ORIENTATION or 1 <= value <= 8):
            setattr(self.facts, _NUMBER_FIELDS[tag.number], value)

    def _read_text(self, tag: Tag) -> None:
        value = _DECODERS.get(tag.number, _decode_plain)(tag).strip("\0")
        key = TAG_NAMES.get(tag.number) or f"0x{tag.number:04X}"
        if not value or (key, value) in self._known:
            return
        self._known.add((key, value))
        self.embedded.add("exif", key, value, _EXIF)
        if tag.first:
            self.first_texts.setdefault(key, value)


def _decode_plain(tag: Tag) -> str:
    """ASCII by the standard, in truth UTF-8 or Latin-1; with or without its NUL."""
    return decode_loose(tag.data)


def _decode_user_comment(tag: Tag) -> str:
    return decode_user_comment(tag.data, tag.order == ">")


def _decode_xp(tag: Tag) -> str:
    """UTF-16LE in either byte order of TIFF (Windows)."""
    if tag.type in (TYPE_ASCII, TYPE_UTF8):
        return decode_loose(tag.data)
    return tag.data[: len(tag.data) & ~1].decode("utf-16-le", "replace")


def _decode_maker_note(tag: Tag) -> str:
    """A short text where a generator writes it; a camera's note is no text."""
    try:
        text = tag.data.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        return ""
    return text if text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable() else ""


_DECODERS: Final[dict[int, Callable[[Tag], str]]] = {
    0x927C: _decode_maker_note,
    0x9286: _decode_user_comment,
    **dict.fromkeys(range(0x9C9B, 0x9CA0), _decode_xp),
}
"""How a tag's bytes become text, where it is not as plain text."""

_PACKETS: Final[dict[int, BlockKind]] = {0x02BC: "xmp", 0x83BB: "iptc", 0x8649: "photoshop", 0xCD41: "c2pa"}
"""Tags that hold a whole block of another kind."""

_WANTED: Final = frozenset(TAG_NAMES) | frozenset(_NUMBER_FIELDS) | frozenset(_PACKETS)


def _time_of_making(texts: dict[str, str], log: Ledger) -> str | None:
    """DateTimeOriginal as ISO 8601, only with the zone that its offset tag gives."""
    moment = texts.get("DateTimeOriginal")
    if not moment:
        return None
    zone = texts.get("OffsetTimeOriginal") or texts.get("OffsetTime")
    if not zone:
        return None
    from datetime import datetime

    moment, zone = moment.strip(), zone.strip()
    fraction = texts.get("SubSecTimeOriginal", "").strip()
    decimals = f".{fraction[:6]:0<6}" if fraction.isascii() and fraction.isdigit() else ""
    try:
        if len(moment) != 19 or moment[4] != ":" or moment[10] != " ":
            raise ValueError("not YYYY:MM:DD hh:mm:ss")
        date = moment[:10].replace(":", "-")
        time = datetime.fromisoformat(f"{date}T{moment[11:]}{decimals}{zone}")
    except ValueError as error:
        log.add("exif-date-invalid", f"DateTimeOriginal {moment[:40]!r} {zone[:10]!r}: {error}")
        return None
    return time.isoformat() if time.tzinfo else None
