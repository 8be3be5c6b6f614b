from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import exif, only, png, warned, xmp

OBJECT = {
    "mflux_version": "0.9.3",
    "model": "dev",
    "seed": 42,
    "steps": 20,
    "guidance": 3.5,
    "precision": "mlx.core.bfloat16",
    "lora_paths": ["loras/a.safetensors", "b"],
    "lora_scales": [0.8, 1.0],
    "prompt": "a heron",
}
SAID = {
    "generator": "mflux",
    "version": "0.9.3",
    "prompt": "a heron",
    "model": "dev",
    "seed": 42,
    "steps": 20,
    "cfg_scale": 3.5,
    "resources": [Claim(type="lora", name="loras/a.safetensors", weight=0.8), Claim(type="lora", name="b", weight=1.0)],
    "other": {"precision": "mlx.core.bfloat16"},
}


def test_json() -> None:
    assert only(exif("UserComment", OBJECT)) == SAID


@pytest.mark.parametrize("prefix", ["mflux:", "{https://github.com/filipstrand/mflux}"])
def test_properties(prefix: str) -> None:
    texts = [
        xmp(prefix + key, str(item))
        for key, value in OBJECT.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    assert only(*texts) == SAID


@pytest.mark.parametrize(
    "paths", ['["loras/a.safetensors", "b"]', "['loras/a.safetensors', 'b']", "loras/a.safetensors, b"]
)
def test_chunks(paths: str) -> None:
    texts: dict[str, Any] = OBJECT | {"lora_paths": paths, "lora_scales": "[0.8, 1.0]"}
    assert only(*(png(key, str(value)) for key, value in texts.items())) == SAID


def test_scales_that_do_not_fit_are_no_weights() -> None:
    said = only(exif("UserComment", OBJECT | {"lora_scales": [0.8]}))
    assert said["resources"] == [Claim(type="lora", name="loras/a.safetensors"), Claim(type="lora", name="b")]
    assert said["other"]["lora_scales"] == [0.8]


def test_others_are_left_alone() -> None:
    assert warned(png("prompt", "a cat"), png("seed", "1")) == []
