from __future__ import annotations

from typing import Any

import pytest

from extractor.record import ImageRecord
from extractor.rows.difference import differences


def record(meta: dict[str, Any] | None, generator: str | None = "a1111", **more: Any) -> ImageRecord:
    return ImageRecord.model_validate({"meta": meta, "extraction": {"generator": generator}, **more})


LORA = {"type": "lora", "name": "Fine Hair", "weight": 0.8}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"seed": 1}, {"seed": 1}, []),
        ({"cfgScale": 7}, {"cfgScale": 7.0}, []),
        ({"seed": 1, "steps": 20}, {"seed": 2, "steps": 20}, [("seed", 1, 2)]),
        ({"seed": 0}, {}, [("seed", 0, None)]),
        ({}, {"prompt": ""}, [("prompt", None, "")]),
        ({"Schedule type": "Karras"}, {"Schedule type": "Simple"}, [("Schedule type", "Karras", "Simple")]),
        (None, {"seed": 1}, [("seed", None, 1)]),
        (None, None, []),
        ({"resources": [LORA]}, {"resources": [{**LORA, "name": "dir/fine hair.pt"}]}, []),
        (
            {"resources": [LORA]},
            {"resources": [{**LORA, "weight": 1}]},
            [("lora fine hair", {"weight": 0.8}, {"weight": 1})],
        ),
        ({"resources": [{"type": "vae", "name": "x"}]}, {}, [("vae x", True, None)]),
        ({"resources": "junk"}, {"resources": ["junk"]}, []),
    ],
)
def test_fields(before: Any, after: Any, found: list[tuple[str, Any, Any]]) -> None:
    assert differences(record(before), record(after)) == found


def test_the_generator_counts_and_the_file_does_not() -> None:
    first = record({"seed": 1}, width=5, url="a")
    assert differences(first, record({"seed": 1}, width=6, url="b")) == []
    assert differences(first, record({"seed": 1}, "forge")) == [("generator", "a1111", "forge")]
