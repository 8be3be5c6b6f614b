"""The readers, on bytes made to be slow."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

from extractor.embedded import Embedded
from extractor.errors import ExtractorError
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.readers import inflate as inflating
from extractor.readers.blocks.c2pa import add_c2pa
from extractor.readers.blocks.cbor import CborLoader
from extractor.readers.blocks.exif import read_exif
from extractor.readers.blocks.iptc import read_iptc, read_photoshop
from extractor.readers.blocks.usercomment import decode_user_comment
from extractor.readers.blocks.xmp import read_xmp
from extractor.readers.gif import read_gif
from extractor.readers.jpeg import read_jpeg
from extractor.readers.mp4 import read_mp4
from extractor.readers.png import read_png
from extractor.readers.webm import read_webm
from extractor.readers.webp import read_webp
from tests.growth import UNBOUNDED, assert_linear, filled_bytes
from tests.readers.boxes import box
from tests.support import SIGNATURE, chunk, ihdr


def log() -> Ledger:
    return Ledger(UNBOUNDED)


def block(read: Callable[[bytes, Embedded, Ledger], object]) -> Callable[[bytes], object]:
    return lambda data: read(data, Embedded("jpeg", "image/jpeg"), log())


def container(read: Callable[..., object], head: bytes = b"") -> Callable[[bytes], object]:
    def work(data: bytes) -> None:
        with suppress(ExtractorError):
            read(BytesSource(head + data), log())

    return work


def inflate(data: bytes) -> bytes:
    return inflating.inflate(data, "a text", log())


PNG = SIGNATURE + ihdr()
CASES: dict[str, tuple[Callable[[bytes], object], Callable[[int], bytes]]] = {
    "xmp: elements": (block(read_xmp), filled_bytes(b"<b>x</b>", b"<a>", b"</a>")),
    "xmp: attributes": (
        block(read_xmp),
        lambda size: b"<a " + b" ".join(b"a%d='v'" % number for number in range(size // 10)) + b"/>",
    ),
    "xmp: end tags after the packet": (block(read_xmp), filled_bytes(b"</x:xmpmeta>", b"<x:xmpmeta>")),
    "xmp: junk before": (block(read_xmp), filled_bytes(b"<?", b"", b"<a/>")),
    "usercomment: bytes": (lambda data: decode_user_comment(data, True), filled_bytes(b"\x30\x42\x4e", b"UNICODE\0")),
    "usercomment: broken UTF-8": (lambda data: decode_user_comment(data, True), filled_bytes(b"a\xff", b"ASCII\0\0\0")),
    "usercomment: NULs": (lambda data: decode_user_comment(data, False), filled_bytes(b"\0", b"UNICODE\0")),
    "exif: prefixes": (block(read_exif), filled_bytes(b"Exif\0\0")),
    "exif: entries": (
        block(read_exif),
        lambda size: (
            b"II*\0\x08\0\0\0"
            + min(65_535, size // 12).to_bytes(2, "little")
            + b"\x0e\x01\2\0\x08\0\0\0\0\0\0\0" * (size // 12)
        ),
    ),
    "iptc: data sets": (block(read_iptc), filled_bytes(b"\x1c\2\x19\0\1a")),
    "iptc: resources": (block(read_photoshop), filled_bytes(b"8BIM\4\4\0\0\0\0\0\0")),
    "cbor: items": (
        lambda data: CborLoader(log(), "x").load(data),
        lambda size: b"\x9a" + size.to_bytes(4, "big") + b"\1" * size,
    ),
    "cbor: pieces": (lambda data: CborLoader(log(), "x").load(data), filled_bytes(b"\x61a", b"\x7f", b"\xff")),
    "c2pa: boxes": (block(add_c2pa), lambda size: box(b"jumb", filled_bytes(box(b"jumb", box(b"free")))(size))),
    "inflate: broken at the end": (
        inflate,
        lambda size: zlib.compress(bytes(range(256)) * (size // 256))[:-8] + b"broken bytes",
    ),
    "png: chunks": (container(read_png, PNG), filled_bytes(chunk(b"abCd", b""))),
    "png: pixel chunks": (container(read_png, PNG), filled_bytes(chunk(b"IDAT", b"a") + chunk(b"IDAT", b"ab"))),
    "png: texts": (container(read_png, PNG), filled_bytes(chunk(b"tEXt", b"a\0b"))),
    "jpeg: junk": (container(read_jpeg, b"\xff\xd8"), filled_bytes(b"\xff\0")),
    "jpeg: fill bytes": (container(read_jpeg, b"\xff\xd8"), filled_bytes(b"\xff")),
    "jpeg: comments": (container(read_jpeg, b"\xff\xd8"), filled_bytes(b"\xff\xfe\0\3a")),
    "jpeg: EXIF in pieces": (container(read_jpeg, b"\xff\xd8"), filled_bytes(b"\xff\xe1\0\x09Exif\0\0a")),
    "jpeg: XMP in pieces": (
        container(read_jpeg, b"\xff\xd8"),
        filled_bytes(b"\xff\xe1\0\x4chttp://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + b"\0\0\0\x08\0\0\0\0x"),
    ),
    "webp: chunks": (container(read_webp, b"RIFF\0\0\0\0WEBP"), filled_bytes(b"abcd\0\0\0\0")),
    "gif: comments": (container(read_gif, b"GIF89a\1\0\1\0\0\0\0"), filled_bytes(b"!\xfe\1a\0")),
    "gif: sub-blocks": (container(read_gif, b"GIF89a\1\0\1\0\0\0\0!\xfe"), filled_bytes(b"\1a")),
    "gif: frames": (container(read_gif, b"GIF89a\1\0\1\0\0\0\0"), filled_bytes(b",\0\0\0\0\1\0\1\0\0\2\1D\0")),
    "mp4: boxes": (container(read_mp4, box(b"ftyp", b"isom\0\0\0\0")), filled_bytes(box(b"free"))),
    "mp4: keys": (container(read_mp4), lambda size: box(b"moov", filled_bytes(box(b"meta", box(b"free")))(size))),
    "webm: elements": (
        container(read_webm, bytes.fromhex("1a45dfa380 18538067 01ffffffffffffff")),
        filled_bytes(b"\xec\x80"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bytes(name: str) -> None:
    assert_linear(*CASES[name])
