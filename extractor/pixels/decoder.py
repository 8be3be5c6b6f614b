"""Opens one picture with Pillow: the plugin of its container only, bounded, and without noise.

Pillow warns through `warnings` in `Image.open` and while it parses EXIF blocks. Neither happens here: a plugin's
class is called directly, and no plugin is given an EXIF block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module
from io import BytesIO
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

import numpy as np
from PIL import Image, ImageFile

from extractor.containers.jxlheader import HEADER_BYTES, parse_jxl_header
from extractor.containers.kinds import KINDS, Decoder
from extractor.errors import ExtractorError, extra_command
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels.alpha import Premultiplying
from extractor.pixels.avif import as_premultiplied, without_exif
from extractor.pixels.canvas import Size, canvas_size
from extractor.pixels.halving import Bytes
from extractor.pixels.mipmap import level_of, level_size
from extractor.pixels.scaling import Scaling

FUZZING_VARIABLE: Final = "EXTRACTOR_FUZZING"
"""While this environment variable is set, only errors that Pillow documents count as damaged pixels."""

_CHUNK: Final = 1 << 20
_REASON_LENGTH: Final = 200
_RUNS: Final = "bmp_rle"
"""Pillow's name for the decoder of run-length encoded BMP."""
_ORIENTATION: Final = 0x0112
_START_OF_SCAN: Final = b"\xff\xda"

_FAILED: Final = "their decoder failed"
"""The reason for all else: what is raised then is an accident of Pillow's, another one under ``python -O``."""
_DECODER_BYTES: Final = {"webp": 12, "avif": 16, "heic": 12, "jxl": 13}
"""Bytes of memory a pixel takes in a decoder that holds the whole picture several times."""
_JXL_WIDE_BYTES: Final = 16
"""How many more in a JPEG XL of more than 16 bits a sample."""
_JXL_CHANNEL_BYTES: Final = 32
"""How many more for each channel beside the colours: then libjxl holds whole frames of floats."""
_COEFFICIENT_BYTES: Final = 2
_PILLOW_BYTES: Final = 4

_DOCUMENTED: Final = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, Image.DecompressionBombError)
"""What decoders raise for damaged files; RuntimeError is libavif's and libjxl's."""


class PixelsError(Exception):
    """There are no pixels to be had; the reason has been logged."""


class Hidden(Enum):
    """Whether texts hidden in the pixels are wanted."""

    NOT_WANTED = auto()
    WELCOME = auto()
    ASKED_FOR = auto()


class Turning(Enum):
    """Where a container's orientation comes from."""

    NEVER = auto()  # browsers ignore it, or the decoder has applied it
    GIVEN = auto()  # the reader knows it (EXIF, or the codestream of a JPEG XL)
    CONTAINER = auto()  # Pillow reports it


_TURNING: Final = {
    "png": Turning.GIVEN,
    "jpeg": Turning.GIVEN,
    "avif": Turning.CONTAINER,
    "jxl": Turning.GIVEN,
}
"""Where it is not `Turning.NEVER`."""
_PREMULTIPLYING: Final = {"webp": Premultiplying.DOWN, "avif": Premultiplying.UP}
"""Where it is not `Premultiplying.NEAREST`."""
_DECODES_AT_ONCE: Final = ("jxl",)
"""Opening decodes, so the size must be known before."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A loaded picture, the size it is stored with (the JPEG decoder may have reduced it), and its orientation."""

    image: Image.Image
    size: Size
    orientation: int
    premultiplying: Premultiplying
    """How Chromium's software canvas has this container's colours multiplied by their alpha."""
    memory: Bytes | None = None
    """The picture's own memory, where it is known: rows x (4 x columns)."""


def premultiplying_of(container: str) -> Premultiplying:
    """How Chromium's software canvas has the colours of such a file multiplied by their alpha."""
    return _PREMULTIPLYING.get(container, Premultiplying.NEAREST)


def decode(
    stream: BinaryIO,
    container: str,
    size: Size,
    orientation: int,
    scaling: Scaling | None,
    log: Ledger,
    limits: Limits,
    *,
    hidden: Hidden = Hidden.NOT_WANTED,
    least: Size | None = None,
) -> Decoded:
    """Decode the first frame. Raises `PixelsError`; the log says why. `size` (0 x 0: unknown) is checked first.

    A JPEG may come out smaller, but not below `least`, where that is given.
    """
    kind = KINDS.get(container)
    if kind is None or kind.decoder is None:
        log.add("hash-unsupported", f"no hash is made of {container} files")
        raise PixelsError
    is_hashed = scaling is not None
    check_shape(size, log, limits, is_hashed=is_hashed, hidden=hidden)
    _check_memory(size, _DECODER_BYTES.get(container, 0), log, limits)
    if container in _DECODES_AT_ONCE and not all(size):
        undecodable(log, "its size is unknown")
    premultiplying = premultiplying_of(container)
    if container == "avif":
        stream, is_premultiplied = _patched_avif(stream, scaling, log)
        premultiplying = Premultiplying.DONE if is_premultiplied else premultiplying
    opener = _opener(kind.decoder, log)
    if container == "jxl":
        _check_jxl(stream, size, log, limits)
    turning = _TURNING.get(container, Turning.NEVER)
    with pillow_errors(log):
        stream.seek(0)
        image = opener(stream)
        stored = image.size
        check_shape(stored, log, limits, is_hashed=is_hashed, hidden=hidden)
        _check_memory(stored, _DECODER_BYTES.get(container, 0), log, limits)
        if turning is Turning.CONTAINER:
            orientation = _own_orientation(image)
        if container == "bmp":
            _check_runs(image, log, limits)
        if container == "jpeg":
            _check_scans(image, stream, log, limits)
            if scaling == "mipmap":
                _reduce(image)
            elif least is not None:
                image.draft(image.mode, least)
        loaded = _LOADERS.get(container, _load)(image)
    orientation = 1 if turning is Turning.NEVER else orientation
    return Decoded(loaded.image, stored, orientation, premultiplying, loaded.memory)


