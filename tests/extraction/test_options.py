from __future__ import annotations

import io
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from extractor import extract, scan, write_sidecars
from extractor.extraction.options import Options, checked_options
from extractor.extraction.stamp import make_stamp
from extractor.limits import DEFAULT_LIMITS, Limits
from tests.extraction.records import PICTURE

USUAL: dict[str, Any] = {
    "hash": True,
    "stealth": None,
    "raw": False,
    "foreign_sidecars": None,
    "base_url": None,
    "limits": None,
}
WRONG: list[tuple[str, object]] = [
    ("hash", 1),
    ("raw", "yes"),
    ("raw", None),
    ("stealth", 0),
    ("base_url", 1),
    ("base_url", b"x"),
    ("limits", {}),
    ("foreign_sidecars", "yes"),
]
FUNCTIONS: list[Callable[..., Any]] = [
    lambda **arguments: extract(PICTURE, **arguments),
    lambda **arguments: scan([], **arguments),
    lambda **arguments: write_sidecars([], **arguments),
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_types_are_type_errors_at_once(function: Callable[..., Any], name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"{name} must be .*, not {type(value).__name__}"):
        function(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("url", b"x"), ("id", "1"), ("id", True), ("id", 1.0)])
def test_wrong_types_of_one_record(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        extract(PICTURE, **{name: value})


@pytest.mark.parametrize("text", ["\ud800", "https://x.test/\udcff", "\udc80\ud800"])
def test_text_that_cannot_be_written_is_refused_by_name(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="url cannot be written as UTF-8"):
        extract(PICTURE, url=text)
    for function in FUNCTIONS:
        with pytest.raises(ValueError, match="base_url cannot be written as UTF-8"):
            function(base_url=text)
    pair = "\N{GRINNING FACE}".encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    assert extract(io.BytesIO(PICTURE), url=pair, hash=False).url == pair


def test_no_limits_are_the_usual_ones() -> None:
    assert checked_options(**USUAL) == Options(limits=DEFAULT_LIMITS)
    assert checked_options(**USUAL | {"limits": Limits(pixels=5)}).limits.pixels == 5


def picture() -> bytes:
    """Stripes that the two scalings draw differently."""
    stream = BytesIO()
    Image.frombytes("L", (150, 100), bytes(x * 5 % 256 for _ in range(100) for x in range(150))).save(stream, "PNG")
    return stream.getvalue()


# What the slow arithmetic in tests/pixels/reference.py gives.
HASHES = {"bilinear": "U1H2cr000000~qRjWBM{fQfQfQfQ~qRjWBM{", "mipmap": "U1G+UM000000~qRjWBM{fQfQfQfQ~qRjWBM{"}


def sidecar_hash(path: Path, hash: Any) -> str | None:
    """The hash in a sidecar that was not there before: a stored one satisfies a run without."""
    Path(f"{path}.json").unlink(missing_ok=True)
    record = next(write_sidecars([path], hash=hash)).record
    assert record is not None
    return record.hash


CALLS: dict[str, Callable[[Path, Any], str | None]] = {
    "extract": lambda path, hash: extract(path, hash=hash).hash,
    "scan": lambda path, hash: next(scan([path], hash=hash)).record.hash,
    "write_sidecars": sidecar_hash,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_choice_of_a_scaling(call: Callable[[Path, Any], str | None], tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(picture())
    assert call(path, True) == HASHES["bilinear"]
    assert call(path, "mipmap") == HASHES["mipmap"]
    assert call(path, "bilinear") == HASHES["bilinear"]
    other = tmp_path / "b.png"  # of the first there is a record with a hash, which does
    other.write_bytes(picture())
    assert call(other, False) is None


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("value", "error"), [("lanczos", ValueError), ("", ValueError), (1, TypeError), (None, TypeError)]
)
def test_what_is_no_choice(
    call: Callable[[Path, Any], str | None], value: object, error: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(error, match="hash must be"):
        call(tmp_path / "a.png", value)


def test_a_decoded_picture_has_the_hash_of_its_file() -> None:
    with Image.open(BytesIO(picture())) as image:
        image.load()
        copy = image.copy()
    for scaling, wanted in HASHES.items():
        assert extract(copy, hash=scaling).hash == wanted


@pytest.mark.parametrize(
    ("choice", "option", "revision"),
    [
        (True, "bilinear", {"hashRevision": 1}),
        ("bilinear", "bilinear", {"hashRevision": 1}),
        ("mipmap", "mipmap", {"hashRevision": 2}),
        (False, False, {}),
    ],
)
def test_the_stamp_tells_scaling_and_revision(choice: Any, option: object, revision: dict[str, int]) -> None:
    stamp = make_stamp(5, None, Options(hash=choice), [])
    assert stamp == {
        "size": 5,
        "extractor": stamp["extractor"],
        "options": {"hash": option, "raw": False, "foreignSidecars": True},
        **revision,
    }


def test_hidden_text_alone_needs_no_hash() -> None:
    record = extract(picture(), hash=False, stealth=True)
    assert record.hash is None
    assert record.extraction is not None
    assert record.extraction.warnings is None
