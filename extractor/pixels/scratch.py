"""Work memory that outlives a picture."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

_KEPT_BYTES: Final = 4 * 1024 * 1024
"""A scratch buffer larger than this is not kept for the next picture."""


class Scratch(threading.local):
    """Work memory of one thread, kept from picture to picture: page faults would cost more than the arithmetic."""

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray[np.uint64]] = {}

    def words(self, name: str, rows: int, columns: int) -> NDArray[np.uint64]:
        """Uninitialised memory under `name`; what was taken under this name before is overwritten."""
        size = rows * columns
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size:
            buffer = np.empty(size, dtype=np.uint64)
            if buffer.nbytes <= _KEPT_BYTES:
                self._buffers[name] = buffer
        return buffer[:size].reshape(rows, columns)
