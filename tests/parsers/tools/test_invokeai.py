from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from extractor.parsers.tools.invokeai import split_negative
from tests.parsers.texts import codes, found, only, png, said, sidecar

MODERN = {
    "generation_mode": "sdxl_img2img",
    "positive_prompt": "a cat\n",
    "negative_prompt": "",
    "width": 1024,
    "height": 768,
    "seed": 0,
    "rand_device": "cpu",
    "cfg_scale": 6.0,
    "steps": 24,
    "scheduler": "dpmpp_2m_k",
    "clip_skip": 0,
    "strength": 0.7,
    "model": {"key": "k1", "hash": "blake3:7c1631b4", "name": "cats", "base": "sdxl", "type": "main"},
    "vae": {"name": "vaeX", "hash": "blake3:aabbccdd"},
    "loras": [
        {"model": {"name": "fur", "hash": "blake3:11223344"}, "weight": 0.75},
        {"model": {"name": "eyes", "hash": "random:11223344"}, "weight": -0.5},
    ],
    "controlnets": [{"control_model": {"name": "canny", "hash": "blake3:55667788"}, "control_weight": 0.9}],
    "refiner_model": {"name": "refiner", "hash": "blake3:99887766"},
    "refiner_steps": 10,
    "app_version": "6.10.0",
}
MODERN_WANTED = {
    "generator": "invokeai",
    "version": "6.10.0",
    "prompt": "a cat",
    "negative_prompt": "",
    "seed": 0,
    "steps": 24,
    "cfg_scale": 6.0,
    "size": "1024x768",
    "sampler": "DPM++ 2M Karras",
    "denoise": 0.7,
    "model": "cats",
    "model_hash": "blake3:7c1631b4",
    "vae": "vaeX",
    "resources": [
        Claim(type="vae", name="vaeX", hash="blake3:aabbccdd"),
        Claim(type="model", name="refiner", hash="blake3:99887766"),
        Claim(type="lora", name="fur", hash="blake3:11223344", weight=0.75),
        Claim(type="lora", name="eyes", weight=-0.5),
        Claim(type="controlnet", name="canny", hash="blake3:55667788", weight=0.9),
    ],
}


