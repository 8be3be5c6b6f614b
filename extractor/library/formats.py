"""The formats of model files: which one a file is of, and its header. No tensor is read and nothing is unpickled."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.library import kinds
from extractor.library.gguf import read_gguf
from extractor.library.header import Header
from extractor.library.safetensors import read_safetensors


def read_header(path: str, source: ByteSource, log: Ledger) -> Header | None:
    """The header of an open model file; None when it is no model file at all.

    Args:
        path: Its suffix says which format to expect.
        source: Its bytes.
        log: Takes what is wrong with it; such a file is still one that can be hashed and named.
    """
    form = kinds.SUFFIX_FORMATS.get(os.path.splitext(path)[1].lower())
    return _READERS[form](source, log) if form is not None else None


def _pickle(source: ByteSource, log: Ledger) -> Header | None:
    """``.bin`` may be anything; what is in a pickle is never looked at: reading it would run it."""
    begin = source.read_at(0, max(map(len, kinds.PICKLE_MAGICS)))
    return Header(kinds.PICKLE) if begin.startswith(kinds.PICKLE_MAGICS) else None


_READERS: Final[dict[str, Callable[[ByteSource, Ledger], Header | None]]] = {
    kinds.SAFETENSORS: read_safetensors,
    kinds.GGUF: read_gguf,
    kinds.PICKLE: _pickle,
}
