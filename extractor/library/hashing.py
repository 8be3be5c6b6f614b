"""Hashes of model files, in the kinds this field names them by.

========  =====================================================  ==================
kind      of what                                                Civitai calls it
========  =====================================================  ==================
sha256    the file                                               SHA256; AutoV2 is its first 10 digits
tensors   what follows a safetensors header                      AutoV3 is its first 12 digits
autov1    64 KiB at offset 1 MiB, first 8 digits                 AutoV1
crc32     the file                                               CRC32
blake3    the file                                               BLAKE3
========  =====================================================  ==================
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Final, Protocol

from extractor.files.bytesource import ByteSource, FileSource

SHA256, TENSORS, AUTOV1, CRC32, BLAKE3 = "sha256", "tensors", "autov1", "crc32", "blake3"
AUTOV2_DIGITS: Final = 10
AUTOV3_DIGITS: Final = 12
AUTOV1_DIGITS: Final = 8

_SLICE_START: Final = 0x100000
_SLICE_LENGTH: Final = 0x10000
_BLOCK: Final = 4 * 1024 * 1024
_ENDS: Final = 64 * 1024

Progress = Callable[[int], None]
"""Called with the bytes that were read since the last call."""


class _Digest(Protocol):
    def update(self, data: memoryview, /) -> Any: ...

    def hexdigest(self) -> str: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview) -> None:
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


def _blake3() -> _Digest:
    from blake3 import blake3

    digest: _Digest = blake3()
    return digest


_DIGESTS: Final[dict[str, Callable[[], _Digest]]] = {
    SHA256: hashlib.sha256,
    TENSORS: hashlib.sha256,
    CRC32: _Crc32,
    BLAKE3: _blake3,
}
ALL_KINDS: Final = frozenset(_DIGESTS)


def available_kinds() -> frozenset[str]:
    """The kinds of hashes of whole files that can be computed here; BLAKE3 needs the extra ``models``."""
    return ALL_KINDS if find_spec("blake3") else ALL_KINDS - {BLAKE3}


def hash_file(
    source: FileSource, kinds: Collection[str], *, data_start: int | None = None, progress: Progress | None = None
) -> dict[str, str] | None:
    """The hashes of a file in full, in lower case, read once from its beginning to its end.

    Args:
        source: The file.
        kinds: Of `ALL_KINDS`.
        data_start: Where its tensors begin; None leaves ``tensors`` out.
        progress: Told how far it is.

    Returns None when the file changed meanwhile. Raises `FileAccessError`.
    """
    digests = {kind: _DIGESTS[kind]() for kind in sorted(kinds) if kind != TENSORS or data_start is not None}
    whole = [digest for kind, digest in digests.items() if kind != TENSORS]
    tensors = digests.get(TENSORS)
    with _Lanes(source.size, len(digests)) as lanes:
        offset = 0
        while offset < source.size:
            # While this one is read, the lanes still work on the block before.
            data = memoryview(source.read_at(offset, _BLOCK))
            if not data:
                return None
            lanes.wait()
            for digest in whole:
                lanes.add(digest, data)
            if tensors is not None and data_start is not None and offset + len(data) > data_start:
                lanes.add(tensors, data[max(0, data_start - offset) :])
            offset += len(data)
            if progress is not None:
                progress(len(data))
        lanes.wait()
    if source.changed():
        return None
    return {kind: digest.hexdigest() for kind, digest in digests.items()}


class _Lanes:
    """Digests that are computed side by side: each lets go of the interpreter while it works."""

    def __init__(self, size: int, count: int) -> None:
        self._pool = ThreadPoolExecutor(count) if size > _BLOCK and count else None
        self._waiting: list[Future[Any]] = []

    def __enter__(self) -> _Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def add(self, digest: _Digest, data: memoryview) -> None:
        """Add a block to a digest, which has none waiting."""
        if self._pool is None:
            digest.update(data)
        else:
            self._waiting.append(self._pool.submit(digest.update, data))

    def wait(self) -> None:
        """Until no digest has a block waiting."""
        for future in self._waiting:
            future.result()
        self._waiting.clear()


def autov1(source: ByteSource) -> str | None:
    """The oldest hash; None for a file that ends before its slice, as all of these have the same one."""
    data = source.read_at(_SLICE_START, _SLICE_LENGTH)
    return hashlib.sha256(data).hexdigest()[:AUTOV1_DIGITS] if data else None


def ends_digest(source: ByteSource) -> str:
    """A digest of the first and the last 64 KiB: with size and modification time it tells a moved file."""
    digest = hashlib.sha256(source.read_at(0, _ENDS))
    digest.update(source.read_at(max(0, source.size - _ENDS), _ENDS))
    return digest.hexdigest()[:32]
