"""Writing to any bytes: a result that reads back and shows the same picture, or one of our errors.

    python tests/fuzz/writing.py EXECUTIONS [SEED]

mutates tiny pictures of every container at random, embeds into them and strips them; the pixels are compared in every
twentieth execution. Needs no atheris.
"""

from __future__ import annotations

import random
import sys
import time
import warnings
from pathlib import Path
from typing import Final

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from extractor import ExtractorError, copy_metadata, embed, extract, parse_infotext, strip  # noqa: E402
from tests.writers.pictures import ASCII, PICTURES, frames, noise, saved  # noqa: E402

COMPARED: Final = 20
META: Final = parse_infotext(ASCII)
_SPECIAL: Final = (
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\0\0\0\1",
    b"\x7f\xff\xff\xff",
    b"\xff",
    b"\0",
    b"\1",
    b"Exif\0\0",
)


def check(data: bytes, *, pixels: bool) -> None:
    """Fails when writing to these bytes raises anything but our errors, or does not do what it says."""
    try:
        new = embed(data, ASCII, graphs="drop", c2pa="drop").data
    except ExtractorError as error:
        assert str(error)
    else:
        assert new is not None
        assert extract(new, hash=False).meta == META
        _compare(data, new, pixels=pixels)
    for everything in (False, True):
        try:
            report = strip(data, stealth=False, all=everything)
        except ExtractorError as error:
            assert str(error)
        else:
            assert report.data is not None
            assert report.changed == (report.data != data)
            _compare(data, report.data, pixels=pixels)


def _compare(data: bytes, new: bytes, *, pixels: bool) -> None:
    if pixels:
        before = frames(data)
        assert before is None or frames(new) == before


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them overwritten, taken out, doubled or cut off."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(max(1, len(data)))
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes((chance.randrange(256),))
            case 1:
                special = chance.choice(_SPECIAL)
                data[at : at + len(special)] = special
            case 2:
                del data[at : at + chance.randint(1, 40)]
            case 3:
                data[at:at] = data[at : at + chance.randint(1, 200)]
            case _:
                data[at:at] = chance.randbytes(chance.randint(1, 8))
    if chance.random() < 0.1:
        del data[chance.randrange(max(1, len(data))) :]
    return bytes(data)


def seeds() -> list[bytes]:
    """Tiny pictures of every sort, plain and with an infotext in them."""
    graph = '{"1": {"class_type": "KSampler", "inputs": {"seed": 1}}}'
    plain = [make() for make in PICTURES.values()] + [
        saved(noise(size=(2, 2)), kind) for kind in ("PNG", "WEBP", "GIF")
    ]
    filled = []
    for picture in plain:
        try:
            filled.append(embed(picture, ASCII).data or b"")
            filled.append(
                copy_metadata(embed(saved(noise(size=(1, 1)), "PNG"), graph).data or b"", picture).data or b""
            )
        except ExtractorError:
            continue
    return plain + filled


def main(executions: int, seed: int) -> None:
    warnings.simplefilter("ignore")
    chance, pictures, start = random.Random(seed), seeds(), time.monotonic()
    written = 0
    for number in range(executions):
        data = mutated(chance.choice(pictures), chance)
        try:
            check(data, pixels=number % COMPARED == 0)
        except BaseException:
            Path(f"crash-writing-{seed}-{number}").write_bytes(data)
            print(f"execution {number} of seed {seed}: the input is in crash-writing-{seed}-{number}")
            raise
        written += 1
    print(f"{written:,} executions in {time.monotonic() - start:.0f} s, 0 escapes")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
