from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import exif, only

OBJECT = {
    "type": "WanGP v8.2 by DeepBeepMeep - Image",
    "prompt": "a heron",
    "negative_prompt": "fog",
    "resolution": "832x480",
    "num_inference_steps": 30,
    "seed": 7,
    "guidance_scale": 5,
    "model_type": "t2v",
    "model_filename": "ckpts/wan2.1_14B.safetensors",
    "activated_loras": ["https://x.org/loras/a.safetensors", "b.safetensors"],
    "loras_multipliers": "0.8 1",
}


def test_every_field() -> None:
    assert only(exif("UserComment", OBJECT)) == {
        "generator": "wan2gp",
        "prompt": "a heron",
        "negative_prompt": "fog",
        "seed": 7,
        "steps": 30,
        "cfg_scale": 5,
        "size": "832x480",
        "model": "ckpts/wan2.1_14B.safetensors",
        "resources": [
            Claim(type="lora", name="https://x.org/loras/a.safetensors", weight=0.8),
            Claim(type="lora", name="b.safetensors", weight=1),
        ],
        "other": {"type": "WanGP v8.2 by DeepBeepMeep - Image", "model_type": "t2v"},
    }


@pytest.mark.parametrize(
    ("multipliers", "weights"),
    [
        ("0.8\n1 # strong", [0.8, 1]),
        ([0.8, 1], [0.8, 1]),
        ("0.8", [0.8, None]),
        ("", [None, None]),
        ("1,0.9,0.5 0.6", [None, 0.6]),
        ("1;0 0;1", [None, None]),
        ({"a": 1}, [None, None]),
    ],
)
def test_multipliers(multipliers: Any, weights: list[float | None]) -> None:
    said = only(exif("UserComment", OBJECT | {"loras_multipliers": multipliers}))
    assert [claim.weight for claim in said["resources"]] == weights
    assert ("loras_multipliers" in said["other"]) is (None in weights and multipliers not in ("0.8", ""))
