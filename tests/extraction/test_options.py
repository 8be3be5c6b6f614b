from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor import extract, scan, write_sidecars
from extractor.extraction.options import Options, checked_options
from extractor.limits import DEFAULT_LIMITS, Limits
from tests.extraction.records import PICTURE

USUAL: dict[str, Any] = {
    "hash": True,
    "stealth": None,
    "raw": False,
    "foreign_sidecars": True,
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
    ("foreign_sidecars", None),
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
