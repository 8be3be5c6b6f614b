from __future__ import annotations

import pytest

from extractor.containers.kinds import IMAGE_SUFFIXES, KINDS, VIDEO_SUFFIXES, has_suffix, sniff


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = b"ftyp" + major + b"\0\0\0\0" + b"".join(compatible)
    return (4 + len(body)).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\x89PNG\r\n\x1a", None),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"FORM\x10\0\0\0WEBPVP8 ", None),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "bmp"),
        (b"BM" + bytes(12) + b"\x29\0\0\0", None),
        (b"BMW, a car", None),
        (b"II*\0", "tiff"),
        (b"MM\0+", "tiff"),
        (b"\xff\x0a", "jxl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
        (ftyp(b"avif"), "avif"),
        (ftyp(b"mif1", b"avif"), "avif"),
        (ftyp(b"mif1", b"heic"), "heic"),
        (ftyp(b"isom", b"mp41") + b"avif", "mp4"),
        (ftyp(b"qt  "), "mp4"),
        (b"\0\0\0\x08wide", "mp4"),
        (b"\x1a\x45\xdf\xa3", "webm"),
        (b"", None),
        (b"a text", None),
    ],
)
def test_sniff(head: bytes, name: str | None) -> None:
    assert sniff(head) == name


def test_suffixes() -> None:
    assert has_suffix("a.PNG", IMAGE_SUFFIXES)
    assert not has_suffix("png", IMAGE_SUFFIXES)
    assert has_suffix("folder.png/a.mkv", VIDEO_SUFFIXES)
    assert not IMAGE_SUFFIXES & VIDEO_SUFFIXES
    assert {suffix for kind in KINDS.values() for suffix in kind.suffixes} == IMAGE_SUFFIXES | VIDEO_SUFFIXES


def test_no_suffix_belongs_to_two_kinds() -> None:
    suffixes = [suffix for kind in KINDS.values() for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
