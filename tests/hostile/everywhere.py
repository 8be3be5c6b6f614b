"""Odd files through every way into the library: what escapes, and records that differ by the way they came.

By hand: `python tests/hostile/everywhere.py [FILES [SEED]]`; 10,000 files take some ten minutes.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from extractor import ExtractorError, ImageRecord, extract, read_sidecar, scan, write_sidecars
from tests.hostile.odd_files import odd_files

_SLOW = 2.0
"""Seconds of one call that are told."""


class Pipe(io.BytesIO):
    """A stream that cannot seek and gives little at a time."""

    def seekable(self) -> bool:
        return False

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 4_000) if size is not None and size >= 0 else 4_000)


@dataclass
class Found:
    """What came of a run."""

    files: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    """Errors of ours -> files."""
    escapes: list[str] = field(default_factory=list)
    """What was raised and is none of our errors."""
    differing: list[str] = field(default_factory=list)
    """Ways whose record is not that of the path."""
    slow: list[str] = field(default_factory=list)


def comparable(record: ImageRecord) -> str:
    """A record without what tells where the file stands."""
    data = record.model_dump(by_alias=True, exclude_none=True)
    for key in ("url", "id", "createdAt"):
        data.pop(key, None)
    data["extraction"]["stamp"].pop("mtimeNs", None)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    text.encode()
    return text


def outcome(error: ExtractorError) -> str:
    return f"{type(error).__name__}: {error}"


def opened_by_pillow(data: bytes) -> Iterator[Image.Image]:
    """The picture in the states Pillow may have it: opened, decoded, with its file gone."""
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stream = io.BytesIO(data)
        yield Image.open(stream)
        image = Image.open(io.BytesIO(data))
        image.load()
        image.fp = None
        yield image
        stream = io.BytesIO(data)
        image = Image.open(stream)
        stream.close()
        yield image


_WAYS: dict[str, Callable[[Path, bytes], Any]] = {
    "path": lambda path, data: path,
    "text": lambda path, data: str(path),
    "bytes": lambda path, data: data,
    "bytearray": lambda path, data: bytearray(data),
    "memoryview": lambda path, data: memoryview(data),
    "seekable": lambda path, data: io.BytesIO(data),
    "stream": lambda path, data: Pipe(data),
}


def check(files: Iterable[tuple[str, bytes]], folder: Path, *, workers: tuple[int, ...] = (1, 2)) -> Found:
    """Read every file in every way; `folder` is an empty one for them."""
    found = Found()
    expected: dict[str, str] = {}
    for number, (name, data) in enumerate(files):
        path = folder / f"{number:06}.png"
        path.write_bytes(data)
        found.files += 1
        for way, given in _WAYS.items():
            result = _read(found, f"{way}: {name}", given(path, data))
            if way == "path":
                expected[str(path)] = result
                found.errors[result.partition(":")[0] if result[:1] != "{" else "none"] += 1
            elif result != expected[str(path)]:
                found.differing.append(f"{way}: {name}")
        for image in opened_by_pillow(data):
            _read(found, f"Pillow: {name}", image)
    for count in workers:
        _scanned(found, folder, expected, count)
    _sidecars(found, folder, expected)
    return found


def _read(found: Found, what: str, source: Any) -> str:
    """What `extract` gives, as text: the record or the error."""
    found.calls[what.partition(":")[0]] += 1
    started = time.process_time()
    try:
        return comparable(extract(source))
    except ExtractorError as error:
        return outcome(error)
    except Exception as error:  # noqa: BLE001 - what must not come
        found.escapes.append(f"{what}: {type(error).__name__}: {error}")
        return ""
    finally:
        if time.process_time() - started > _SLOW:
            found.slow.append(f"{what}: {time.process_time() - started:.1f} s")


def _scanned(found: Found, folder: Path, expected: dict[str, str], workers: int) -> None:
    seen = set()
    for result in scan(folder, workers=workers):
        found.calls[f"scan {workers}"] += 1
        seen.add(result.path)
        text = comparable(result.record) if result.record is not None else outcome(result.error or ExtractorError())
        if text != expected[result.path]:
            found.differing.append(f"scan {workers}: {result.path}")
    if seen != set(expected):
        found.escapes.append(f"scan {workers}: {len(set(expected) - seen)} files have no result")


def _sidecars(found: Found, folder: Path, expected: dict[str, str]) -> None:
    for result in write_sidecars(folder, fsync=False):
        found.calls["sidecar"] += 1
        if result.record is None:
            text = outcome(result.error or ExtractorError())
        else:
            assert result.sidecar is not None
            text = comparable(read_sidecar(result.sidecar))
        if text != expected[result.path]:
            found.differing.append(f"sidecar: {result.path}")


def main(count: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = check(odd_files(count, seed), Path(folder))
    print(f"{found.files:,} files; calls: {dict(found.calls)}")
    print(f"outcomes: {dict(found.errors)}")
    for name in ("escapes", "differing", "slow"):
        items: list[str] = getattr(found, name)
        print(f"{name}: {len(items)}", *items[:20], sep="\n  ")
    return 1 if found.escapes or found.differing else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in (*sys.argv[1:], "10000", "1")[:2])))