def test_modern() -> None:
    assert only(png("invokeai_metadata", MODERN)) == {
        **MODERN_WANTED,
        "other": {
            "generation_mode": "sdxl_img2img",
            "rand_device": "cpu",
            "clip_skip": 0,
            "refiner_steps": 10,
            "model": {"key": "k1", "base": "sdxl", "type": "main"},
            "loras": MODERN["loras"],
        },
    }


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (
            {
                "positive_prompt": "a",
                "app_version": "3.7.0",
                "model": {"model_name": "old", "base_model": "sd-1", "model_type": "main"},
                "loras": [{"lora": {"model_name": "l", "base_model": "sd-1"}, "weight": 1}],
            },
            {
                "version": "3.7.0",
                "prompt": "a",
                "model": "old",
                "resources": [Claim(type="lora", name="l", weight=1)],
                "other": {
                    "model": {"base_model": "sd-1", "model_type": "main"},
                    "loras": [{"lora": {"model_name": "l", "base_model": "sd-1"}, "weight": 1}],
                },
            },
        ),
        (
            {"positive_conditioning": "a", "negative_conditioning": "b", "scheduler": "euler_a", "model": "sd-1.5"},
            {"prompt": "a", "negative_prompt": "b", "sampler": "Euler a", "model": "sd-1.5"},
        ),
        (
            {"generation_mode": "flux_txt2img", "positive_prompt": "a", "guidance": 4, "vae": "ae"},
            {
                "prompt": "a",
                "cfg_scale": 4,
                "vae": "ae",
                "resources": [Claim(type="vae", name="ae")],
                "other": {"generation_mode": "flux_txt2img"},
            },
        ),
        ({"positive_prompt": "only this"}, {"prompt": "only this"}),
    ],
    ids=["3.x", "3.0 alpha", "flux", "little"],
)
def test_older_and_other_modern(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert only(png("invokeai_metadata", data)) == {"generator": "invokeai", **wanted}


def test_shape_alone_is_enough() -> None:
    data = {"positive_prompt": "a", "generation_mode": "txt2img", "seed": 5}
    wanted = {"generator": "invokeai", "prompt": "a", "seed": 5, "other": {"generation_mode": "txt2img"}}
    assert only(sidecar("json", data)) == wanted


SD_METADATA = {
    "model": "stable diffusion",
    "model_weights": "stable-diffusion-1.5",
    "model_hash": "cc6cb271",
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.3.5",
    "image": {
        "prompt": [{"prompt": "a cat [blurry, bad] on a roof", "weight": 1.0}],
        "steps": 50,
        "cfg_scale": 7.5,
        "threshold": 0,
        "width": 512,
        "height": 640,
        "seed": 123,
        "type": "txt2img",
        "postprocessing": None,
        "sampler": "k_lms",
    },
}
SD_WANTED = {
    "generator": "invokeai",
    "version": "2.3.5",
    "prompt": "a cat on a roof",
    "negative_prompt": "blurry, bad",
    "seed": 123,
    "steps": 50,
    "cfg_scale": 7.5,
    "size": "512x640",
    "sampler": "LMS",
    "model": "stable-diffusion-1.5",
    "model_hash": "cc6cb271",
    "other": {"model": "stable diffusion", "app_id": "invoke-ai/InvokeAI", "threshold": 0, "type": "txt2img"},
}
DREAM = '"a cat [blurry, bad] on a roof" -s 50 -S 123 -W 512 -H 640 -C 7.5 -A k_lms'
DREAM_WANTED = {
    "generator": "invokeai",
    "prompt": "a cat on a roof",
    "negative_prompt": "blurry, bad",
    "seed": 123,
    "steps": 50,
    "cfg_scale": 7.5,
    "size": "512x640",
    "sampler": "LMS",
}


def test_sd_metadata_and_dream_together() -> None:
    parts = [said(finding) for finding in found(png("Dream", DREAM), png("sd-metadata", SD_METADATA))]
    assert parts == [SD_WANTED, DREAM_WANTED]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a cat", "a cat"),
        ([{"prompt": "a", "weight": 0.3}, {"prompt": "b", "weight": 0.7}], "a:0.3 b:0.7"),
        ([{"prompt": "a"}], "a"),
    ],
)
def test_prompts_of_version_2(prompt: Any, wanted: str) -> None:
    data = {"image": {"prompt": prompt}, "model_weights": "m"}
    assert only(png("sd-metadata", data)) == {"generator": "invokeai", "prompt": wanted, "model": "m"}


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ('"a \\"big\\" cat" -s50 -S7', {"prompt": 'a "big" cat', "steps": 50, "seed": 7}),
        (
            '"x" -s 10 -f 0.4 --seamless -U 2 0.75',
            {"prompt": "x", "steps": 10, "denoise": 0.4, "other": {"--seamless": True, "-U": "2 0.75"}},
        ),
        ('"x" -G 0.9 -cf 0.75', {"prompt": "x", "other": {"-G": "0.9", "-cf": "0.75"}}),
        ('"x"', {"prompt": "x"}),
        ('"a-b -cat" -s 5', {"prompt": "a-b -cat", "steps": 5}),
    ],
)
def test_dream(command: str, wanted: dict[str, Any]) -> None:
    assert only(png("Dream", command)) == {"generator": "invokeai", **wanted}


@pytest.mark.parametrize("text", ["", "no quote -s 5", '"', '"never closed'])
def test_no_dream(text: str) -> None:
    assert found(png("Dream", text)) == []


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a", ("a", None)),
        ("[b]", ("", "b")),
        ("a [b] c [d]", ("a c", "b d")),
        ("a [b", ("a [b", None)),
        ("a [b] c [d", ("a c [d", "b")),
        ("a] b", ("a] b", None)),
        ("a [] b", ("a b", "")),
    ],
)
def test_split_negative(prompt: str, wanted: tuple[str, str | None]) -> None:
    assert split_negative(prompt) == wanted


@pytest.mark.parametrize(
    "data",
    [
        {"positive_prompt": ["a"]},
        {"model": {"name": ["m"]}},
        {"cfg_scale": [1, 2]},
        {"loras": [3]},
        {"vae": 7},
        {"steps": True},
    ],
)
def test_bad_values(data: dict[str, Any]) -> None:
    assert codes(png("invokeai_metadata", data)) == ["bad-value"]
