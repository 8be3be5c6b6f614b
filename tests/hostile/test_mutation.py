"""Real pictures cut short and with bytes changed: a record or an `ExtractorError`, whatever is left of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor import ExtractorError, extract
from tests.realfiles import FILES

HEAD = 96 * 1024
"""Of a large file this much stays at its begin and at its end, where all but pixels stands."""
CUTS = 12
CHANGES = 28
HASHED = 2
"""Cases of a file that are also decoded."""
PATCHES = (b"\0", b"\1", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\1")

pytestmark = pytest.mark.skipif(not FILES, reason="there are no pictures to change")


def mutations(data: bytes, chance: random.Random) -> Iterator[bytes]:
    for _ in range(CUTS):
        # Most headers stand at the begin: cut there more often than elsewhere.
        yield data[: int(len(data) * chance.random() ** 3)]
    for _ in range(CHANGES):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = int(len(data) * chance.random() ** 2)
            patch = chance.choice(PATCHES) if chance.random() < 0.5 else chance.randbytes(1)
            changed[at : at + len(patch)] = patch
        yield bytes(changed)


def survives(data: bytes, *, hash: bool) -> None:
    try:
        record = extract(data, hash=hash)
    except ExtractorError as error:
        assert str(error)
    else:
        record.model_dump_json(by_alias=True, exclude_none=True).encode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_damaged_files(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = path.read_bytes()
    chance = random.Random(path.name)
    small = data if len(data) <= 2 * HEAD else data[:HEAD] + data[-HEAD:]
    for number, mutation in enumerate(mutations(small, chance)):
        survives(mutation, hash=False)
        if number % ((CUTS + CHANGES) // HASHED) == 5:
            survives(mutation, hash=True)
    assert capfd.readouterr() == ("", "")
