"""What the header of a model file tells, whatever its format. No tensor is read and nothing is unpickled."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.library import kinds


@dataclass(slots=True)
class Header:
    """The facts of one file. All but `format` may be absent."""

    format: str
    type: str | None = None
    base: str | None = None
    title: str | None = None
    alias: str | None = None
    """The name its trainer gave it; A1111 may write it in place of the file's."""
    words: list[str] = field(default_factory=list)
    """Words that set it off."""
    hashes: dict[str, str] = field(default_factory=dict)
    """Kind -> hash that the header claims, as it is written there."""
    data_start: int | None = None
    """Offset of the tensors (safetensors)."""


def read_header(path: str, source: ByteSource, log: Ledger) -> Header | None:
    """The header of an open model file; None when it is no model file at all.

    Args:
        path: Its suffix says which format to expect.
        source: Its bytes.
        log: Takes what is wrong with it; such a file is still one that can be hashed and named.
    """
    form = kinds.SUFFIX_FORMATS.get(os.path.splitext(path)[1].lower())
    return _READERS[form](source, log) if form is not None else None


def _safetensors(source: ByteSource, log: Ledger) -> Header:
    from extractor.library.safetensors import read_safetensors

    return read_safetensors(source, log)


def _gguf(source: ByteSource, log: Ledger) -> Header:
    from extractor.library.gguf import read_gguf

    return read_gguf(source, log)


def _pickle(source: ByteSource, log: Ledger) -> Header | None:
    """``.bin`` may be anything; what is in a pickle is never looked at: reading it would run it."""
    begin = source.read_at(0, max(map(len, kinds.PICKLE_MAGICS)))
    return Header(kinds.PICKLE) if begin.startswith(kinds.PICKLE_MAGICS) else None


_READERS: Final[dict[str, Callable[[ByteSource, Ledger], Header | None]]] = {
    kinds.SAFETENSORS: _safetensors,
    kinds.GGUF: _gguf,
    kinds.PICKLE: _pickle,
}
