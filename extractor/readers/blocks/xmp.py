"""XMP packets: every property as a text of its own (ISO 16684-1), read with expat; DTDs and entities are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from extractor.embedded import XMP_PACKET, Carrier, Embedded
from extractor.ledger import Ledger
from extractor.limits import LimitName
from extractor.text.loose import decode_loose

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES: Final = {
    "adobe:ns:meta": "x",
    "http://cipa.jp/exif/1.0": "exifEX",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29": "Iptc4xmpExt",
    "http://ns.adobe.com/camera-raw-settings/1.0": "crs",
    "http://ns.adobe.com/exif/1.0": "exif",
    "http://ns.adobe.com/exif/1.0/aux": "aux",
    "http://ns.adobe.com/photoshop/1.0": "photoshop",
    "http://ns.adobe.com/tiff/1.0": "tiff",
    "http://ns.adobe.com/xap/1.0": "xmp",
    "http://ns.adobe.com/xap/1.0/g/img": "xmpGImg",
    "http://ns.adobe.com/xap/1.0/mm": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef": "stRef",
    "http://ns.adobe.com/xmp/note": "xmpNote",
    "http://ns.useplus.org/ldf/xmp/1.0": "plus",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://www.tc260.org.cn/ns/AIGC/1.0": "TC260",
    "https://github.com/Comfy-Org/ComfyUI": "comfy",
}
"""Namespace URI without its last ``/`` or ``#`` -> the prefix of our keys, whatever the packet calls it."""

_SEPARATOR: Final = " "
_URI_LENGTH: Final = 512
"""Characters of a namespace: expat repeats it for every name that uses it."""
_LOCAL_LENGTH: Final = 256
"""Characters of a property's own name: it is repeated for every field and item of the property."""
_FRAMES: Final = frozenset((_RDF, "adobe:ns:meta/", "http://www.w3.org/XML/1998/namespace"))
"""Namespaces whose elements and attributes hold properties and are none themselves."""
_LANGUAGE: Final = "http://www.w3.org/XML/1998/namespace lang"
_RESOURCE: Final = f"{_RDF} resource"
_ALT: Final = f"{_RDF} Alt"
_UTF16_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


class _StoppedError(Exception):
    """The rest of a packet is not read; the reason is logged already."""


def read_xmp(packet: bytes, embedded: Embedded, log: Ledger) -> None:
    """Add a packet as it stands (key `XMP_PACKET`) and each of its properties (key ``dc:description``).

    A field of a structure has the key ``xmpMM:History/stEvt:action``; the items of a list are texts of equal key;
    of alternatives in several languages the default one counts. An unknown namespace gives ``{uri}name``. What is
    broken leaves the warning ``xmp-invalid`` and what stands before it.
    """
    if len(packet) > log.limits.xmp_bytes:
        log.limit("xmp_bytes", f"{embedded.container}:xmp: packet of {len(packet)} bytes cut")
        packet = packet[: log.limits.xmp_bytes]
    text = _decode(packet).strip("\0")
    if not text.strip():
        return
    if not log.take("xmp_packets", f"{embedded.container}:xmp: the packets after this are not read"):
        return
    embedded.add("xmp", XMP_PACKET, text, Carrier.XMP)
    reader = _PacketReader(embedded, log)
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartNamespaceDeclHandler = reader.namespace
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(text[max(text.find("<"), 0) :], True)
    except expat.ExpatError as error:
        if not reader.complete:
            log.add("xmp-invalid", f"{embedded.container}:xmp: {error}")
    except _StoppedError:
        pass


def _decode(packet: bytes) -> str:
    for mark, codec in _UTF16_MARKS:
        if packet.startswith(mark):
            return packet[: len(packet) & ~1].decode(codec, "replace")
    return decode_loose(packet).removeprefix("\ufeff")


@dataclass(slots=True)
class _Element:
    """An element that is open."""

    key: str
    """Of the property it stands for or is a part of; empty outside of all properties."""
    top: str
    """Key of the outermost property around it, its own if it is that."""
    is_choice: bool
    """Whether it is an rdf:Alt, of whose items one counts."""
    is_default: bool
    texts: list[str] = field(default_factory=list)
    choice: str | None = None


class _PacketReader:
    """Takes expat's events of one packet."""

    __slots__ = ("_embedded", "_items", "_log", "_open", "complete")

    def __init__(self, embedded: Embedded, log: Ledger) -> None:
        self._embedded = embedded
        self._log = log
        self._open: list[_Element] = []
        self._items = 0
        self.complete = False
        """Whether the outermost element is closed: junk and padding after it do no harm."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._items += 1 + len(attributes)
        if self._items > self._log.limits.xmp_items:
            self._stop_at("xmp_items")
        if len(self._open) >= self._log.limits.xmp_depth:
            self._stop_at("xmp_depth")
        key, top = (self._open[-1].key, self._open[-1].top) if self._open else ("", "")
        if not _is_frame(name):
            key = _key(top, name)
        element = _Element(key, top or key, name == _ALT, attributes.get(_LANGUAGE) == "x-default")
        self._open.append(element)
        for attribute, value in attributes.items():
            if attribute == _RESOURCE:
                self._add(element.key, value)
            elif not _is_frame(attribute):
                self._add(_key(element.top, attribute), value)

    def end(self, _name: str) -> None:
        """An element ends: its text is a property, an item of one, or one of several alternatives."""
        element = self._open.pop()
        self.complete = not self._open
        value = element.choice if element.is_choice else "".join(element.texts)
        parent = self._open[-1] if self._open else None
        if not value or value.isspace():
            return
        if parent is None or not parent.is_choice:
            self._add(element.key, value)
        elif parent.choice is None or element.is_default:
            parent.choice = value

    def characters(self, text: str) -> None:
        """Text inside the innermost open element."""
        self._open[-1].texts.append(text)

    def namespace(self, _prefix: str | None, uri: str | None) -> None:
        """A namespace is declared."""
        if uri and len(uri) > _URI_LENGTH:
            self._refuse("a namespace is too long")

    def doctype(self, *_: object) -> None:
        """A document type, the only place where entities can be declared."""
        self._refuse("a DOCTYPE is refused")

    def _refuse(self, reason: str) -> None:
        self._log.add("xmp-invalid", f"{self._embedded.container}:xmp: {reason}")
        raise _StoppedError

    def _stop_at(self, limit: LimitName) -> None:
        self._log.limit(limit, f"{self._embedded.container}:xmp: the rest of the packet is not read")
        raise _StoppedError

    def _add(self, key: str, value: str) -> None:
        if not key or not value or value.isspace():
            return
        self._embedded.add("xmp", key, value, Carrier.XMP)


def _is_frame(name: str) -> bool:
    return name.rpartition(_SEPARATOR)[0] in _FRAMES


def _key(top: str, name: str) -> str:
    """The key of the element or attribute `name` (``uri local``) somewhere inside the property `top`."""
    uri, _, local = name.rpartition(_SEPARATOR)
    prefix = PREFIXES.get(uri.rstrip("/#"))
    local = local[:_LOCAL_LENGTH]
    own = f"{prefix}:{local}" if prefix else f"{{{uri}}}{local}" if uri else local
    return f"{top}/{own}" if top else own
