"""Rows of a decoded Pillow picture as numpy arrays: a view where Pillow's memory allows, else small copies."""

from __future__ import annotations

import ctypes
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from extractor.ledger import Ledger
from extractor.pixels.alpha import Lanes, premultiply
from extractor.pixels.canvas import Index, Pixels, distinct
from extractor.pixels.decoder import Decoded, pillow_errors, undecodable
from extractor.pixels.halving import Bytes
from extractor.pixels.scratch import Scratch

_SIXTEEN_BITS: Final = {"I;16": "<u2", "I;16L": "<u2", "I;16B": ">u2"}
"""Grey modes that Pillow's own conversion to RGB clips at 255, with the layout of their bytes."""

_INDEXED: Final = ("P", "PA")

_SCRATCH: Final = Scratch()


class PillowRows:
    """The rows of a loaded picture: red, green, blue and alpha."""

    def __init__(self, decoded: Decoded, log: Ledger) -> None:
        """May raise `PixelsError`."""
        self._image = image = decoded.image
        self._log = log
        self.premultiplying = decoded.premultiplying
        self.width, self.height = image.size
        if image.mode in _INDEXED and image.palette is None:
            undecodable(log, "they are numbers of colours that the file does not have")
        if isinstance(image.info.get("transparency"), str):  # Pillow keeps a PNG's texts there, by their keywords
            undecodable(log, "a text stands where their transparent colour should")
        with pillow_errors(log):
            self.has_alpha = image.has_transparency_data
            self._mode = "RGBA" if self.has_alpha else "RGB"
            self._is_plain = image.mode == self._mode or (image.mode == "RGBX" and not self.has_alpha)
            self._whole = _memory(decoded) if self._is_plain else None

    def lines(self, rows: Index) -> tuple[Pixels, Index]:
        """See `extractor.pixels.bilinear.SomeRows`. May raise `PixelsError`."""
        if self._whole is not None:
            return self._whole.reshape(self.height, self.width, 4), rows
        wanted = distinct(rows)
        runs = np.split(wanted, np.flatnonzero(np.diff(wanted) > 1) + 1)
        bands = [self.straight(int(run[0]), int(run[-1]) + 1) for run in runs]
        return np.concatenate(bands).reshape(-1, self.width, 4), np.searchsorted(wanted, rows)

    def band(self, top: int, bottom: int) -> Bytes | Lanes:
        """Rows `top` to `bottom`: bytes while they are opaque, premultiplied lanes otherwise. May raise `PixelsError`.

        Without alpha, the fourth channel holds anything.
        """
        pixels = self.straight(top, bottom)
        if not self.has_alpha:
            return pixels
        see_through = _see_through_columns(pixels)
        if not see_through.size:
            return pixels
        first, last = int(see_through[0]), int(see_through[-1]) + 1
        part = pixels[:, 4 * first : 4 * last]
        lanes = _SCRATCH.words("pixels", bottom - top, last - first)
        lanes.view(np.uint16)[:] = part
        premultiply(lanes, self.premultiplying)
        if part.shape == pixels.shape:
            return lanes
        # Data hidden in the alpha channel is in the first columns alone.
        whole = _SCRATCH.words("band", 1, (pixels.size + 7) // 8).view(np.uint8)[0, : pixels.size].reshape(pixels.shape)
        whole[:] = pixels
        whole[:, 4 * first : 4 * last] = lanes.view(np.uint16)
        return whole

    def straight(self, top: int, bottom: int) -> Bytes:
        """Rows `top` to `bottom`, straight colours. May raise `PixelsError`."""
        if self._whole is not None:
            return self._whole[top:bottom]
        with pillow_errors(self._log):
            part = self._image.crop((0, top, self.width, bottom))
            layout = _SIXTEEN_BITS.get(part.mode)
            if layout is not None:
                return _grey_of_sixteen_bits(part, layout)
            return bytes_of(part if self._is_plain else part.convert(self._mode))


def _memory(decoded: Decoded) -> Bytes | None:
    return view(decoded.image) if decoded.memory is None else decoded.memory


def _grey_of_sixteen_bits(image: Image.Image, layout: str) -> Bytes:
    values = np.frombuffer(image.tobytes(), dtype=layout).reshape(image.height, image.width)
    rgba = np.empty((image.height, image.width, 4), dtype=np.uint8)
    rgba[:, :, :3] = (values >> 8)[:, :, None]
    transparent = image.info.get("transparency")
    rgba[:, :, 3] = np.where(values == transparent, 0, 255) if isinstance(transparent, int) else 255
    return rgba.reshape(image.height, image.width * 4)


def _see_through_columns(pixels: Bytes) -> NDArray[np.intp]:
    """The columns in which some alpha is not 255."""
    return np.flatnonzero(np.bitwise_and.reduce(pixels.view(np.uint32), axis=0) >> 24 != 255)


def bytes_of(image: Image.Image) -> Bytes:
    """The bytes of an RGB, RGBX or RGBA picture, rows x (4 x columns); a view where possible, never to be written."""
    whole = view(image)
    if whole is not None:
        return whole
    data = image.tobytes("raw", "RGBA" if image.mode == "RGBA" else "RGBX")
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


_capsule_pointer: Final = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


class _Memory:
    """Foreign memory in numpy's array interface. An array made from it holds it, and so the memory's owner."""

    def __init__(self, address: int, rows: int, columns: int, owner: object) -> None:
        self.__array_interface__ = {
            "version": 3,
            "typestr": "|u1",
            "shape": (rows, columns),
            "data": (address, True),  # read-only
        }
        self._owner = owner


def view(image: Image.Image) -> Bytes | None:
    """Pillow's own memory of an RGB, RGBX or RGBA picture, read-only, rows x (4 x columns).

    None when the picture lies in several blocks (over 16 MB) or with padded rows. The view keeps the memory alive,
    also when the picture is closed.
    """
    row = image.width * 4
    if row % Image.core.get_alignment():  # type: ignore[attr-defined]
        return None
    try:
        _, capsule = image.__arrow_c_array__()
    except ValueError:
        return None
    array = ctypes.cast(_capsule_pointer(capsule, b"arrow_array"), ctypes.POINTER(_ArrowArray)).contents
    samples = array.children[0].contents
    if array.offset or samples.offset or samples.length != row * image.height:
        return None
    return np.asarray(_Memory(samples.buffers[1], image.height, row, capsule))
