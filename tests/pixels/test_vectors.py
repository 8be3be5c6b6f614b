"""The pictures whose hash and canvas a Chromium browser gave, and the hashes of real files, by both scalings."""

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
from extractor.pixels import mipmap
from extractor.pixels.read import StealthMode, read_pixels
from extractor.pixels.scaling import Scaling
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
def expected(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


VECTORS = SHARED / "vectors"
SAMPLES = SHARED / "samples"
CANVASES = {
    f"{folder}/{name}": wanted
    for folder in ("blurhash", "blurhash-more")
    for name, wanted in expected(VECTORS / folder / "expected.json").items()
}
SAMPLE_HASHES = {name: wanted["hash"] for name, wanted in expected(SAMPLES / "expected.json").items()}


def hash_of(path: Path, scaling: Scaling, log: Ledger) -> str | None:
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
            scaling=scaling,
            stealth=StealthMode.ALPHA,
            log=log,
            limits=Limits(),
        ).hash


@needs_shared
@pytest.mark.parametrize("name", CANVASES)
def test_canvas_and_hash_are_the_software_canvas(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = CANVASES[name]
    drawn = []
    draw = mipmap.draw

    def drawing(*arguments: Any) -> Any:
        drawn.append(draw(*arguments))
        return drawn[-1]

    monkeypatch.setattr(mipmap, "draw", drawing)
    log = Ledger()
    assert hash_of(VECTORS / name, "mipmap", log) == wanted["hash"]
    if wanted["hash"] is None:
        assert [warning.code for warning in log.items] == ["hash-no-canvas"]
        return
    assert log.items == []
    rows, columns, _ = drawn[0].shape
    assert [columns, rows] == wanted["canvas"]
    assert drawn[0].tobytes() == base64.b64decode(wanted["rgba_base64"])


@needs_shared
@pytest.mark.parametrize("name", SAMPLE_HASHES)
def test_mipmap_hashes_of_real_files(name: str) -> None:
    log = Ledger()
    assert hash_of(SAMPLES / name, "mipmap", log) == SAMPLE_HASHES[name]
    assert log.items == []


def picture(name: str) -> Path:
    """The file a key of the bilinear vectors means."""
    if name.startswith("samples/"):
        return SHARED / name
    return VECTORS / (name if "/" in name else f"blurhash/{name}")


@needs_shared
@pytest.mark.parametrize(("name", "wanted"), expected(VECTORS / "bilinear.json").items())
def test_bilinear_hashes(name: str, wanted: str | None) -> None:
    log = Ledger()
    assert hash_of(picture(name), "bilinear", log) == wanted
    assert [warning.code for warning in log.items] == ([] if wanted else ["hash-no-canvas"])
