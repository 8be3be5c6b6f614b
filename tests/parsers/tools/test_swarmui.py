from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import Kind
from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import codes, exif, only, png, sidecar, sources, warned

FULL = {
    "sui_image_params": {
        "prompt": " a cat <lora:Fur:0.8> ",
        "negativeprompt": "",
        "model": "XL/catMix_v3",
        "seed": 9007199254740993,
        "steps": 20,
        "cfgscale": 7,
        "aspectratio": "1:1",
        "width": 768,
        "height": 512,
        "sampler": "dpmpp_2m",
        "scheduler": "karras",
        "vae": "sdxl_vae",
        "clipstopatlayer": -2,
        "loras": ["XL/Fur", "Eyes"],
        "loraweights": ["0.8", "-1"],
        "loratencweights": ["0.5", "1"],
        "refinermodel": "refiner_v1",
        "refinerupscale": 1.5,
        "initimagecreativity": 0.6,
        "swarm_version": "0.9.7.4",
    },
    "sui_extra_data": {"date": "2026-01-03", "original_prompt": "a cat"},
    "sui_models": [
        {"name": "XL/catMix_v3.safetensors", "param": "model", "hash": "0xAB12ab12"},
        {"name": "XL/Fur.safetensors", "param": "loras", "hash": "0x1234567890"},
        {"name": "sdxl_vae.safetensors", "param": "vae", "hash": None},
        {"name": "easynegative", "param": "used_embeddings", "hash": "0x77777777"},
        {"name": "t5.safetensors", "param": "t5xxlmodel", "hash": None},
    ],
}
WANTED = {
    "generator": "swarmui",
    "version": "0.9.7.4",
    "prompt": "a cat <lora:Fur:0.8>",
    "negative_prompt": "",
    "model": "XL/catMix_v3",
    "model_hash": "AB12ab12",
    "seed": 9007199254740993,
    "steps": 20,
    "cfg_scale": 7,
    "size": "768x512",
    "sampler": "DPM++ 2M Karras",
    "scheduler": "karras",
    "vae": "sdxl_vae",
    "clip_skip": 2,
    "denoise": 0.6,
    "resources": [
        Claim(type="lora", name="XL/Fur", weight=0.8, strength_clip=0.5),
        Claim(type="lora", name="Eyes", weight=-1, strength_clip=1),
        Claim(type="lora", name="XL/Fur.safetensors", hash="1234567890"),
        Claim(type="vae", name="sdxl_vae.safetensors"),
        Claim(type="embed", name="easynegative", hash="77777777"),
        Claim(type="t5xxlmodel", name="t5.safetensors"),
        Claim(type="model", name="refiner_v1"),
    ],
    "other": {
        "aspectratio": "1:1",
        "refinerupscale": 1.5,
        "sui_extra_data": {"date": "2026-01-03", "original_prompt": "a cat"},
    },
}


@pytest.mark.parametrize(
    "text",
    [
        png("parameters", FULL),
        exif("UserComment", FULL),
        exif("UserComment", FULL, "webp"),
        sidecar("swarm.json", FULL),
    ],
    ids=["png", "jpeg", "webp", "sidecar"],
)
def test_every_carrier(text: Any) -> None:
    assert only(text) == WANTED


def test_place_and_kind() -> None:
    assert sources(png("parameters", FULL), sidecar("swarm.json", FULL)) == [
        ("swarmui", Kind.STRUCTURED, "png:tEXt:parameters"),
        ("swarmui", Kind.SIDECAR, "sidecar:swarm.json"),
    ]


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({"swarmVersion": "0.6.1"}, {"version": "0.6.1"}),
        ({"prompt": "x", "seed": -1}, {"prompt": "x", "other": {"swarmui:seed": -1}}),
        ({"seed": "123", "steps": "20.0"}, {"seed": 123, "steps": 20}),
        ({"vae": "(none)", "sampler": "er_sde"}, {"sampler": "er_sde", "other": {"vae": "(none)"}}),
        (
            {"loras": "a,b", "loraweights": "1,0.5"},
            {"resources": [Claim(type="lora", name="a", weight=1), Claim(type="lora", name="b", weight=0.5)]},
        ),
        ({"loras": ["a"]}, {"resources": [Claim(type="lora", name="a")]}),
        ({"loras": []}, {}),
        ({"width": 512}, {"other": {"width": 512}}),
    ],
)
def test_missing_fields(params: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert only(png("parameters", {"sui_image_params": params})) == {"generator": "swarmui", **wanted}


@pytest.mark.parametrize(
    ("data", "other"),
    [
        ({"sui_image_params": None}, {}),
        ({"sui_image_params": [1]}, {"sui_image_params": [1]}),
        ({"sui_image_params": {"steps": [20]}}, {"swarmui:steps": [20]}),
        ({"sui_image_params": {"loras": {"a": 1}}}, {"loras": {"a": 1}}),
        ({"sui_image_params": {"steps": 20}, "sui_models": [7]}, {"sui_models": [7]}),
        ({"sui_image_params": {"steps": 20}, "steps": "outer"}, {"swarmui:steps": "outer"}),
    ],
)
def test_a_strange_value_costs_itself(data: dict[str, Any], other: dict[str, Any]) -> None:
    (finding,) = warned(png("parameters", data))
    assert finding.other == other


def test_lists_of_different_length_are_never_zipped() -> None:
    data = {"sui_image_params": {"loras": ["a", "b"], "loraweights": ["1"]}}
    assert codes(png("parameters", data)) == ["bad-value"]
