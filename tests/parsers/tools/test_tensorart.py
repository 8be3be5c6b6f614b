from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import only, png, said, warned

DATA: dict[str, Any] = {
    "prompt": "a cat",
    "negativePrompt": "",
    "width": 768,
    "height": 1152,
    "imageCount": 1,
    "steps": 25,
    "cfgScale": 7,
    "seed": "-1",
    "clipSkip": 2,
    "baseModel": {"modelFileName": "Cats-16", "hash": "A5F58EB1", "label": "v16", "type": "BASE_MODEL"},
    "models": [
        {"type": "LORA", "modelFileName": "fur", "hash": "B5F58EB1", "weight": 0.8},
        {"type": "EMBEDDING", "label": "easy", "hash": "", "weight": 1},
        {"type": "MOTION", "modelFileName": "zoom"},
    ],
    "sdVae": "Automatic",
    "ksamplerName": "euler_ancestral",
    "schedule": "karras",
}
WANTED: dict[str, Any] = {
    "generator": "tensorart",
    "prompt": "a cat",
    "negative_prompt": "",
    "steps": 25,
    "cfg_scale": 7,
    "clip_skip": 2,
    "size": "768x1152",
    "sampler": "Euler a Karras",
    "scheduler": "karras",
    "model": "Cats-16",
    "model_hash": "A5F58EB1",
    "resources": [
        Claim(type="lora", name="fur", hash="B5F58EB1", weight=0.8),
        Claim(type="embed", name="easy", weight=1),
        Claim(type="MOTION", name="zoom"),
    ],
    "other": {
        "imageCount": 1,
        "tensorart:seed": "-1",
        "sdVae": "Automatic",
        "baseModel": {"label": "v16", "type": "BASE_MODEL"},
    },
}


def test_generation_data() -> None:
    assert only(png("generation_data", DATA)) == WANTED


def test_a_seed_that_is_known() -> None:
    other = {key: value for key, value in WANTED["other"].items() if key != "tensorart:seed"}
    assert only(png("generation_data", {**DATA, "seed": "3036459311"})) == {
        **WANTED,
        "seed": 3036459311,
        "other": other,
    }


def test_ids_of_a_lora_are_kept() -> None:
    models = [{"type": "LORA", "modelFileName": "fur", "modelId": "7"}]
    assert only(png("generation_data", {"models": models})) == {
        "generator": "tensorart",
        "resources": [Claim(type="lora", name="fur")],
        "other": {"models": models},
    }


@pytest.mark.parametrize(
    ("data", "other"),
    [
        ({"baseModel": "x"}, {"baseModel": "x"}),
        ({"models": "x"}, {"models": "x"}),
        ({"models": [None, 1]}, {"models": [None, 1]}),
        ({"models": [{"weight": 1}]}, {"models": [{"weight": 1}]}),
        ({"cfgScale": {}}, {"tensorart:cfgScale": {}}),
    ],
)
def test_hostile_values(data: dict[str, Any], other: dict[str, Any]) -> None:
    (finding,) = warned(png("generation_data", data))
    assert said(finding) == {"generator": "tensorart", "other": other}
