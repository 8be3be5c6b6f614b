from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import found, only, png, said, warned, xmp

DATA = {
    "c": "a cat",
    "uc": "dog",
    "model": "sd_xl_base_1.0_f16.ckpt",
    "sampler": "DPM++ 2M Karras",
    "scale": 7.5,
    "seed": 3333,
    "seed_mode": "Scale Alike",
    "steps": 30,
    "strength": 1,
    "size": "1024x768",
    "lora": [{"model": "fur_lora_f16.ckpt", "weight": 0.6}],
    "control": [],
    "refiner": "refiner_f16.ckpt",
    "v2": {"clipSkip": 2, "shift": 1},
}
WANTED = {
    "generator": "draw-things",
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 3333,
    "steps": 30,
    "cfg_scale": 7.5,
    "sampler": "DPM++ 2M Karras",
    "denoise": 1,
    "clip_skip": 2,
    "size": "1024x768",
    "model": "sd_xl_base_1.0_f16.ckpt",
    "resources": [
        Claim(type="lora", name="fur_lora_f16.ckpt", weight=0.6),
        Claim(type="model", name="refiner_f16.ckpt"),
    ],
    "other": {"seed_mode": "Scale Alike", "v2": {"shift": 1}},
}
DESCRIPTION = (
    "a cat,\nsitting\n-dog, ugly\n"
    "Steps: 30, Sampler: Euler A, Guidance Scale: 7.5, Seed: 3333, Size: 512x768, Model: sd_v1.5_f16.ckpt, "
    "Strength: 1.0, Seed Mode: Scale Alike"
)


def test_json() -> None:
    texts = (xmp("xmp:CreatorTool", "Draw Things"), xmp("dc:description", DESCRIPTION), xmp("exif:UserComment", DATA))
    assert only(*texts) == WANTED


def test_version() -> None:
    assert only(xmp("xmp:CreatorTool", "Draw Things 1.20"), xmp("exif:UserComment", DATA)) == {
        **WANTED,
        "version": "1.20",
    }


def test_description_alone() -> None:
    assert only(xmp("xmp:CreatorTool", "Draw Things"), xmp("dc:description", DESCRIPTION)) == {
        "generator": "draw-things",
        "prompt": "a cat,\nsitting",
        "negative_prompt": "dog, ugly",
        "seed": 3333,
        "steps": 30,
        "cfg_scale": 7.5,
        "sampler": "Euler a",
        "denoise": 1.0,
        "size": "512x768",
        "model": "sd_v1.5_f16.ckpt",
        "other": {"Seed Mode": "Scale Alike"},
    }


@pytest.mark.parametrize(
    "texts",
    [
        (xmp("xmp:CreatorTool", "Draw Things"), xmp("dc:description", "a holiday")),
        (xmp("xmp:CreatorTool", "Adobe Photoshop 25.0"), xmp("dc:description", "a photo")),
        (xmp("exif:UserComment", {"c": "x", "uc": "y"}),),
    ],
)
def test_nothing(texts: Any) -> None:
    assert found(*texts) == []


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"c": "a", "uc": "", "scale": "x"}, {"prompt": "a", "negative_prompt": "", "other": {"scale": "x"}}),
        ({"c": ["a"], "uc": 1, "sampler": "None"}, {"other": {"c": ["a"], "uc": 1, "draw-things:sampler": "None"}}),
        (
            {"c": "a", "uc": "", "scale": 1, "lora": "x", "v2": 5},
            {"prompt": "a", "negative_prompt": "", "cfg_scale": 1, "other": {"lora": "x", "v2": 5}},
        ),
        (
            {"c": "a", "uc": "", "scale": 1, "lora": [[]]},
            {"prompt": "a", "negative_prompt": "", "cfg_scale": 1, "other": {"lora": [[]]}},
        ),
    ],
)
def test_hostile_values(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    (finding,) = warned(xmp("exif:UserComment", data))
    assert said(finding) == {"generator": "draw-things", **wanted}


def test_novelai_is_told_apart() -> None:
    data = {"prompt": "a", "uc": "b", "scale": 5, "sampler": "k_euler"}
    assert only(png("Comment", data))["generator"] == "novelai"
