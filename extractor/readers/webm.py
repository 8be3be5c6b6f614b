"""WebM and Matroska: size, title and tags (RFC 9559); clusters are hopped over."""

from __future__ import annotations

from typing import Final

from extractor.containers.ebml import Element, ElementWalker
from extractor.containers.kinds import KINDS
from extractor.embedded import Carrier, Embedded
from extractor.errors import CorruptImageError
from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.text.loose import decode_loose, decode_name

_EBML: Final = 0x1A45DFA3
_DOC_TYPE: Final = 0x4282
_SEGMENT: Final = 0x18538067
_SEEK_HEAD: Final = 0x114D9B74
_SEEK: Final = 0x4DBB
_SEEK_ID: Final = 0x53AB
_SEEK_POSITION: Final = 0x53AC
_INFO: Final = 0x1549A966
_TITLE: Final = 0x7BA9
_TRACKS: Final = 0x1654AE6B
_TRACK_ENTRY: Final = 0xAE
_TRACK_TYPE: Final = 0x83
_TYPE_VIDEO: Final = 1
_VIDEO: Final = 0xE0
_PIXEL_WIDTH: Final = 0xB0
_PIXEL_HEIGHT: Final = 0xBA
_CROP_LEFT: Final = 0x54CC
_CROP_RIGHT: Final = 0x54DD
_CROP_TOP: Final = 0x54BB
_CROP_BOTTOM: Final = 0x54AA
_TAGS: Final = 0x1254C367
_TAG: Final = 0x7373
_SIMPLE_TAG: Final = 0x67C8
_TAG_NAME: Final = 0x45A3
_TAG_STRING: Final = 0x4487
_CLUSTER: Final = 0x1F43B675
_MEDIA: Final = frozenset((_CLUSTER, 0xE7, 0xA7, 0xAB, 0xA3, 0xA0))
"""Clusters and what lies in one: timestamp, position, previous size, blocks and block groups."""

_TOP_LEVEL: Final = frozenset((_SEEK_HEAD, _INFO, _TRACKS, _TAGS))
"""Elements of a segment that are read."""

_MIMES: Final = {b"webm": "video/webm"}
_NUMBER_BYTES: Final = 8


def read_webm(source: ByteSource, log: Ledger) -> Embedded:
    """Everything a WebM or Matroska video says of itself. Raises `CorruptImageError` when it has no segment."""
    return _Matroska(source, log).read()