def check_size(size: Size, log: Ledger, limits: Limits) -> None:
    """Raise `PixelsError` for a picture of more pixels than allowed."""
    width, height = size
    if width * height > limits.pixels:
        log.limit("pixels", f"{width} x {height} pixels: no hash")
        raise PixelsError


def check_shape(size: Size, log: Ledger, limits: Limits, *, is_hashed: bool, hidden: Hidden) -> None:
    """Raise `PixelsError` for a picture that is not decoded, as its size tells.

    Of one too narrow for a hash (more than 128 times as long as wide) only hidden texts are left to be had. Pillow
    holds each row by itself: 1 x 89 million pixels would take it 1 GB.
    """
    check_size(size, log, limits)
    if not all(size) or all(canvas_size(*size)):
        return
    width, height = size
    if is_hashed:
        log.add("hash-no-canvas", f"no hash: {width} x {height} is too narrow for the canvas it is made from")
    if hidden is not Hidden.NOT_WANTED and max(size) <= limits.narrow_side:
        return
    if hidden is Hidden.ASKED_FOR:
        log.limit("narrow_side", f"{width} x {height}: no hidden text is looked for in so narrow a picture")
    raise PixelsError


def _check_memory(size: Size, pixel_bytes: float, log: Ledger, limits: Limits) -> None:
    """Raise `PixelsError` for a picture whose decoder needs more memory than allowed."""
    width, height = size
    if width * height * pixel_bytes > limits.decoder_bytes:
        log.limit("decoder_bytes", f"{width} x {height} pixels of {pixel_bytes:g} bytes in their decoder: no hash")
        raise PixelsError


def _check_jxl(stream: BinaryIO, size: Size, log: Ledger, limits: Limits) -> None:
    """Raise `PixelsError` for a JPEG XL whose decoder would take too much memory: it decodes all frames at once."""
    stream.seek(0)
    header = parse_jxl_header(stream.read(HEADER_BYTES))
    if header is None:
        undecodable(log, "its codestream has no header")
    if header.is_animated:
        log.add("hash-unsupported", "no hash is made of animated JPEG XL files")
        raise PixelsError
    wide = _JXL_WIDE_BYTES if header.bits > 16 else 0
    channels = _JXL_CHANNEL_BYTES * header.extra_channels
    _check_memory(size, _DECODER_BYTES["jxl"] + wide + channels, log, limits)


@contextmanager
def pillow_errors(log: Ledger) -> Iterator[None]:
    """Around calls into Pillow and its plugins: whatever they raise becomes a warning and `PixelsError`.

    `MemoryError` passes through, and what goes wrong with the file itself, and any error that decoders do not document
    while `FUZZING_VARIABLE` is set.
    """
    try:
        yield
    except (PixelsError, ExtractorError, MemoryError):
        raise
    except _DOCUMENTED as error:
        undecodable(log, str(error))
    except Exception:
        if FUZZING_VARIABLE in os.environ:
            raise
        undecodable(log, _FAILED)


def undecodable(log: Ledger, reason: str) -> NoReturn:
    """Raise `PixelsError`, with a warning that says why."""
    reason = " ".join(reason.split())[:_REASON_LENGTH]  # some plugins give advice over several lines
    log.add("pixels-undecodable", f"no hash: the pixels cannot be decoded ({reason or 'no reason given'})")
    raise PixelsError


def _opener(plugin: Decoder, log: Ledger) -> type[ImageFile.ImageFile]:
    try:
        module = import_module(plugin.module)
    except ImportError as error:
        if plugin.extra is None:
            undecodable(log, str(error))
        log.add("hash-needs-extra", f"no hash: its decoder comes with {extra_command(plugin.extra)}")
        raise PixelsError from None
    opener: type[ImageFile.ImageFile] = getattr(module, plugin.name)
    return opener


def _check_runs(image: ImageFile.ImageFile, log: Ledger, limits: Limits) -> None:
    """Raise `PixelsError` for a large BMP of runs, which Pillow fills in pixel by pixel in Python (0.2 us each)."""
    width, height = image.size
    if image.tile and image.tile[0][0] == _RUNS and width * height > limits.rle_pixels:
        log.limit("rle_pixels", f"{width} x {height} run-length encoded pixels: no hash")
        raise PixelsError


