from __future__ import annotations

import random
import sys
import threading
import zlib
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageFile

from extractor.containers.kinds import KINDS
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels import decoder
from extractor.pixels.decoder import FUZZING_VARIABLE
from extractor.pixels.read import Pixels, StealthMode, StealthText, hash_image, read_hidden, read_pixels
from extractor.pixels.scaling import REVISIONS, Scaling
from tests.readers.jxlbits import (
    ALPHA,
    ANIMATION,
    DEFAULTS,
    DEPTH_8,
    NO_CHANNEL,
    NOTHING_EXTRA,
    Field,
    codestream,
    extra,
)
from tests.support import SIGNATURE, chunk, ihdr, png

FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "avif": "AVIF"}


def encoded(image: Image.Image, container: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, FORMATS[container], **options)
    return stream.getvalue()


def gradient(width: int, height: int, mode: str = "RGB") -> Image.Image:
    data = bytes(
        v & 0xFF for y in range(height) for x in range(width) for v in (x, y * 2, x + y, 255 - x // 2)[: len(mode)]
    )
    return Image.frombytes(mode, (width, height), data)


def read(
    data: bytes,
    container: str,
    *,
    size: tuple[int, int] = (0, 0),
    orientation: int = 1,
    scaling: Scaling | None = "bilinear",
    stealth: StealthMode = StealthMode.OFF,
    limits: Limits | None = None,
) -> tuple[Pixels, list[str]]:
    limits = limits or Limits()
    log = Ledger(limits)
    pixels = read_pixels(
        BytesIO(data),
        container,
        width=size[0],
        height=size[1],
        orientation=orientation,
        scaling=scaling,
        stealth=stealth,
        log=log,
        limits=limits,
    )
    return pixels, [warning.code for warning in log.items]


NOTHING = Pixels(None, ())


@pytest.mark.parametrize("container", ["png", "gif", "bmp", "webp"])
def test_lossless_containers_give_one_hash(container: str) -> None:
    image = Image.frombytes(
        "RGB", (6, 5), bytes(v for y in range(5) for x in range(6) for v in (40 * x, 50 * y, 20 * (x + y)))
    )
    image = image.quantize(30) if container == "gif" else image
    data = encoded(image, container, **({"lossless": True} if container == "webp" else {}))
    assert read(data, container) == (Pixels("UKEMR53vJh^%.rIYWrrGd?esfSeo?@KbWntQ", ()), [])


def test_one_red_pixel() -> None:
    assert read(png(), "png", size=(1, 1)) == (Pixels("U~TI:j|c|c|c|c|c|c|c|c|c|c|c|c|c|c|c", ()), [])


CONTAINER_TURNS = {"png": True, "jpeg": True, "webp": False, "gif": False, "bmp": False}


@pytest.mark.parametrize(("container", "turns"), CONTAINER_TURNS.items())
def test_exif_orientation_turns_png_and_jpeg_only(container: str, turns: bool) -> None:
    image = gradient(90, 70).convert("P" if container == "gif" else "RGB")
    data = encoded(image, container)
    upright, _ = read(data, container)
    turned, _ = read(data, container, orientation=6)
    assert (turned.hash != upright.hash) is turns


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_counts_as_upright(orientation: int) -> None:
    data = encoded(gradient(90, 70), "png")
    assert read(data, "png", orientation=orientation) == read(data, "png")


def test_avif_turns_by_its_own_rotation() -> None:
    image = gradient(90, 70)
    exif = Image.Exif()
    exif[0x0112] = 6  # Pillow writes it as irot
    turned, codes = read(encoded(image, "avif", exif=exif), "avif")
    upright, _ = read(encoded(image, "avif"), "avif")
    by_hand, _ = read(encoded(image, "avif", exif=exif).replace(b"irot", b"free"), "avif")
    assert codes == []
    assert turned.hash != upright.hash
    assert by_hand.hash == upright.hash


def test_avif_orientation_in_xmp_does_not_count() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    plain = encoded(gradient(90, 70), "avif")
    assert read(encoded(gradient(90, 70), "avif", xmp=xmp), "avif") == read(plain, "avif")


def test_avif_with_a_bad_exif_block_still_decodes() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a description"
    data = encoded(gradient(90, 70), "avif", exif=exif)
    start = data.rindex(b"II*\0") if b"II*\0" in data else data.rindex(b"MM\0*")
    unreadable = data[:start] + b"XX" + data[start + 2 :]
    huge_tag = data[: start + 14] + b"\xff" * 4 + data[start + 18 :]
    for damaged in (unreadable, huge_tag):
        assert damaged != data
        assert read(damaged, "avif") == read(encoded(gradient(90, 70), "avif"), "avif")


def test_exif_items_of_an_avif_are_counted() -> None:
    assert read(b"Exif" * 11, "avif", limits=Limits(chunks=10)) == (NOTHING, ["limit:chunks"])


@pytest.mark.parametrize(
    ("container", "code"),
    [
        ("tiff", "hash-unsupported"),
        ("mp4", "hash-unsupported"),
        ("", "hash-unsupported"),
        ("png", "pixels-undecodable"),
    ],
)
def test_not_a_picture_of_that_container(container: str, code: str) -> None:
    assert read(b"BM not what it says" * 9, container) == (NOTHING, [code])


@pytest.mark.parametrize("container", ["heic", "jxl"])
def test_an_extra_that_is_not_installed(container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = KINDS[container].decoder
    assert plugin is not None
    monkeypatch.setitem(sys.modules, plugin.module.partition(".")[0], None)
    monkeypatch.setitem(sys.modules, plugin.module, None)
    log = Ledger()
    read_pixels(
        BytesIO(b""),
        container,
        width=5,
        height=5,
        orientation=1,
        stealth=StealthMode.OFF,
        log=log,
        limits=Limits(),
    )
    assert [warning.code for warning in log.items] == ["hash-needs-extra"]
    assert f"pip install 'ai-image-metadata[{plugin.extra}]'" in log.items[0].message


def test_jxl_of_unknown_size_is_not_opened() -> None:
    assert read(b"\xff\x0a", "jxl") == (NOTHING, ["pixels-undecodable"])


@pytest.mark.parametrize(
    ("edge", "fields", "codes"),
    [
        (6000, (DEFAULTS,), ["opened"]),
        (9000, (DEFAULTS,), ["limit:decoder_bytes"]),
        (6000, (*NOTHING_EXTRA, *DEPTH_8, *ALPHA), ["limit:decoder_bytes"]),
        (6000, (*NOTHING_EXTRA, (1, 1), (2, 0), (4, 7), (1, 0), *NO_CHANNEL), ["limit:decoder_bytes"]),
        (600, (*NOTHING_EXTRA, *DEPTH_8, (2, 3), (12, 4095), (1, 1)), ["limit:decoder_bytes"]),
        (600, (*extra(1, *ANIMATION), *DEPTH_8, *NO_CHANNEL), ["hash-unsupported"]),
    ],
    ids=["plain", "large", "alpha", "floats", "channels", "animated"],
)
def test_what_a_jxl_says_of_itself_decides_whether_it_is_decoded(
    edge: int, fields: tuple[Field, ...], codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(stream: BytesIO) -> None:
        raise ValueError("opened")

    monkeypatch.setattr(decoder, "_opener", lambda *_: opened)
    log = Ledger()
    data = codestream((1, 0), (2, 2), (18, edge - 1), (3, 1), *fields)
    with pytest.raises(decoder.PixelsError):
        decoder.decode(BytesIO(data), "jxl", (edge, edge), 1, "bilinear", log, log.limits)
    assert [("opened" if "opened" in warning.message else warning.code) for warning in log.items] == codes


@pytest.mark.parametrize("size", [(2, 300), (300, 2), (129, 1)])
def test_no_canvas(size: tuple[int, int]) -> None:
    assert read(encoded(Image.new("RGB", size), "png"), "png") == (NOTHING, ["hash-no-canvas"])


def test_no_canvas_does_not_cost_hidden_text() -> None:
    image = Image.new("RGBA", (2, 300), (0, 0, 0, 254))
    bits = "".join(f"{byte:08b}" for byte in b"stealth_pnginfo\0\0\0\x08a")
    for y, bit in enumerate(bits):
        image.putpixel((0, y), (0, 0, 0, 254 | int(bit)))
    pixels, codes = read(encoded(image, "png"), "png", stealth=StealthMode.ALPHA)
    assert pixels == Pixels(None, (StealthText("alpha", "a"),))
    assert codes == ["hash-no-canvas"]


@pytest.mark.parametrize("container", list(FORMATS))
def test_truncated_pixels(container: str) -> None:
    image = Image.frombytes("L", (120, 90), random.Random(1).randbytes(120 * 90))
    data = encoded(image if container == "gif" else image.convert("RGB"), container)
    assert read(data[: len(data) * 2 // 3], container) == (NOTHING, ["pixels-undecodable"])


@pytest.mark.parametrize(
    "data",
    [
        png(header=ihdr(0, 0)),
        png(pixels=b""),
        png(pixels=chunk(b"IDAT", b"garbage")),
        png(pixels=chunk(b"IDAT", zlib.compress(b"\x09\0\0\0"))),
        SIGNATURE,
        b"",
    ],
)
def test_damaged_png(data: bytes) -> None:
    assert read(data, "png") == (NOTHING, ["pixels-undecodable"])


def test_pixel_limit_by_our_size_and_by_pillows() -> None:
    data = encoded(Image.new("RGB", (20, 10)), "png")
    small = Limits(pixels=199)
    assert read(data, "png", size=(20, 10), limits=small) == (NOTHING, ["limit:pixels"])
    assert read(data, "png", limits=small) == (NOTHING, ["limit:pixels"])
    assert read(data, "png", limits=Limits(pixels=200))[1] == []


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    data = png(header=ihdr(60_000, 60_000))
    assert read(data, "png") == (NOTHING, ["limit:pixels"])


def scans(data: bytes, count: int) -> bytes:
    """A JPEG whose last scan is repeated so that it has `count` scans."""
    start, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    have = data.count(b"\xff\xda")
    return data[:end] + data[start:end] * (count - have) + data[end:]


def test_jpeg_scan_limit() -> None:
    data = encoded(gradient(40, 40), "jpeg", progressive=True)
    few = Limits(jpeg_scans=12)
    assert read(scans(data, 12), "jpeg", limits=few)[1] == []
    assert read(scans(data, 13), "jpeg", limits=few) == (NOTHING, ["limit:jpeg_scans"])


def test_scans_are_counted_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = scans(encoded(gradient(40, 40), "jpeg", progressive=True), 13)
    for size in (1, 2, 3):
        monkeypatch.setattr(decoder, "_CHUNK", size)
        assert read(data, "jpeg", limits=Limits(jpeg_scans=12)) == (NOTHING, ["limit:jpeg_scans"])


def test_the_decoder_stops_at_the_second_scan_of_a_whole_sequential_jpeg() -> None:
    """Why scans are not counted there."""
    data = encoded(gradient(40, 40), "jpeg")
    assert data.count(b"\xff\xda") == 1
    hashes = {read(scans(data, count), "jpeg", limits=Limits(jpeg_scans=1))[0].hash for count in (1, 2, 5000)}
    assert len(hashes - {None}) == 1


JPEG_SIZES = {(128, 128): True, (400, 304): True, (400, 300): False, (1024, 1024): False}


@pytest.mark.parametrize("scaling", REVISIONS)
@pytest.mark.parametrize(("size", "whole_blocks"), JPEG_SIZES.items())
def test_the_jpeg_decoder_reduces_whole_blocks_only_for_the_mipmap(
    size: tuple[int, int], whole_blocks: bool, scaling: Scaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    from PIL.JpegImagePlugin import JpegImageFile

    draft = JpegImageFile.draft
    monkeypatch.setattr(JpegImageFile, "draft", lambda self, *wish: asked.append(wish) or draft(self, *wish))
    assert read(encoded(gradient(*size), "jpeg"), "jpeg", scaling=scaling)[1] == []
    assert bool(asked) is (whole_blocks and scaling == "mipmap")


def test_jpeg_with_sampling_factor_zero() -> None:
    data = bytearray(encoded(gradient(128, 128), "jpeg"))
    frame = data.index(b"\xff\xc0")
    for component in range(3):
        data[frame + 11 + 3 * component] = 0
    for scaling in REVISIONS:
        assert read(bytes(data), "jpeg", scaling=scaling) == (NOTHING, ["pixels-undecodable"])


def test_jpeg_holds_no_hidden_text() -> None:
    assert read(encoded(gradient(30, 30), "jpeg"), "jpeg", stealth=StealthMode.ALL)[0].stealth == ()


def broken_decoder(error: BaseException) -> object:
    def load(self: ImageFile.ImageFile) -> None:
        raise error

    return load


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), TypeError("x"), SystemError("x"), AttributeError("x")])
def test_whatever_a_decoder_raises_is_a_warning_unless_fuzzing(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FUZZING_VARIABLE, raising=False)
    monkeypatch.setattr(ImageFile.ImageFile, "load", broken_decoder(error))
    assert read(png(), "png") == (NOTHING, ["pixels-undecodable"])
    monkeypatch.setenv(FUZZING_VARIABLE, "1")
    with pytest.raises(type(error)):
        read(png(), "png")


def test_documented_errors_are_warnings_while_fuzzing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FUZZING_VARIABLE, "1")
    assert read(b"", "png") == (NOTHING, ["pixels-undecodable"])


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt()])
def test_these_pass_through(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", broken_decoder(error))
    with pytest.raises(type(error)):
        read(png(), "png")


def loaded(data: bytes, container: str, scaling: Scaling | None = "bilinear") -> decoder.Decoded:
    return decoder.decode(BytesIO(data), container, (0, 0), 1, scaling, Ledger(), Limits())


@pytest.mark.parametrize(
    ("container", "mode", "scaling"),
    [
        ("webp", "RGB", "bilinear"),
        ("webp", "RGBA", "bilinear"),
        ("jpeg", "RGB", "bilinear"),
        ("jpeg", "RGB", "mipmap"),  # reduced by the decoder
        ("jpeg", "CMYK", "bilinear"),
    ],
)
def test_reads_the_same_with_and_without_pillows_memory(
    container: str, mode: str, scaling: Scaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(gradient(256, 128, mode), container)
    decoded = loaded(data, container, scaling)
    assert (decoded.memory is not None) is (mode != "CMYK")
    if decoded.memory is not None:
        assert decoded.image.tobytes("raw", "RGBX" if mode == "RGB" else mode) == decoded.memory.tobytes()
    direct = read(data, container, scaling=scaling, stealth=StealthMode.ALL)
    monkeypatch.setattr(decoder, "_LOADERS", {})
    assert loaded(data, container, scaling).memory is None
    assert direct == read(data, container, scaling=scaling, stealth=StealthMode.ALL)
    assert direct[0].hash is not None


def test_what_another_pillow_does_not_have_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.new("RGB", (1, 1))
    assert decoder._load_webp(image) == (image, None)
    monkeypatch.setattr(Image, "core", object())
    assert decoder._load_jpeg(image) == (image, None)


def test_where_pillow_takes_half_a_picture_its_memory_is_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(gradient(128, 128), "jpeg")
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert loaded(data[: len(data) // 2], "jpeg").memory is None


@pytest.mark.parametrize("scaling", REVISIONS)
@pytest.mark.parametrize("container", ["png", "webp", "avif"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_decoded_picture_gives_the_hash_of_its_file(container: str, mode: str, scaling: Scaling) -> None:
    data = encoded(gradient(150, 100, mode), container)
    log = Ledger()
    for orientation in (1, 6) if container == "png" else (1,):
        with Image.open(BytesIO(data)) as image:
            of_picture = hash_image(image, orientation, scaling, log)
        assert of_picture == read(data, container, orientation=orientation, scaling=scaling)[0].hash
    assert log.items == []


def test_the_scalings_differ() -> None:
    data = encoded(gradient(150, 100), "png")
    bilinear, mipmap, none = (read(data, "png", scaling=scaling) for scaling in ("bilinear", "mipmap", None))
    assert bilinear[0].hash != mipmap[0].hash
    assert none == (Pixels(None, ()), [])


def test_decoded_pictures_that_cannot_be_read() -> None:
    log = Ledger(Limits(pixels=100))
    with Image.open(BytesIO(png(pixels=chunk(b"IDAT", b"garbage")))) as image:
        assert hash_image(image, 1, "bilinear", log) is None
        assert read_hidden(image, StealthMode.ALL, log, log.limits) == ()
    assert hash_image(Image.new("RGB", (101, 1)), 1, "bilinear", log) is None
    assert hash_image(Image.new("RGB", (1, 99)), 1, "bilinear", log) is not None
    assert [warning.code for warning in log.items] == ["pixels-undecodable", "limit:pixels"]


def test_a_mode_that_does_not_convert(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(self: Image.Image, mode: str) -> Image.Image:
        raise ValueError("conversion not supported")

    monkeypatch.setattr(Image.Image, "convert", convert)
    log = Ledger()
    assert hash_image(Image.new("CMYK", (4, 4)), 1, "bilinear", log) is None
    assert [warning.code for warning in log.items] == ["pixels-undecodable"]


def test_threads_do_not_mix_pictures() -> None:
    files = [encoded(gradient(200 + 13 * n, 150 + 7 * n, "RGBA"), "png") for n in range(6)]
    expected = [read(data, "png")[0].hash for data in files]
    wrong: list[int] = []

    def work(start: int) -> None:
        for turn in range(12):
            index = (start + turn) % len(files)
            if read(files[index], "png")[0].hash != expected[index]:
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_start_up_imports_neither_numpy_nor_pillow() -> None:
    import subprocess

    code = "import sys, extractor.pixels; print([m for m in ('numpy', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("scaling", REVISIONS)
def test_what_stood_in_the_memory_before_is_never_seen(scaling: Scaling, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoded(gradient(301, 170, "RGB"), "jpeg", progressive=True)
    middle = len(whole) // 2
    damaged = (whole, whole[:middle], whole[:middle] + b"\xff\xd9", whole[:middle] + whole[middle + 200 :])
    said = []
    for byte in (0x55, 0xAA):
        filled = SimpleNamespace(uint8=np.uint8, frombuffer=np.frombuffer)
        filled.empty = lambda shape, dtype, byte=byte: np.full(shape, byte, dtype)
        monkeypatch.setattr(decoder, "np", filled)
        said.append([read(data, "jpeg", scaling=scaling) for data in damaged])
    assert said[0] == said[1]
    assert said[0][0][0].hash is not None
