"""The pictures whose hash and canvas a Chromium browser gave, and the hashes of real files."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.pixels import canvas
from extractor.pixels import read as pixels
from extractor.pixels.read import StealthMode, read_pixels
from tests.support import SHARED, needs_shared

CONTAINERS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".gif": "gif",
    ".avif": "avif",
}


@cache
def expected(folder: Path) -> dict[str, Any]:
    path = folder / "expected.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def hash_of(path: Path, log: Ledger) -> str | None:
    with Image.open(path) as image:
        size = image.size
        orientation = image.getexif().get(0x0112, 1)
    with path.open("rb") as stream:
        return read_pixels(
            stream,
            CONTAINERS[path.suffix],
            width=size[0],
            height=size[1],
            orientation=orientation,
            stealth=StealthMode.ALPHA,
            log=log,
            limits=Limits(),
        ).hash


VECTORS = SHARED / "vectors" / "blurhash"
SAMPLES = SHARED / "samples"


@needs_shared
@pytest.mark.parametrize("name", sorted(expected(VECTORS)))
def test_canvas_and_hash_are_the_browsers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = expected(VECTORS)[name]
    drawn = []

    def draw(*arguments: Any) -> Any:
        drawn.append(canvas.draw(*arguments))
        return drawn[-1]

    monkeypatch.setattr(pixels, "draw", draw)
    log = Ledger()
    assert hash_of(VECTORS / name, log) == wanted["hash"]
    if wanted["hash"] is None:
        assert [warning.code for warning in log.items] == ["hash-no-canvas"]
        return
    assert log.items == []
    rows, columns, _ = drawn[0].shape
    assert [columns, rows] == wanted["canvas"]
    assert drawn[0].tobytes() == base64.b64decode(wanted["rgba_base64"])


@needs_shared
@pytest.mark.parametrize("name", sorted(expected(SAMPLES)))
def test_hashes_of_real_files(name: str) -> None:
    log = Ledger()
    assert hash_of(SAMPLES / name, log) == expected(SAMPLES)[name]["hash"]
    assert log.items == []
