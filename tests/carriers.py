"""Every place of every container that a text is read from, each as a function from the text to a file."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from html import escape
from io import BytesIO
from typing import Final

from _c2pa import app11
from _containers import (
    SMALL_HEIGHT,
    SMALL_WIDTH,
    avif,
    box,
    chunk,
    exif_segment,
    gif,
    heic,
    jpeg,
    jxl,
    segment,
    webm,
    webp,
    xmp_segment,
)
from _containers import mp4 as mp4_with_comment
from _encoders import brotli_stream, mosaic
from _exif import Entry, ascii_tag, comment_tag, exif, tiff_picture, user_comment
from _infotexts import description_packet, extended_xmp, raw_profile

from tests.pixels.test_stealth import hide, message
from tests.readers.blocks.test_iptc import dataset, resource
from tests.readers.test_gif import chain
from tests.readers.test_mp4 import QT, data, freeform, ilst, keys, meta, mp4, string
from tests.readers.test_webm import EBML, SEGMENT, VIDEO, element, simple, tags
from tests.support import itext_chunk, png, text_chunk, ztext_chunk

Build = Callable[[str], bytes]

XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def comment(text: str) -> bytes:
    """An EXIF block with the text in its UserComment."""
    return exif(UserComment=user_comment(text))


def described(text: str) -> str:
    """An XMP packet with the text in its ``dc:description``."""
    return description_packet(escape(text, quote=False))


def photoshop(text: str) -> bytes:
    """Photoshop's image resources with the text as caption."""
    return resource(0x404, caption(text))


def caption(text: str) -> bytes:
    return dataset(120, text.encode())


def profile(kind: str, block: bytes) -> bytes:
    """A PNG with one of ImageMagick's profiles."""
    return png(ztext_chunk(f"Raw profile type {kind}", raw_profile(block).encode()))


def tiff(entries: list[Entry], inner: list[Entry] | None = None) -> bytes:
    return tiff_picture(mosaic(SMALL_WIDTH, SMALL_HEIGHT, 1), entries, inner or [])


def wide_tag(number: int, text: str) -> Entry:
    """A tag of Windows: UTF-16LE as bytes."""
    data = text.encode("utf-16-le")
    return number, 1, len(data), data


def jxl_brotli(kind: bytes, value: bytes) -> bytes:
    return jxl(box(b"brob", kind, brotli_stream(value)))


def c2pa_box(store: bytes) -> bytes:
    return box(b"uuid", C2PA_UUID, bytes(4), b"manifest\0", bytes(8), store)


def xmp_box(packet: str) -> bytes:
    return box(b"uuid", XMP_UUID, packet.encode())


def mp4_list(text: str, *, key: bytes) -> bytes:
    """A video with the text under a name of its own in ``keys``."""
    item = box(b"\0\0\0\1", data(text.encode()))
    return mp4(meta(keys(key), ilst(item), handler=b"mdta", plain=True))


def hidden(text: str, container: str, mode: str, *, packed: bool = False) -> bytes:
    """A lossless picture with the text in its lowest bits."""
    samples, name = ((3,), b"png") if mode == "RGBA" else ((0, 1, 2), b"rgb")
    payload = gzip.compress(text.encode(), 1, mtime=0) if packed else text.encode()
    magic = b"stealth_" + name + (b"comp" if packed else b"info")
    stream = BytesIO()
    image = hide(message(magic, payload), (96, 96), mode, samples)
    image.save(stream, container, **({"lossless": True, "exact": True} if container == "WEBP" else {}))
    return stream.getvalue()


def matroska(text: str) -> bytes:
    head = element(EBML, element("4282", b"matroska"))
    return head + element(SEGMENT, VIDEO, tags(simple(b"COMMENT", text.encode())))


WITH_EXIF: Final[dict[str, Callable[[bytes], bytes]]] = {
    "PNG": lambda block: png(chunk(b"eXIf", block)),
    "JPEG": lambda block: jpeg(exif_segment(block)),
    "WebP": lambda block: webp(exif=block),
    "AVIF": lambda block: avif(exif=block),
    "HEIC": lambda block: heic(exif=block),
    "JPEG XL": lambda block: jxl(box(b"Exif", bytes(4), block)),
}
"""Container -> a file with an EXIF block. A TIFF has its directories in the file itself: `tiff`."""

WITH_XMP: Final[dict[str, Callable[[str], bytes]]] = {
    "PNG": lambda packet: png(itext_chunk("XML:com.adobe.xmp", packet.encode())),
    "JPEG": lambda packet: jpeg(xmp_segment(packet)),
    "WebP": lambda packet: webp(xmp=packet),
    "AVIF": lambda packet: avif(xmp=packet),
    "HEIC": lambda packet: heic(xmp=packet),
    "JPEG XL": lambda packet: jxl(box(b"xml ", packet.encode())),
    "GIF": lambda packet: gif(xmp=packet),
    "TIFF": lambda packet: tiff([(0x2BC, 1, len(packet.encode()), packet.encode())]),
    "MP4, MOV": lambda packet: mp4() + xmp_box(packet),
}
"""Container -> a file with an XMP packet."""

WITH_C2PA: Final[dict[str, Callable[[bytes], bytes]]] = {
    "PNG": lambda store: png(chunk(b"caBX", store)),
    "JPEG": lambda store: jpeg(app11(store)),
    "WebP": lambda store: webp(c2pa=store),
    "AVIF": lambda store: avif() + c2pa_box(store),
    "HEIC": lambda store: heic() + c2pa_box(store),
    "JPEG XL": jxl,
    "GIF": lambda store: gif()[:-1] + b"!\xff\x0bC2PA_GIF\1\0\0" + chain(store) + b";",
    "TIFF": lambda store: tiff([(0xCD41, 7, len(store), store)]),
    "MP4, MOV": lambda store: mp4() + c2pa_box(store),
}
"""Container -> a file with a C2PA manifest store."""


