"""Image and video files around texts, box by box."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable

from _encoders import Colour, jpeg_parts, lzw_literals, mosaic, webp_lossless, zlib_stream

WIDTH, HEIGHT = 64, 96
SMALL_WIDTH, SMALL_HEIGHT = 32, 48
"""Pictures that are stored uncompressed."""


# ---------------------------------------------------------------------------------------------------------- PNG


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text(key: str, value: str, *, encoding: str = "latin-1") -> bytes:
    return chunk(b"tEXt", key.encode() + b"\0" + value.encode(encoding))


def compressed_text(key: str, value: str) -> bytes:
    return chunk(b"zTXt", key.encode() + b"\0\0" + zlib_stream(value.encode("latin-1")))


def international_text(key: str, value: str, *, compressed: bool = False) -> bytes:
    body = zlib_stream(value.encode()) if compressed else value.encode()
    return chunk(b"iTXt", key.encode() + b"\0" + bytes([compressed, 0]) + b"\0\0" + body)


def png(*before: bytes, after: bytes = b"", bits: Callable[[int, int], Colour | int] | None = None) -> bytes:
    """A PNG with chunks before and after its pixels.

    `bits` gives lowest bits by column and row: three for the colours, or one for an alpha of 254 and 255.
    """
    rows = mosaic(WIDTH, HEIGHT, zlib.crc32(b"".join(before) + after))
    samples: list[list[tuple[int, ...]]] = [[*row] for row in rows]
    if bits is not None:
        for y, row in enumerate(rows):
            for x, colour in enumerate(row):
                low = bits(x, y)
                samples[y][x] = (
                    (*colour, 254 | low)
                    if isinstance(low, int)
                    else tuple(value & 0xFE | bit for value, bit in zip(colour, low, strict=True))
                )
    colour_type = 6 if len(samples[0][0]) == 4 else 2
    pixels = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in samples)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, colour_type, 0, 0, 0))
    idat = chunk(b"IDAT", zlib_stream(pixels))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + idat + after + chunk(b"IEND", b"")


def hidden(magic: bytes, payload: bytes, channels: int) -> Callable[[int, int], Colour | int]:
    """The lowest bits that hold a text column by column, one to a pixel (alpha) or three (colours)."""
    data = magic + struct.pack(">I", 8 * len(payload)) + payload
    stream = "".join(f"{byte:08b}" for byte in data).ljust(WIDTH * HEIGHT * channels, "1" if channels == 1 else "0")

    def bits(x: int, y: int) -> Colour | int:
        at = (x * HEIGHT + y) * channels
        values = tuple(map(int, stream[at : at + channels]))
        return values[0] if channels == 1 else values  # type: ignore[return-value]

    return bits


# ---------------------------------------------------------------------------------------------------- JPEG, WebP

JFIF = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data


def exif_segment(tiff: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + tiff)


def xmp_segment(packet: str) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + JFIF + b"".join(segments) + jpeg_parts(mosaic(WIDTH, HEIGHT, zlib.crc32(b"".join(segments))))


def riff_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp(*, exif: bytes = b"", xmp: str = "", c2pa: bytes = b"") -> bytes:
    """A WebP with its metadata behind the pixels, as the format has it."""
    chunks = ((b"EXIF", exif, 8), (b"XMP ", xmp.encode(), 4), (b"C2PA", c2pa, 0))
    flags = sum(flag for _, data, flag in chunks if data)
    size = struct.pack("<I", WIDTH - 1)[:3] + struct.pack("<I", HEIGHT - 1)[:3]
    pixels = webp_lossless(WIDTH, HEIGHT, zlib.crc32(exif + xmp.encode() + c2pa))
    body = riff_chunk(b"VP8X", struct.pack("<I", flags) + size) + riff_chunk(b"VP8L", pixels)
    body += b"".join(riff_chunk(kind, data) for kind, data, _ in chunks if data)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


# --------------------------------------------------------------------------------- boxes: AVIF, HEIC, JPEG XL, MP4


def box(kind: bytes, *parts: bytes) -> bytes:
    return struct.pack(">I", 8 + sum(map(len, parts))) + kind + b"".join(parts)


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


_AV1_CONFIG = "gQAMAA=="
_AV1 = (
    "EgAKCRgVv77ZAQ0GhDJKFKPDwxDAADQoAACXycSEtsy/Z/t9y/9wVJe2j5ltWG87+IYIs9//+42ifzeAf2HD7fUwZHe/uqgOGVd3MWCIDC5N"
    "dojnowEmucw="
)
_HEVC_CONFIG = (
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBhZbq"
    "SSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQA=="
)
_HEVC = (
    "AAAAdSgBrxOAecHPROsyc59R6j94MwfGcxiY4vCKu32jVNUY2A+07dgy6n9BszJ7/5PqSGcwWc2OeLk6I7XAtp3oFTBG1t7gSSbzWGLk+NN+"
    "B0K40mVIsazVZjax7Q+avsOQFeGn3C70iZpa70F5BXg4h+WOB5bmlA=="
)
_JXL = (
    "/woXDogECAABACQBSyixcTEPa+JCQWFCQWGWwo3CmYKCI9AgApimCTV2Y4xx4x7j/xvHdAUMRUUsBAAIgHiAw04AwE2QDCwukbsIi6EoNVaz"
    "vmiDOQ=="
)
"""One gradient, red 40 + 2x, green 60 + y, blue 200 - x - y / 2, as libaom, x265 and libjxl encoded it."""


def _item(number: int, kind: bytes, media_type: bytes = b"") -> bytes:
    return full_box(b"infe", struct.pack(">HH4s", number, 0, kind) + b"\0" + media_type, version=2)


def _heif(brands: bytes, picture: bytes, codec: bytes, config: bytes, data: bytes, exif: bytes, xmp: str) -> bytes:
    payloads = [data, struct.pack(">I", 6) + b"Exif\0\0" + exif if exif else b"", xmp.encode()]
    listed = [_item(1, picture), _item(2, b"Exif"), _item(3, b"mime", b"application/rdf+xml\0")]
    used = [index for index, payload in enumerate(payloads) if payload]
    ispe = full_box(b"ispe", struct.pack(">II", WIDTH, HEIGHT))
    pixi = full_box(b"pixi", b"\3\x08\x08\x08")
    colr = box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80))
    ipma = full_box(b"ipma", struct.pack(">IHB", 1, 1, 4) + b"\1\2\x83\4")
    iprp = box(b"iprp", box(b"ipco", ispe, pixi, box(codec, config), colr), ipma)
    refs = [box(b"cdsc", struct.pack(">HHH", index + 1, 1, 1)) for index in used if index]
    ftyp = box(b"ftyp", brands[:4], bytes(4), brands)

    def meta(start: int) -> bytes:
        rows, at = b"", start
        for index in used:
            rows += struct.pack(">HHHII", index + 1, 0, 1, at, len(payloads[index]))
            at += len(payloads[index])
        return full_box(
            b"meta",
            full_box(b"hdlr", bytes(4) + b"pict" + bytes(13)),
            full_box(b"pitm", struct.pack(">H", 1)),
            full_box(b"iloc", b"\x44\0" + struct.pack(">H", len(used)) + rows),
            full_box(b"iinf", struct.pack(">H", len(used)), *[listed[index] for index in used]),
            *([full_box(b"iref", *refs)] if refs else []),
            iprp,
        )

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box(b"mdat", *payloads)


def avif(*, exif: bytes = b"", xmp: str = "") -> bytes:
    config, data = map(base64.b64decode, (_AV1_CONFIG, _AV1))
    return _heif(b"avifmif1miafMA1B", b"av01", b"av1C", config, data, exif, xmp)


def heic(*, exif: bytes = b"", xmp: str = "") -> bytes:
    config, data = map(base64.b64decode, (_HEVC_CONFIG, _HEVC))
    return _heif(b"heicmif1miaf", b"hvc1", b"hvcC", config, data, exif, xmp)


def jxl(*boxes: bytes) -> bytes:
    signature = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl " + bytes(4) + b"jxl ")
    return signature + b"".join(boxes) + box(b"jxlc", base64.b64decode(_JXL))


def mp4(comment: str) -> bytes:
    """A video track without frames, and the comment in the list that iTunes began."""
    matrix = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    times = struct.pack(">IIIH10x", 1000, 2000, 0x10000, 0x100)
    mvhd = full_box(b"mvhd", bytes(8), times, matrix, bytes(24), b"\0\0\0\2")
    size = struct.pack(">II", WIDTH << 16, HEIGHT << 16)
    tkhd = full_box(b"tkhd", bytes(8), struct.pack(">III16x", 1, 0, 2000), matrix, size, flags=3)
    media = box(
        b"mdia",
        full_box(b"mdhd", bytes(8), struct.pack(">IIHH", 1000, 2000, 0x55C4, 0)),
        full_box(b"hdlr", bytes(4) + b"vide" + bytes(13)),
    )
    data = box(b"data", struct.pack(">II", 1, 0), comment.encode())
    listed = full_box(
        b"meta", full_box(b"hdlr", bytes(4) + b"mdirappl" + bytes(9)), box(b"ilst", box(b"\xa9cmt", data))
    )
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2mp41")
    return ftyp + box(b"mdat") + box(b"moov", mvhd, box(b"trak", tkhd, media), box(b"udta", listed))


def element(number: str, *parts: bytes) -> bytes:
    """One EBML element with an eight-byte length."""
    length = sum(map(len, parts))
    return bytes.fromhex(number) + struct.pack(">Q", 1 << 56 | length) + b"".join(parts)


def webm(**tags: str) -> bytes:
    """A video track without frames, and one SimpleTag for each of `tags`."""
    head = element(
        "1a45dfa3",
        *(element(number, bytes([value])) for number, value in (("4286", 1), ("42f7", 1), ("42f2", 4), ("42f3", 8))),
        *(element("4282", b"webm"), element("4287", b"\4"), element("4285", b"\2")),
    )
    scale = element("2ad7b1", struct.pack(">I", 1_000_000))
    info = element("1549a966", scale, element("4d80", b"Lavf61.7.100"), element("5741", b"Lavf61.7.100"))
    size = element("e0", element("b0", bytes([WIDTH])), element("ba", bytes([HEIGHT])))
    track = element("ae", *(element(number, b"\1") for number in ("d7", "73c5", "83")), element("86", b"V_VP9"), size)
    simple = (
        element("67c8", element("45a3", name.encode()), element("4487", value.encode())) for name, value in tags.items()
    )
    tag = element("7373", element("63c0"), *simple)
    return head + element("18538067", info, element("1654ae6b", track), element("1254c367", tag))


# ------------------------------------------------------------------------------------------------ GIF, TIFF, BMP


def gif(comment: str = "", *, xmp: str = "") -> bytes:
    """A GIF with a comment before its picture, or XMP behind it (ended as its specification wants)."""
    rows = mosaic(SMALL_WIDTH, SMALL_HEIGHT, zlib.crc32((comment + xmp).encode()))
    palette = list(dict.fromkeys(colour for row in rows for colour in row))
    table = b"".join(map(bytes, palette)).ljust(3 * 128, b"\0")
    screen = struct.pack("<HHBBB", SMALL_WIDTH, SMALL_HEIGHT, 0xF6, 0, 0)
    data = comment.encode()
    pieces = b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))
    before = b"!\xfe" + pieces + b"\0" if comment else b""
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    after = b"!\xff\x0bXMP DataXMP" + xmp.encode() + trailer if xmp else b""
    picture = b"," + struct.pack("<HHHHB", 0, 0, SMALL_WIDTH, SMALL_HEIGHT, 0)
    pixels = lzw_literals([palette.index(colour) for row in rows for colour in row])
    return b"GIF89a" + screen + table + before + picture + pixels + after + b";"


def bmp() -> bytes:
    rows = mosaic(SMALL_WIDTH, SMALL_HEIGHT, 0x5A17C3)
    pixels = b"".join(bytes(colour[::-1]) for row in reversed(rows) for colour in row)
    info = struct.pack("<IiiHHIIiiII", 40, SMALL_WIDTH, SMALL_HEIGHT, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + info + pixels
