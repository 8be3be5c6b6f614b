"""The header of a GGUF file (versions 2 and 3): keys and values, then the names and shapes of its tensors."""

from __future__ import annotations

from typing import Final

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.library.bases import base_of_tensors, base_of_words
from extractor.library.header import Header
from extractor.library.kinds import DIFFUSION, GGUF, TEXT_ENCODER, Names, type_of_tensors
from extractor.text.coerce import to_text
from extractor.text.jsontext import clean_text

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_SIZES: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Type of a value -> its bytes."""
_STRING, _ARRAY = 8, 9
_WANTED: Final = ("general.architecture", "general.name")
_MAX_TEXT: Final = 4096
_MAX_DIMENSIONS: Final = 8
_FIRST_BLOCK: Final = 256 * 1024

_ARCHITECTURE_TYPES: Final = (
    *(
        (name, DIFFUSION)
        for name in ("flux", "sd", "wan", "qwen_image", "chroma", "lumina", "hidream", "hyvid", "ltxv")
    ),
    *((name, DIFFUSION) for name in ("aura", "cosmos", "pig", "hunyuan_video", "z_image", "krea")),
    *((name, TEXT_ENCODER) for name in ("t5", "clip", "umt5", "llama", "qwen", "gemma", "mistral")),
)
"""What ``general.architecture`` begins with -> type; the first that fits."""


class _End(Exception):  # noqa: N818 - no error of a file's reader: it ends the walk
    """The header ends before it should, or goes on beyond what is read."""


def read_gguf(source: ByteSource, log: Ledger) -> Header:
    """The facts in a header; of one that cannot be read only the format."""
    header = Header(GGUF)
    if source.read_at(0, 4) != _MAGIC:
        log.add("header-invalid", "the file does not begin as GGUF does")
        return header
    walk = _Walk(source, log.limits.model_header_bytes, log.limits.model_header_items)
    texts: dict[str, str] = {}
    shapes: dict[str, list[int]] = {}
    try:
        _walk(walk, texts, shapes, log)
    except _End:
        if walk.is_over:
            log.limit("model_header_bytes", "the rest of the header is not read")
        else:
            log.add("truncated", "the header does not end within the file")
    architecture = texts.get("general.architecture")
    names = Names(shapes)
    header.type = _type(architecture) or type_of_tensors(names)
    header.base = base_of_tensors(names, shapes, is_lora=False) or base_of_words(architecture)
    header.title = to_text(texts.get("general.name"))
    return header


def _walk(walk: _Walk, texts: dict[str, str], shapes: dict[str, list[int]], log: Ledger) -> None:
    walk.skip(4)
    version = walk.number(4)
    if version not in _VERSIONS:
        log.add("header-invalid", f"GGUF of version {version} is not read")
        return
    tensors, pairs = walk.number(8), walk.number(8)
    for _ in range(walk.spend(pairs)):
        key, kind = walk.text(), walk.number(4)
        if kind == _STRING and key in _WANTED:
            texts[key] = walk.text()
        else:
            _skip_value(walk, kind)
    for _ in range(walk.spend(tensors)):
        name, dimensions = walk.text(), walk.number(4)
        if dimensions > _MAX_DIMENSIONS:
            raise _End
        # The innermost dimension comes first here, last elsewhere.
        shapes[name] = [walk.number(8) for _ in range(dimensions)][::-1]
        walk.skip(12)


def _skip_value(walk: _Walk, kind: int) -> None:
    if kind == _STRING:
        walk.skip(walk.number(8))
    elif kind == _ARRAY:
        item, count = walk.number(4), walk.number(8)
        if item in _SIZES:
            walk.skip(_SIZES[item] * count)
            return
        if item != _STRING:
            raise _End
        for _ in range(walk.spend(count)):
            walk.skip(walk.number(8))
    elif kind in _SIZES:
        walk.skip(_SIZES[kind])
    else:
        raise _End


class _Walk:
    """Numbers and texts one after another, read in blocks that grow, up to a bound."""

    def __init__(self, source: ByteSource, most: int, items: int) -> None:
        self._source = source
        self._data = b""
        self._at = 0
        self._end = min(source.size, most)
        self._items = items
        self.is_over = False
        """Whether a bound, not the file, ended it."""

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        at = self._need(size)
        return int.from_bytes(self._data[at : at + size], "little")

    def text(self) -> str:
        """A text with its length in front."""
        length = self.number(8)
        at = self._need(length)
        return clean_text(self._data[at : at + min(length, _MAX_TEXT)].decode("utf-8", "replace"))

    def skip(self, length: int) -> None:
        """Pass over bytes."""
        self._need(length)

    def spend(self, count: int) -> int:
        """The count, if so many more items may be read."""
        self._items -= count
        if self._items < 0:
            self.is_over = True
            raise _End
        return count

    def _need(self, length: int) -> int:
        """Move on by so many bytes; where they begin."""
        at, end = self._at, self._at + length
        if end > self._end:
            self.is_over = end <= self._source.size
            raise _End
        if end > len(self._data):
            wanted = min(self._end, max(end, 2 * len(self._data), _FIRST_BLOCK))
            self._data += self._source.read_at(len(self._data), wanted - len(self._data))
            if end > len(self._data):
                raise _End
        self._at = end
        return at


def _type(architecture: str | None) -> str | None:
    lowered = (architecture or "").lower()
    return next((kind for start, kind in _ARCHITECTURE_TYPES if lowered.startswith(start)), None)