def in_exif(container: str, text: str) -> bytes:
    """A file with the text in its UserComment."""
    return WITH_EXIF[container](comment(text))


def in_xmp(container: str, text: str) -> bytes:
    """A file with the text in ``dc:description`` of its XMP."""
    return WITH_XMP[container](described(text))


def _common(container: str) -> dict[str, Build]:
    return {"EXIF": partial(in_exif, container), "XMP": partial(in_xmp, container)}


PLACES: Final[dict[str, dict[str, Build]]] = {
    "PNG": {
        "tEXt": lambda text: png(text_chunk("parameters", text.encode())),
        "tEXt after the pixels": lambda text: png(after=text_chunk("parameters", text.encode())),
        "zTXt": lambda text: png(ztext_chunk("parameters", text.encode())),
        "iTXt": lambda text: png(itext_chunk("parameters", text.encode())),
        "iTXt compressed": lambda text: png(itext_chunk("parameters", text.encode(), compressed=True)),
        **_common("PNG"),
        "XMP compressed": lambda text: png(itext_chunk("XML:com.adobe.xmp", described(text).encode(), compressed=True)),
        "profile exif": lambda text: profile("exif", b"Exif\0\0" + comment(text)),
        "profile APP1": lambda text: profile("APP1", b"Exif\0\0" + comment(text)),
        "profile APP1 XMP": lambda text: profile("APP1", b"http://ns.adobe.com/xap/1.0/\0" + described(text).encode()),
        "profile xmp": lambda text: profile("xmp", described(text).encode()),
        "profile iptc": lambda text: profile("iptc", photoshop(text)),
        "profile iptc alone": lambda text: profile("iptc", caption(text)),
        "stealth alpha": partial(hidden, container="PNG", mode="RGBA"),
        "stealth alpha packed": partial(hidden, container="PNG", mode="RGBA", packed=True),
        "stealth RGB": partial(hidden, container="PNG", mode="RGB"),
        "stealth RGB packed": partial(hidden, container="PNG", mode="RGB", packed=True),
    },
    "JPEG": {
        **_common("JPEG"),
        "EXIF ImageDescription": lambda text: jpeg(exif_segment(exif({0x10E: text.encode()}))),
        "EXIF XPComment": lambda text: jpeg(exif_segment(exif({0x9C9C: (text + "\0").encode("utf-16-le")}))),
        "XMP extended": lambda text: jpeg(*extended_xmp(described(text))),
        "COM": lambda text: jpeg(segment(0xFE, text.encode())),
        "IPTC": lambda text: jpeg(segment(0xED, b"Photoshop 3.0\0" + photoshop(text))),
    },
    "WebP": {
        **_common("WebP"),
        "EXIF with prefix": lambda text: webp(exif=b"Exif\0\0" + comment(text)),
        "stealth alpha": partial(hidden, container="WEBP", mode="RGBA"),
        "stealth alpha packed": partial(hidden, container="WEBP", mode="RGBA", packed=True),
        "stealth RGB": partial(hidden, container="WEBP", mode="RGB"),
        "stealth RGB packed": partial(hidden, container="WEBP", mode="RGB", packed=True),
    },
    "AVIF": {
        **_common("AVIF"),
        "XMP in a box": lambda text: avif() + xmp_box(described(text)),
    },
    "HEIC": {
        **_common("HEIC"),
        "XMP in a box": lambda text: heic() + xmp_box(described(text)),
    },
    "JPEG XL": {
        **_common("JPEG XL"),
        "EXIF without offset": lambda text: jxl(box(b"Exif", comment(text))),
        "EXIF brob": lambda text: jxl_brotli(b"Exif", bytes(4) + comment(text)),
        "XMP brob": lambda text: jxl_brotli(b"xml ", described(text).encode()),
    },
    "GIF": {
        "comment": gif,
        "XMP": partial(in_xmp, "GIF"),
    },
    "TIFF": {
        "EXIF": lambda text: tiff([], [comment_tag(user_comment(text, "utf-16-le"))]),
        "EXIF ImageDescription": lambda text: tiff([ascii_tag(0x10E, text)]),
        "EXIF XPComment": lambda text: tiff([wide_tag(0x9C9C, text)]),
        "XMP": partial(in_xmp, "TIFF"),
        "IPTC": lambda text: tiff([(0x83BB, 7, len(caption(text)), caption(text))]),
        "IPTC of Photoshop": lambda text: tiff([(0x8649, 1, len(photoshop(text)), photoshop(text))]),
    },
    "MP4, MOV": {
        "tags": mp4_with_comment,
        "tags in free form": lambda text: mp4(box(b"udta", meta(ilst(freeform(b"comment", text.encode()))))),
        "tags in keys": partial(mp4_list, key=b"comment"),
        "tags in keys of QuickTime": partial(mp4_list, key=b"com.apple.quicktime.comment"),
        "tags of QuickTime": lambda text: mp4(box(b"udta", string(b"\xa9cmt", text.encode())), ftyp=QT),
        "XMP": partial(in_xmp, "MP4, MOV"),
        "XMP of QuickTime": lambda text: mp4(box(b"udta", box(b"XMP_", described(text).encode())), ftyp=QT),
    },
    "WebM, MKV": {
        "tags": lambda text: webm(COMMENT=text),
        "tags of Matroska": matroska,
    },
}
"""Container -> place -> builder. The first word of a place is what README.md calls it."""
