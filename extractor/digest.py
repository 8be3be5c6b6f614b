"""The SHA-256 of a file, worked out beside the decoding of its pixels."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from extractor.source import ByteSource, BytesSource

if TYPE_CHECKING:
    import threading

_BLOCK: Final = 1024 * 1024
_WORTH_A_THREAD: Final = 256 * 1024
"""Fewer bytes are digested in less time than it takes to start a thread."""


class FileDigest:
    """The SHA-256 of a source, worked out when it is asked for or, once begun, by a thread of its own."""

    __slots__ = ("_hex", "_source", "_thread")

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._hex: str | None = None
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start now, if the bytes are held in memory: neither hashing nor decoding holds Python's lock."""
        if isinstance(self._source, BytesSource) and self._source.size >= _WORTH_A_THREAD:
            import threading

            thread = threading.Thread(target=self._work_out, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system has no thread left
                return
            self._thread = thread

    def hexdigest(self) -> str:
        """64 hex digits."""
        if self._thread is not None:
            self._thread.join()
        return self._work_out() if self._hex is None else self._hex

    def _work_out(self) -> str:
        digest = hashlib.sha256()
        source = self._source
        if isinstance(source, BytesSource):
            digest.update(source.data)
        else:
            for offset in range(0, source.size, _BLOCK):
                digest.update(source.read_at(offset, _BLOCK))
        self._hex = digest.hexdigest()
        return self._hex
