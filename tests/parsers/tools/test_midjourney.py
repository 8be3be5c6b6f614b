from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import Kind
from tests.parsers.texts import exif, found, only, png, sources, xmp

JOB = "01234567-89ab-cdef-0123-456789abcdef"
TEXT = f"https://x.y/cat.png a cat -- on a roof --ar 2:3 --no dog, rain --tile --seed 42 --v 6.1 Job ID: {JOB}"
WANTED = {
    "generator": "midjourney",
    "version": "6.1",
    "prompt": "https://x.y/cat.png a cat -- on a roof",
    "seed": 42,
    "other": {"--ar": "2:3", "--no": "dog, rain", "--tile": True, "--v": "6.1", "Job ID": JOB},
}


@pytest.mark.parametrize(
    "text",
    [png("Description", TEXT), exif("ImageDescription", TEXT), xmp("dc:description", TEXT + "\n")],
    ids=["png", "jpeg", "xmp"],
)
def test_every_place(text: Any) -> None:
    assert only(text) == WANTED


def test_author() -> None:
    assert only(png("Author", "someone"), png("Description", f"a cat Job ID: {JOB}")) == {
        "generator": "midjourney",
        "prompt": "a cat",
        "other": {"Job ID": JOB, "Author": "someone"},
    }


def test_kind() -> None:
    assert sources(png("Description", TEXT)) == [("midjourney", Kind.STRUCTURED, "png:tEXt:Description")]


@pytest.mark.parametrize(
    "value",
    ["a cat --ar 2:3 --v 6", "Job ID: 5", f"Job ID: {JOB} was refused", "Job ID:", " " * 5000, f"Job ID: {JOB[:-1]}"],
)
def test_flags_alone_prove_nothing(value: str) -> None:
    assert found(png("Description", value)) == []


def test_white_space_costs_nothing() -> None:
    assert found(png("Description", "Job ID:" + " " * 4_000_000)) == []
