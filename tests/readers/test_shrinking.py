"""A file that becomes shorter while it is read gives what was there, or one of our own errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.errors import ExtractorError
from extractor.ledger import Ledger
from extractor.readers.registry import read_embedded

SAMPLES = sorted(
    path
    for path in (Path(__file__).resolve().parents[2] / "sample_images").iterdir()
    if path.suffix not in (".py", ".json", ".txt") and path.is_file()
)
JUNK_BEFORE_A_SEGMENT = b"\xff\xd8" + b"\0" * 20_000 + b"\xff\xe1\0\x04ab" + b"\xff\xda\0\x04" + b"\0" * 100
READS = range(12)


class Shrinking:
    """Gives only the first `left` bytes of all that it promises once `reads` reads were made."""

    def __init__(self, data: bytes, left: int, reads: int) -> None:
        self._data, self._left, self._reads = data, left, reads
        self.size = len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        self._reads -= 1
        data = self._data if self._reads >= 0 else self._data[: self._left]
        return data[offset : offset + length]


def check(data: bytes, left: int) -> None:
    for reads in READS:
        try:
            embedded = read_embedded(Shrinking(data, left, reads), Ledger())
        except ExtractorError:
            continue
        assert embedded.container


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    data = path.read_bytes()
    for left in (0, 1, 9, len(data) // 2, len(data) - 1):
        check(data, left)


def test_a_marker_that_is_gone_when_it_is_read_again() -> None:
    check(JUNK_BEFORE_A_SEGMENT, 0)
    check(JUNK_BEFORE_A_SEGMENT, 20_003)