def _check_scans(image: ImageFile.ImageFile, stream: BinaryIO, log: Ledger, limits: Limits) -> None:
    """Raise `PixelsError` for a JPEG of several scans that costs too much.

    The decoder goes over the whole picture for each scan, and holds its coefficients from the first to the last.
    """
    start = stream.tell()  # Pillow stops behind the header of the first scan
    layers: int = image.layers  # type: ignore[attr-defined]
    whole = _START_OF_SCAN + bytes((0, 6 + 2 * layers, layers))
    stream.seek(max(0, start - (8 + 2 * layers)))
    # A sequential picture whose first scan holds all components has no other: the decoder refuses a second.
    if "progressive" in image.info or stream.read(len(whole)) != whole:
        stream.seek(start)
        if _has_more_scans(stream, limits.jpeg_scans - 1):
            log.limit("jpeg_scans", "a JPEG of too many scans: no hash")
            raise PixelsError
        _check_memory(image.size, _PILLOW_BYTES + _coefficients(image), log, limits)
    stream.seek(start)


def _coefficients(image: ImageFile.ImageFile) -> float:
    """Bytes of coefficients for each pixel of a JPEG."""
    layers: list[tuple[int, int, int, int]] = image.layer  # type: ignore[attr-defined]
    samples = [across * down for _, across, down, _ in layers]
    largest = max((layer[1] for layer in layers), default=1) * max((layer[2] for layer in layers), default=1)
    return _COEFFICIENT_BYTES * sum(samples) / max(1, largest)


def _has_more_scans(stream: BinaryIO, most: int) -> bool:
    scans = 0
    last = b""
    while chunk := stream.read(_CHUNK):
        scans += chunk.count(_START_OF_SCAN) + (last + chunk[:1] == _START_OF_SCAN)
        if scans > most:
            return True
        last = chunk[-1:]
    return False


class _Loaded(NamedTuple):
    """A loaded picture, and its memory where that is known."""

    image: Image.Image
    memory: Bytes | None


def _load(image: ImageFile.ImageFile) -> _Loaded:
    image.load()
    return _Loaded(image, None)


def _load_jpeg(image: ImageFile.ImageFile) -> _Loaded:
    """A picture in memory that nobody has cleared, as Pillow would do: 0.94 of its time.

    The decoder fills all of it or fails; where Pillow is told to take what there is of a picture, the rest must be
    clear.
    """
    mapped: Any = getattr(Image.core, "map_buffer", None)  # type: ignore[attr-defined]
    if image.mode != "RGB" or mapped is None or ImageFile.LOAD_TRUNCATED_IMAGES:
        return _load(image)
    memory = np.empty((image.height, image.width * 4), dtype=np.uint8)
    image.im = mapped(memory, image.size, "raw", 0, (image.mode, 0, 1))
    image.load()
    return _Loaded(image, memory)


def _load_webp(image: ImageFile.ImageFile) -> _Loaded:
    """The first frame in the decoder's own buffer, which Pillow would copy."""
    decoder: Any = getattr(image, "_decoder", None)
    layout: Any = getattr(image, "rawmode", None)
    if not hasattr(decoder, "get_next") or layout not in ("RGBX", "RGBA"):  # this Pillow has other insides
        return _load(image)
    frame = decoder.get_next()
    if frame is None:
        raise EOFError("the first frame does not decode")
    memory = np.frombuffer(frame[0], dtype=np.uint8).reshape(image.height, image.width * 4)
    return _Loaded(Image.frombuffer(layout, image.size, frame[0], "raw", layout, 0, 1), memory)


_LOADERS: Final[dict[str, Callable[[ImageFile.ImageFile], _Loaded]]] = {"jpeg": _load_jpeg, "webp": _load_webp}


def _own_orientation(image: ImageFile.ImageFile) -> int:
    """An AVIF's rotation and mirroring, which Pillow hands out as an EXIF block of its own making."""
    # Not getexif(): it would also believe an orientation in XMP.
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return int(exif.get(_ORIENTATION, 1))


def _patched_avif(stream: BinaryIO, scaling: Scaling | None, log: Ledger) -> tuple[BinaryIO, bool]:
    """(The file as it can be decoded, whether its colours are premultiplied then)."""
    stream.seek(0)
    data = without_exif(stream.read(), log)
    if data is None:
        raise PixelsError
    premultiplied = as_premultiplied(data, log) if scaling == "mipmap" else None
    return BytesIO(data if premultiplied is None else premultiplied), premultiplied is not None


def _reduce(image: ImageFile.ImageFile) -> None:
    """Let the JPEG decoder scale where its result is the canvas's own first step."""
    size = image.size
    canvas = canvas_size(*size)
    if not all(canvas):
        return
    level = level_of(size, canvas)
    units = (8 * max(layer[axis] for layer in image.layer) for axis in (1, 2))  # type: ignore[attr-defined]
    if 1 <= level <= 3 and all(unit and edge % unit == 0 for edge, unit in zip(size, units, strict=True)):
        image.draft(image.mode, level_size(size, level))
