from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.texts import only, png, said, warned

BASE = {
    "prompt": "a cat",
    "negative_prompt": "dog \n",
    "resolution": "832 x 1216",
    "guidance_scale": 5.5,
    "num_inference_steps": 24,
    "seed": 443800072,
    "sampler": "DPM++ 2M Karras",
}
WANTED: dict[str, Any] = {
    "generator": "hf-space",
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 443800072,
    "steps": 24,
    "cfg_scale": 5.5,
    "sampler": "DPM++ 2M Karras",
    "size": "832x1216",
}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (
            {"Model": "cats v1", "Model hash": "BDB59BAC", "use_upscaler": None},
            {"model": "cats v1", "model_hash": "BDB59BAC"},
        ),
        (
            {"Model": {"Model": "Animagine XL 3.0", "Model hash": "1449e5b0b9"}, "sdxl_style": "(None)"},
            {"model": "Animagine XL 3.0", "model_hash": "1449e5b0b9", "other": {"sdxl_style": "(None)"}},
        ),
        (
            {"use_upscaler": {"upscale_method": "nearest-exact", "upscale_by": 1.5}},
            {"other": {"use_upscaler": {"upscale_method": "nearest-exact", "upscale_by": 1.5}}},
        ),
    ],
)
def test_space(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert only(png("parameters", {**BASE, **data})) == {**WANTED, **wanted}


def test_hostile_values() -> None:
    (finding,) = warned(png("parameters", {**BASE, "Model": [1], "resolution": {"w": 1}, "seed": "x"}))
    assert said(finding) == {
        **{key: value for key, value in WANTED.items() if key not in ("seed", "size")},
        "other": {"hf-space:Model": [1], "resolution": {"w": 1}, "hf-space:seed": "x"},
    }
