"""Pictures of every sort that is written to, made here; and how their pixels are compared."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable
from typing import Final

import piexif
from PIL import Image, ImageCms

from extractor import parse_infotext
from tests.support import IDAT, IEND, SIGNATURE, chunk, ihdr, itext_chunk, text_chunk

SETTINGS: Final = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: m"
ASCII: Final = f"a cat\nNegative prompt: dog\n{SETTINGS}"
LATIN: Final = ASCII.replace("a cat", "a café, naïve")
WIDE: Final = ASCII.replace("a cat", "猫と海, 🐈 <lora:style:0.5>")
TEXTS: Final = {"ascii": ASCII, "latin": LATIN, "wide": WIDE}
META: Final = {name: parse_infotext(text) for name, text in TEXTS.items()}
OLD: Final = "an old secret prompt\nSteps: 5, Sampler: DDIM, CFG scale: 3, Seed: 99, Size: 64x64"
ICC: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ODD_ICC: Final = ICC if len(ICC) % 2 else ICC + b"\0"
MAKER_NOTE: Final = b"Canon\0\x01\x02\xff\xfe" + bytes(range(40))


def noise(mode: str = "RGB", size: tuple[int, int] = (40, 24)) -> Image.Image:
    image = Image.frombytes("L", size, random.Random(1).randbytes(size[0] * size[1]))
    if mode == "RGBA":
        alpha = Image.linear_gradient("L").resize(size)
        return Image.merge("RGBA", (image, image.rotate(180), image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), alpha))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def camera_exif(comment: str = OLD) -> bytes:
    """What a camera writes, and an old infotext in the UserComment."""
    exif = {
        "0th": {
            piexif.ImageIFD.Make: b"Canon",
            piexif.ImageIFD.Model: b"EOS 5D",
            piexif.ImageIFD.Orientation: 6,
        },
        "Exif": {
            piexif.ExifIFD.DateTimeOriginal: b"2020:01:02 03:04:05",
            piexif.ExifIFD.MakerNote: MAKER_NOTE,
            piexif.ExifIFD.UserComment: b"UNICODE\0" + comment.encode("utf-16-be"),
        },
        "GPS": {piexif.GPSIFD.GPSLatitudeRef: b"N", piexif.GPSIFD.GPSLatitude: ((48, 1), (8, 1), (1, 3))},
        "1st": {},
        "thumbnail": None,
    }
    return piexif.dump(exif)


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data


def after_soi(jpeg: bytes, *segments: bytes) -> bytes:
    """Segments put behind JFIF."""
    end = 4 + struct.unpack_from(">H", jpeg, 4)[0]
    return jpeg[:end] + b"".join(segments) + jpeg[end:]


def multi_picture() -> tuple[bytes, bytes]:
    """(a JPEG with a multi-picture index and a second picture behind it, the second picture)."""
    second = saved(noise(size=(16, 8)), "JPEG")
    main = saved(noise(), "JPEG")
    entry = struct.Struct("<IIIHH")
    head = b"MPF\0II*\0\x08\0\0\0" + struct.pack("<HHHIIHHIII", 2, 0xB001, 4, 1, 2, 0xB002, 7, 32, 38, 0)
    length = len(segment(0xE2, head + bytes(2 * entry.size)))
    main_size = len(main) + length
    start = struct.unpack_from(">H", main, 4)[0] + 4 + 8
    index = entry.pack(0x030000, main_size, 0, 0, 0) + entry.pack(0, len(second), main_size - start, 0, 0)
    return after_soi(main, segment(0xE2, head + index)) + second, second


def second_picture(data: bytes) -> bytes:
    """The second picture of a multi-picture file, as its index says."""
    start = data.index(b"MPF\0") + 4
    size, offset = struct.unpack_from("<II", data, start + 38 + 16 + 4)
    first = struct.unpack_from("<I", data, start + 38 + 4)[0]
    assert data[first - 2 : first] == b"\xff\xd9"
    return data[start + offset : start + offset + size]


def riff_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp_of(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(kind: str) -> bytes:
    frames = [noise("RGBA" if kind != "GIF" else "RGB").rotate(60 * n) for n in range(3)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, loop=0)


def interlaced() -> bytes:
    """A picture of one pixel, for which Adam7 has one pass."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 1))
    return SIGNATURE + header + IDAT + IEND


