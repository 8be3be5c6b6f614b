"""Valid inputs for each fuzz target, gathered from the tables of the tests; `write` puts them into a folder.

The tables hold every form the readers and parsers know, good and bad, so that a new test is a new seed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.fuzz.targets import SEPARATOR, TEXT_KEYS
from tests.hostile.odd_files import makers
from tests.support import SHARED

_TESTS: Final = Path(__file__).resolve().parent.parent
_MODULES: Final[dict[str, tuple[str, ...]]] = {
    **{
        name: (f"readers/test_{name}",)
        for name in ("png", "jpeg", "webp", "gif", "bmp", "tiff", "heif", "jxl", "mp4", "webm")
    },
    **{name: (f"readers/blocks/test_{name}",) for name in ("exif", "xmp", "iptc", "c2pa", "cbor", "usercomment")},
    "jsontext": ("text/test_jsontext",),
    "infotext": ("parsers/infotext/test_*", "writers/test_infotext*"),
    "graphjson": ("parsers/comfyui/test_packs", "parsers/comfyui/test_walk", "parsers/comfyui/test_text"),
    "zip": ("archives/test_zips",),
    "tar": ("archives/test_tars",),
    "stealth": ("pixels/test_stealth",),
    "pngrows": ("pixels/test_png",),
    "parsers": ("parsers/tools/test_*", "parsers/infotext/test_a1111", "parsers/test_*"),
    "jsonparsers": ("parsers/tools/test_*", "parsers/infotext/test_a1111", "parsers/test_*"),
}
"""Target -> patterns of the test modules whose tables are its seeds."""
_CONTAINERS: Final = ("png", "jpeg", "webp", "gif", "bmp", "tiff", "heif", "jxl", "mp4", "webm")
_LONGEST: Final = 4096
"""Bytes of an odd file that is a seed."""
_TEXT_TARGETS: Final = ("jsontext", "infotext", "graphjson", "jsonparsers")


def seeds(target: str) -> Iterator[bytes]:
    """The seeds of one target."""
    if target in ("extract", "pixels"):
        for container in _CONTAINERS:
            yield from seeds(container)
        yield from _whole_files()
        yield from _odd_files()
        return
    if target in ("pil", "streams"):
        for number, data in enumerate((*_whole_files(), *_odd_files())):
            yield bytes((number % 16,)) + (bytes(range(number % 16)) if target == "streams" else b"") + data
        return
    if target in ("graph", "workflow"):
        yield from (bytes(range(start, 256)) * 2 for start in range(0, 128, 16))
        return
    for module in _modules(target):
        for value in _values(module):
            data = _as_bytes(value)
            if target == "parsers":
                yield from (bytes((number,)) + data for number in range(3)) if data else ()
            elif data:
                yield data
    if target in _TEXT_TARGETS or target == "parsers":
        yield from _real_texts(marked=target == "parsers")


def write(target: str, folder: Path) -> None:
    """Put the seeds into a folder, each under the hash of its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(target):
        (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)


def _modules(target: str) -> Iterator[Any]:
    for pattern in _MODULES[target]:
        paths = sorted(_TESTS.glob(f"{pattern}.py"))
        if not paths:
            raise FileNotFoundError(f"no tests {pattern}")
        for path in paths:
            yield import_module(".".join(("tests", *path.relative_to(_TESTS).with_suffix("").parts)))


def _values(module: Any) -> Iterator[Any]:
    """Every value in the module's constants and in the tables of its tests."""
    for name, value in vars(module).items():
        if name.isupper():
            yield from _leaves(value)
        for mark in getattr(value, "pytestmark", ()):
            if mark.name == "parametrize":
                yield from _leaves(mark.args[1])


def _leaves(value: Any) -> Iterator[Any]:
    """Bytes, strings and JSON objects, however deep in lists they stand."""
    if isinstance(value, (bytes, str)):
        yield value
    elif isinstance(value, dict):
        yield value
        yield from _leaves(list(value.values()))
    elif hasattr(value, "values") and isinstance(value.values, tuple):  # a pytest.param
        yield from _leaves(value.values)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    try:
        return json.dumps(value).encode()
    except TypeError:
        return b""


def _real_files() -> Iterable[Path]:
    folder = SHARED / "samples"
    return sorted(path for path in folder.iterdir() if path.suffix not in (".json", ".md")) if folder.is_dir() else ()


def _real_texts(*, marked: bool) -> Iterator[bytes]:
    """The texts of real files; for the target that takes several, all of one file under their keys."""
    from extractor import extract

    for path in _real_files():
        raw = extract(path, hash=False, raw=True).extraction.raw or []
        texts = {item.source.split(":", 2)[-1]: item.text.encode() for item in raw}
        if marked:
            keys = {key: TEXT_KEYS.index(key) for key in texts if key in TEXT_KEYS}
            yield SEPARATOR.join(bytes((number,)) + texts[key] for key, number in keys.items())
        else:
            yield from texts.values()


def _odd_files() -> Iterator[bytes]:
    """Pictures of every shape, colour type and depth, whole or lacking something."""
    for make in makers().values():
        data = make()
        if len(data) <= _LONGEST:
            yield data


def _whole_files() -> Iterator[bytes]:
    """Small pictures that decode."""
    from io import BytesIO

    from PIL import Image

    image = Image.linear_gradient("L").resize((24, 16)).convert("RGBA")
    for container, mode, more in (
        ("PNG", "RGBA", {}), ("PNG", "P", {}), ("JPEG", "RGB", {}), ("JPEG", "L", {"progressive": True}),
        ("WEBP", "RGBA", {}), ("WEBP", "RGB", {"lossless": True}), ("GIF", "P", {}), ("BMP", "RGB", {}),
        ("AVIF", "RGB", {"speed": 9}),
    ):  # fmt: skip
        stream = BytesIO()
        image.convert(mode).save(stream, container, **more)
        yield stream.getvalue()
