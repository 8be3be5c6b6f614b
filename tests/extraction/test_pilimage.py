from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from extractor import extract
from extractor.extraction.pilimage import _pixel_digest
from extractor.ledger import Ledger
from extractor.limits import Limits
from tests.extraction.records import META, PICTURE, codes
from tests.support import INFOTEXT

MODES = (
    *("1", "L", "LA", "La", "P", "PA", "RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"),
    *("I;16", "I;16B", "I;16L"),
)


def test_what_pillow_kept_is_read(picture: Path) -> None:
    with Image.open(io.BytesIO(PICTURE)) as image:
        image.load()
    record = extract(image)
    assert record.to_civitai()["meta"] == META
    assert record.hash == extract(picture).hash
    assert codes(record) == ["pil-decoded"]
    assert record.extraction is not None
    assert record.extraction.sha256 is None


@pytest.mark.parametrize("mode", MODES)
def test_the_url_is_the_digest_of_all_pixels(mode: str) -> None:
    image = Image.linear_gradient("L").resize((37, 29)).convert("RGB" if mode in ("LAB", "La", "RGBa") else "L")
    for size in ((37, 29), (1, 3000), (3000, 1), (0, 4), (0, 0)):
        picture = Image.new(mode, size)
        if mode in ("L", "RGB") and all(size):
            picture.paste(image.convert(mode).crop((0, 0, *size)))
        expected = hashlib.sha256(picture.tobytes()).hexdigest()
        assert _pixel_digest(picture, Ledger()) == expected
        for stealth in (None, True, False):
            record = extract(picture, stealth=stealth)
            assert record.url == f"urn:sha256:{expected}"
            assert (record.width, record.height) == size


def test_it_is_made_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.extraction.pilimage._BLOCK", 100)
    image = Image.linear_gradient("L")
    assert _pixel_digest(image, Ledger()) == hashlib.sha256(image.tobytes()).hexdigest()


def file_with_text(path: Path) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", INFOTEXT)
    Image.linear_gradient("L").save(path, pnginfo=info)
    return path


@pytest.mark.parametrize(
    "end", [lambda image: image.close(), lambda image: image.fp.close(), lambda image: image.__exit__()]
)
def test_a_picture_whose_file_is_gone_before_it_was_decoded(tmp_path: Path, end: Callable[[Any], None]) -> None:
    path = file_with_text(tmp_path / "a.png")
    urls = set()
    for _ in range(2):
        image = Image.open(path)
        end(image)
        path.unlink()
        for hash in (True, False):
            record = extract(image, hash=hash)
            assert (record.width, record.height, record.hash) == (256, 256, None)
            assert record.to_civitai()["meta"] == META
            assert codes(record) == ["pil-decoded", "pixels-undecodable"]
            urls.add(record.url)
        file_with_text(path)
    assert len(urls) == 1


def test_a_picture_too_large_to_be_decoded_for_a_digest(tmp_path: Path) -> None:
    with open(file_with_text(tmp_path / "a.png"), "rb") as stream, Image.open(stream) as image:
        image.filename = ""
        image.fp = Pipe()
        record = extract(image, limits=Limits(pixels=100))
    assert codes(record) == ["pil-decoded", "limit:pixels"]
    assert record.to_civitai()["meta"] == META


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "I;16"])
def test_a_text_of_the_name_of_the_transparent_colour(mode: str) -> None:
    image = Image.new(mode, (70, 70))
    image.info["transparency"] = "1"
    record = extract(image)
    assert (record.hash, codes(record)) == (None, ["pil-decoded", "pixels-undecodable"])


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_closed_picture() -> None:
    image = Image.new("RGB", (9, 8))
    image.close()
    record = extract(image)
    assert (record.width, record.height, codes(record)) == (9, 8, ["pil-decoded", "pixels-undecodable"])


@pytest.mark.parametrize("mode", ["RGB", "P", "L", "I;16", "RGBA"])
@pytest.mark.parametrize(
    ("key", "value", "raw"),
    [
        ("xmp", "\ud800", [("pil:xmp:packet", "\ufffd")]),
        ("xmp", "<x>", [("pil:xmp:packet", "<x>")]),
        ("exif", b"\0" * 9, []),
        ("exif", "\ud800", [("pil:info:exif", "\ufffd")]),
        ("exif", 5, []),
        (5, "x", []),
        ("comment", b"\xff", [("pil:comment", "\ufffd")]),
        ("comment", "a\udc80", [("pil:info:comment", "a\ufffd")]),
        ("\ud800", "x", [("pil:info:\ufffd", "x")]),
        ("transparency", b"ab", []),
        ("transparency", (1, 2, 3), []),
        ("transparency", 999_999, []),
        ("transparency", -1, []),
        ("icc_profile", "x", [("pil:info:icc_profile", "x")]),
    ],
)
def test_whatever_stands_in_its_info(mode: str, key: Any, value: Any, raw: list[tuple[str, str]]) -> None:
    image = Image.new(mode, (70, 70))
    image.info[key] = value
    record = extract(image, raw=True)
    assert record.extraction is not None
    assert [(text.source, text.text) for text in record.extraction.raw or ()] == raw
    assert (record.width, record.height) == (70, 70)
    assert codes(record)[0] == "pil-decoded"
    record.model_dump_json(by_alias=True).encode()


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("format", 5),
        ("format", "NONSENSE"),
        ("filename", "\0"),
        ("filename", "\ud800"),
        ("filename", "/dev/zero"),
        ("filename", "."),
        ("filename", 5),
        ("fp", 5),
        ("fp", io.StringIO("x")),
    ],
)
def test_whatever_its_attributes_hold(attribute: str, value: object) -> None:
    image = Image.new("RGB", (70, 70))
    setattr(image, attribute, value)
    record = extract(image)
    assert (record.width, codes(record)) == (70, ["pil-decoded"])
    assert record.hash


def test_no_info_at_all() -> None:
    image = Image.new("RGB", (70, 70))
    image.info = None  # type: ignore[assignment]
    assert (extract(image).width, codes(extract(image))[0]) == (70, "pil-decoded")


def test_nothing_at_all() -> None:
    assert codes(extract(Image.Image()))[0] == "pil-decoded"


def test_a_later_frame_is_still_its_file() -> None:
    stream = io.BytesIO()
    frames = [Image.new("L", (70, 60), grey) for grey in (0, 100, 200)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(stream) as image:
        image.seek(2)
        assert extract(image).hash == extract(stream.getvalue()).hash
        assert image.tell() == 2