class _Matroska:
    """The walk through one file."""

    def __init__(self, source: ByteSource, log: Ledger) -> None:
        self.source = source
        self.log = log
        self.embedded = Embedded("webm", KINDS["webm"].mime)
        self.walker = ElementWalker(source, log, "webm", _MEDIA)
        self.seen: set[int] = set()
        """Offsets of the data of the elements that were read."""
        self.announced: list[int] = []
        """Offsets of elements that a seek head points to."""
        self.knows_tags = False
        """Whether tags were read or announced, so that there is no need to look for them."""

    def read(self) -> Embedded:
        """Read the header and every segment."""
        found = False
        for element in self.walker.walk(0, self.source.size):
            if element.number == _EBML:
                self._header(element)
            elif element.number == _SEGMENT:
                found = True
                self._segment(element)
                break
        if not found:
            raise CorruptImageError("webm: no segment, so neither size nor metadata")
        return self.embedded

    def _header(self, header: Element) -> None:
        for element in self.walker.children(header):
            if element.number == _DOC_TYPE:
                self.embedded.mime = _MIMES.get(self._bytes(element).rstrip(b"\0"), self.embedded.mime)

    def _segment(self, segment: Element) -> None:
        """Read up to the first cluster, then what was announced; go on behind it when no tags are known of."""
        for element in self.walker.children(segment):
            if element.number == _CLUSTER and self.knows_tags:
                break
            self._top_level(element, segment)
        for offset in self.announced:
            if segment.start <= offset < segment.end:
                found = self.walker.at(offset, segment.end)
                if found is not None:
                    self._top_level(found, segment)

    def _top_level(self, element: Element, segment: Element) -> None:
        if element.number not in _TOP_LEVEL or element.start in self.seen:
            return
        self.seen.add(element.start)
        if element.number == _SEEK_HEAD:
            self._seek_head(element, segment)
        elif element.number == _INFO:
            self._info(element)
        elif element.number == _TRACKS:
            self._tracks(element)
        else:
            self._tags(element)

    def _seek_head(self, head: Element, segment: Element) -> None:
        for seek in self.walker.children(head):
            if seek.number != _SEEK:
                continue
            fields = self._fields(seek)
            number = fields.get(_SEEK_ID)
            if number in _TOP_LEVEL and _SEEK_POSITION in fields:
                self.announced.append(segment.start + fields[_SEEK_POSITION])
                self.knows_tags = self.knows_tags or number == _TAGS

    def _info(self, info: Element) -> None:
        for element in self.walker.children(info):
            if element.number == _TITLE:
                self._add("Info", "title", self._text(element, "title"))

    def _tracks(self, tracks: Element) -> None:
        for entry in self.walker.children(tracks):
            if entry.number != _TRACK_ENTRY or self.embedded.width:
                continue
            kind, video = 0, None
            for element in self.walker.children(entry):
                if element.number == _TRACK_TYPE:
                    kind = self._number(element)
                elif element.number == _VIDEO:
                    video = element
            if video is not None and kind in (0, _TYPE_VIDEO):
                self._size(self._fields(video))

    def _size(self, fields: dict[int, int]) -> None:
        width = fields.get(_PIXEL_WIDTH, 0) - fields.get(_CROP_LEFT, 0) - fields.get(_CROP_RIGHT, 0)
        height = fields.get(_PIXEL_HEIGHT, 0) - fields.get(_CROP_TOP, 0) - fields.get(_CROP_BOTTOM, 0)
        self.embedded.width, self.embedded.height = max(width, 0), max(height, 0)

    def _tags(self, tags: Element) -> None:
        self.knows_tags = True
        for tag in self.walker.children(tags):
            if tag.number == _TAG:
                for element in self.walker.children(tag):
                    if element.number == _SIMPLE_TAG:
                        self._simple_tag(element, 0)

    def _simple_tag(self, tag: Element, depth: int) -> None:
        name, values, inner = "", [], []
        for element in self.walker.children(tag):
            if element.number == _TAG_NAME:
                name = decode_name(self._bytes(element), self.log, "webm:SimpleTag").lower()
            elif element.number == _TAG_STRING:
                values.append(element)
            elif element.number == _SIMPLE_TAG:
                inner.append(element)
        for value in values:
            self._add("SimpleTag", name, self._text(value, name))
        if inner and depth >= self.log.limits.box_depth:
            self.log.limit("box_depth", "webm: tags nested deeper are not read")
            return
        for element in inner:
            self._simple_tag(element, depth + 1)

    def _add(self, place: str, key: str, value: str) -> None:
        if value:
            self.embedded.add(place, key, value, Carrier.CHUNK)

    def _fields(self, parent: Element) -> dict[int, int]:
        """The numbers in an element; of repeated ones the first."""
        fields: dict[int, int] = {}
        for element in self.walker.children(parent):
            if element.end - element.start <= _NUMBER_BYTES:
                fields.setdefault(element.number, self._number(element))
        return fields

    def _number(self, element: Element) -> int:
        return int.from_bytes(
            self.source.read_at(element.start, min(element.end - element.start, _NUMBER_BYTES)), "big"
        )

    def _text(self, element: Element, what: str) -> str:
        length = self.log.allow_text(element.end - element.start, f"webm:{what}")
        return decode_loose(self.source.read_at(element.start, length))

    def _bytes(self, element: Element) -> bytes:
        """The data of a short element: as much as tells that it is too long for a name."""
        return self.source.read_at(element.start, min(element.end - element.start, self.log.limits.key_bytes + 1))
