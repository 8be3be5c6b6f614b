"""C2PA manifest stores, as JUMBF boxes around CBOR; none is signed."""

from __future__ import annotations

import struct

from _containers import box, segment

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
EDITED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def cbor(value: object) -> bytes:
    """A value as CBOR (RFC 8949): maps, lists, text and small numbers."""
    if isinstance(value, str):
        return _cbor_head(3, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return _cbor_head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())
    if isinstance(value, list):
        return _cbor_head(4, len(value)) + b"".join(map(cbor, value))
    assert isinstance(value, int)
    return _cbor_head(0, value)


def _cbor_head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    return (
        struct.pack(">BB", major << 5 | 24, argument)
        if argument < 256
        else struct.pack(">BH", major << 5 | 25, argument)
    )


def _superbox(kind: bytes, label: str, *contents: bytes) -> bytes:
    uuid = kind + bytes.fromhex("00110010800000aa00389b71")
    return box(b"jumb", box(b"jumd", uuid + b"\3" + label.encode() + b"\0"), *contents)


def c2pa(claim: dict[str, object], *actions: dict[str, object], label: str = "c2pa.claim.v2") -> bytes:
    """A manifest store with one manifest: its actions and its claim. It is not signed."""
    assertion = _superbox(b"cbor", "c2pa.actions.v2", box(b"cbor", cbor({"actions": list(actions)})))
    return _superbox(
        b"c2pa",
        "c2pa",
        _superbox(
            b"c2ma",
            "urn:c2pa:8e4f5a1c-90f3-4a52-b7c2-1d6e3f708192",
            _superbox(b"c2as", "c2pa.assertions", assertion),
            _superbox(b"c2cl", label, box(b"cbor", cbor(claim))),
        ),
    )


OPENAI = c2pa(
    {"claim_generator_info": {"name": "ChatGPT"}, "instanceID": "xmp:iid:1"},
    {
        "action": "c2pa.created",
        "softwareAgent": {"name": "gpt-image", "version": "2.0"},
        "digitalSourceType": AI,
    },
    {"action": "c2pa.converted", "softwareAgent": {"name": "OpenAI API"}},
)
FIREFLY = c2pa(
    {"claim_generator": "Adobe_Firefly", "claim_generator_info": [{"name": "Adobe Firefly", "version": "1.0"}]},
    {"action": "c2pa.created", "softwareAgent": "Adobe Firefly", "digitalSourceType": AI},
    label="c2pa.claim",
)
GOOGLE = c2pa(
    {"claim_generator_info": {"name": "Google C2PA Core Generator Library", "version": "1.0.0"}},
    {"action": "c2pa.edited", "softwareAgent": {"name": "Google Generative AI"}, "digitalSourceType": EDITED},
)


def app11(store: bytes) -> bytes:
    """The store in segments of a JPEG; each repeats the head of the box."""
    size = 60_000
    pieces = [store[8 + at : 8 + at + size] for at in range(0, len(store) - 8, size)]
    return b"".join(
        segment(0xEB, b"JP" + struct.pack(">HI", 1, index) + store[:8] + piece) for index, piece in enumerate(pieces, 1)
    )