def _png_with_stale_texts() -> bytes:
    data = saved(noise(), "PNG")
    old = text_chunk("parameters", OLD)
    end = data.rindex(b"IEND") - 4
    return data[:33] + old + data[33:end] + itext_chunk("Parameters", OLD.encode()) + data[end:] + old + b"junk behind"


def _raw_profile() -> bytes:
    block = camera_exif()
    value = f"\nexif\n{len(block):8}\n{block.hex()}\n"
    data = saved(noise(), "PNG")
    return data[:33] + text_chunk("Raw profile type exif", value) + data[33:]


def _cgbi() -> bytes:
    return SIGNATURE + chunk(b"CgBI", b"\x50\0\x20\x06") + ihdr() + IDAT + IEND


def _bad_crc() -> bytes:
    data = saved(noise(), "PNG")
    return data[:33] + chunk(b"tIME", b"\x07\xe5\1\1\1\1\1", crc=1) + text_chunk("k", "v", crc=2) + data[33:]


def _xmp_before_exif() -> bytes:
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    exif = segment(0xE1, camera_exif())
    return after_soi(saved(noise(), "JPEG"), xmp, exif, exif, segment(0xFE, b"a comment"))


def _webp_odd_icc() -> bytes:
    return saved(noise("RGBA"), "WEBP", lossless=True, icc_profile=ODD_ICC, exif=camera_exif())


def _wrong_riff_size() -> bytes:
    return saved(noise(), "WEBP")[:4] + b"\xff\xff\0\0" + saved(noise(), "WEBP")[8:]


PICTURES: Final[dict[str, Callable[[], bytes]]] = {
    "png": lambda: saved(noise(), "PNG"),
    "png-rgba": lambda: saved(noise("RGBA"), "PNG", icc_profile=ICC),
    "png-palette": lambda: saved(noise().quantize(16), "PNG"),
    "png-16-bit": lambda: saved(noise("L").convert("I;16"), "PNG"),
    "png-interlaced": interlaced,
    "png-stale": _png_with_stale_texts,
    "png-exif": lambda: saved(noise(), "PNG", exif=camera_exif()),
    "png-raw-profile": _raw_profile,
    "png-bad-crc": _bad_crc,
    "png-cgbi": _cgbi,
    "apng": lambda: animated("PNG"),
    "jpeg": lambda: saved(noise(), "JPEG"),
    "jpeg-grey-progressive": lambda: saved(noise("L"), "JPEG", progressive=True),
    "jpeg-cmyk": lambda: saved(noise("RGB").convert("CMYK"), "JPEG"),
    "jpeg-camera": lambda: saved(noise(), "JPEG", exif=camera_exif(), icc_profile=ICC, comment=b"hello"),
    "jpeg-xmp-first": _xmp_before_exif,
    "jpeg-two-pictures": lambda: multi_picture()[0],
    "jpeg-trailing": lambda: saved(noise(), "JPEG") + b"trailing bytes",
    "webp-vp8": lambda: saved(noise(), "WEBP"),
    "webp-vp8l-alpha": lambda: saved(noise("RGBA"), "WEBP", lossless=True),
    "webp-odd-icc": _webp_odd_icc,
    "webp-animated": lambda: animated("WEBP"),
    "webp-trailing": lambda: saved(noise(), "WEBP") + b"trailing bytes!",
    "webp-wrong-size": _wrong_riff_size,
    "gif": lambda: saved(noise(), "GIF"),
    "gif-animated": lambda: animated("GIF"),
    "avif": lambda: saved(noise(), "AVIF", exif=camera_exif()),
    "avif-plain": lambda: saved(noise("RGBA"), "AVIF"),
}
"""What a picture is -> how it is made."""


def frames(data: bytes, most: int = 4) -> list[tuple[str, tuple[int, int], bytes]] | None:
    """Mode, size and pixels of the first frames; None when it does not decode."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            found = []
            for number in range(min(getattr(image, "n_frames", 1), most)):
                image.seek(number)
                found.append((image.mode, image.size, image.tobytes()))
            return found
    except Exception:  # noqa: BLE001 - Pillow raises many things for damaged files
        return None


def icc_of(data: bytes) -> bytes | None:
    with Image.open(io.BytesIO(data)) as image:
        return image.info.get("icc_profile")
