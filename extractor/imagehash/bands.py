"""Bands of a decoded Pillow picture as numpy arrays: a view where Pillow's memory allows, else small copies."""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extractor.imagehash.halving import LANE_BYTES, Lanes, Scratch

_SIXTEEN_BITS: Final = {"I;16": "<u2", "I;16L": "<u2", "I;16B": ">u2"}
"""Grey modes that Pillow's own conversion to RGB clips at 255, with the layout of their bytes."""

_SCRATCH: Final = Scratch()


class PillowRows:
    """The rows of a loaded picture: red, green, blue and alpha, premultiplied.

    `truncate`: premultiply by dropping the fraction (libwebp in Chromium) instead of rounding (all other decoders).
    """

    def __init__(self, image: Image.Image, *, truncate: bool) -> None:
        self._image = image
        self._truncate = truncate
        self.width, self.height = image.size
        self._has_alpha = image.has_transparency_data
        self._mode = "RGBA" if self._has_alpha else "RGB"
        self._whole = view(image) if self._is_plain(image) else None

    def _is_plain(self, image: Image.Image) -> bool:
        return image.mode == self._mode and not (image.mode == "RGB" and self._has_alpha)

    def band(self, top: int, bottom: int) -> NDArray[np.uint8] | Lanes:
        """Rows `top` to `bottom`: bytes while they are opaque, premultiplied lanes otherwise."""
        pixels = self._pixels(top, bottom)
        if not self._has_alpha or _is_opaque(pixels):
            return pixels
        lanes = _SCRATCH.words("pixels", bottom - top, self.width)
        lanes.view(np.uint16)[:] = pixels
        return _premultiply(lanes, truncate=self._truncate)

    def _pixels(self, top: int, bottom: int) -> NDArray[np.uint8]:
        if self._whole is not None:
            return self._whole[top:bottom]
        part = self._image.crop((0, top, self.width, bottom))
        layout = _SIXTEEN_BITS.get(part.mode)
        if layout is not None:
            return _grey_of_sixteen_bits(part, layout)
        return pixels(part if self._is_plain(part) else part.convert(self._mode))


def _grey_of_sixteen_bits(image: Image.Image, layout: str) -> NDArray[np.uint8]:
    values = np.frombuffer(image.tobytes(), dtype=layout).reshape(image.height, image.width)
    rgba = np.empty((image.height, image.width, 4), dtype=np.uint8)
    rgba[:, :, :3] = (values >> 8)[:, :, None]
    rgba[:, :, 3] = np.where(values == image.info.get("transparency", -1), 0, 255)
    return rgba.reshape(image.height, image.width * 4)


def _is_opaque(pixels: NDArray[np.uint8]) -> bool:
    return bool(np.bitwise_and.reduce(pixels.view(np.uint32), axis=None) >> 24 == 255)


def _premultiply(lanes: Lanes, *, truncate: bool) -> Lanes:
    """Colours times alpha / 255, in place. Exact for each pair of bytes, and 255 leaves a colour as it is."""
    before, after = (0, 0x0001000100010001) if truncate else (0x0080008000800080, 0)
    alpha = np.right_shift(lanes, np.uint64(48), out=_SCRATCH.words("alpha", *lanes.shape))
    lanes |= np.uint64(0xFF << 48)
    lanes *= alpha
    lanes += np.uint64(before)
    carry = np.right_shift(lanes, np.uint64(8), out=alpha)
    carry &= LANE_BYTES
    lanes += carry
    lanes += np.uint64(after)
    lanes >>= np.uint64(8)
    lanes &= LANE_BYTES
    return lanes


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    """The bytes of an RGB or RGBA picture, rows x (4 x columns); a view where possible, never to be written."""
    whole = view(image)
    if whole is not None:
        return whole
    data = image.tobytes("raw", "RGBX" if image.mode == "RGB" else "RGBA")
    return np.frombuffer(data, dtype=np.uint8).reshape(image.height, image.width * 4)


class _ArrowArray(ctypes.Structure):
    """``struct ArrowArray`` of the Arrow C data interface."""


_ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


def _capsule_pointer(capsule: object) -> int:
    function = ctypes.pythonapi.PyCapsule_GetPointer
    prototype = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    return ctypes.cast(function, prototype)(capsule, b"arrow_array")


def view(image: Image.Image) -> NDArray[np.uint8] | None:
    """Pillow's own memory of an RGB or RGBA picture, read-only, rows x (4 x columns).

    None when the picture lies in several blocks (over 16 MB) or with padded rows. The view keeps the memory alive,
    also when the picture is closed.
    """
    row = image.width * 4
    if row % Image.core.get_alignment():
        return None
    try:
        _, capsule = image.__arrow_c_array__()
    except ValueError:
        return None
    array = ctypes.cast(_capsule_pointer(capsule), ctypes.POINTER(_ArrowArray)).contents
    size = row * image.height
    child = array.children[0].contents
    if array.length * 4 != size or child.length != size or array.offset or child.offset:
        return None

    class Memory(ctypes.c_uint8 * size):  # a subclass has room for the attribute that keeps the capsule alive
        owner: object

    memory = Memory.from_address(child.buffers[1])
    memory.owner = capsule
    pixels = np.frombuffer(memory, dtype=np.uint8).reshape(image.height, row)
    pixels.flags.writeable = False
    return pixels
