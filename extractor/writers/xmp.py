"""XMP packets with a few plain properties."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from extractor.embedded import Text
from extractor.readers.blocks.xmp import PREFIXES

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What cannot stand in XML."""
_NAMESPACES: Final = {prefix: f"{uri}/" for uri, prefix in PREFIXES.items()}
"""Prefix of our keys -> namespace."""


def make_packet(texts: Iterable[Text]) -> bytes | None:
    """A packet of the properties that these texts are, each once; None when there is none that can be written."""
    attributes: dict[tuple[str, str], str] = {}
    for number, text in enumerate(texts):
        uri, local = _name(text.key)
        if uri and local.isidentifier() and not _CONTROL.search(text.value):
            attribute = f" xmlns:p{number}={quoteattr(uri)} p{number}:{local}={quoteattr(text.value)}"
            attributes.setdefault((uri, local), attribute)
    if not attributes:
        return None
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about=""{"".join(attributes.values())}/></rdf:RDF></x:xmpmeta>'
    ).encode("utf-8", "replace")


def _name(key: str) -> tuple[str, str]:
    """(namespace, local name) of the innermost property of a key."""
    if key.startswith("{"):
        uri, _, local = key[1:].rpartition("}")
        return uri, local
    prefix, _, local = key.rpartition("/")[2].rpartition(":")
    return _NAMESPACES.get(prefix, ""), local
