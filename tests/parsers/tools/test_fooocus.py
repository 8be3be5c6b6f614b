from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import codes, exif, only, png, said, warned

FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8",
    "base_model_hash": "aeb7e9e689",
    "clip_skip": 2,
    "full_negative_prompt": ["bad", "ugly"],
    "full_prompt": ["a cat", "cinematic"],
    "guidance_scale": 4,
    "lora_combined_1": "offset : 0.1",
    "loras": [["offset", 0.1, "4852686128"], ["None", 1.0, ""]],
    "metadata_scheme": "fooocus",
    "negative_prompt": "",
    "performance": "Speed",
    "prompt": "a cat",
    "refiner_model": "refiner",
    "refiner_model_hash": "31e35c80fc",
    "resolution": "(896, 1152)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "8638236174640251900",
    "sharpness": 2,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Enhance']",
    "vae": "Default (model)",
    "version": "Fooocus v2.5.5",
}
FOOOCUS_WANTED = {
    "generator": "fooocus",
    "version": "v2.5.5",
    "prompt": "a cat",
    "negative_prompt": "",
    "seed": 8638236174640251900,
    "steps": 30,
    "cfg_scale": 4,
    "sampler": "DPM++ 2M SDE Karras",
    "scheduler": "karras",
    "clip_skip": 2,
    "size": "896x1152",
    "model": "juggernautXL_v8",
    "model_hash": "aeb7e9e689",
    "resources": [
        Claim(type="lora", name="offset", weight=0.1, hash="4852686128"),
        Claim(type="lora", name="offset", weight=0.1),
        Claim(type="model", name="refiner", hash="31e35c80fc"),
    ],
    "other": {
        "adm_guidance": "(1.5, 0.8, 0.3)",
        "full_negative_prompt": ["bad", "ugly"],
        "full_prompt": ["a cat", "cinematic"],
        "metadata_scheme": "fooocus",
        "performance": "Speed",
        "sharpness": 2,
        "styles": "['Fooocus V2', 'Fooocus Enhance']",
        "vae": "Default (model)",
    },
}


@pytest.mark.parametrize(
    "texts",
    [
        (png("parameters", FOOOCUS), png("fooocus_scheme", "fooocus")),
        (exif("UserComment", FOOOCUS), exif("Software", "Fooocus v2.5.5"), exif("MakerNote", "fooocus")),
        (exif("UserComment", FOOOCUS, "webp"),),
    ],
    ids=["png", "jpeg", "webp"],
)
def test_fooocus(texts: Any) -> None:
    assert only(*texts) == FOOOCUS_WANTED


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"version": "Fooocus v2.2.0", "prompt": "x"}, {"version": "v2.2.0", "prompt": "x"}),
        (
            {"base_model": "m", "metadata_scheme": "simple", "refiner_model": "None"},
            {"model": "m", "other": {"metadata_scheme": "simple", "refiner_model": "None"}},
        ),
        ({"full_prompt": [], "full_negative_prompt": []}, {"other": {"full_prompt": [], "full_negative_prompt": []}}),
    ],
)
def test_fooocus_with_little(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert only(png("parameters", data)) == {"generator": "fooocus", **wanted}


def test_labels_of_the_log() -> None:
    data = {
        "Prompt": "a cat",
        "Negative Prompt": "dog",
        "Styles": "['Fooocus V2']",
        "Resolution": "(896, 1152)",
        "Sharpness": "2.0",
        "Guidance Scale": "4.0",
        "Base Model": "juggernautXL.safetensors",
        "Refiner Model": "None",
        "Sampler": "dpmpp_2m_sde_gpu",
        "Scheduler": "karras",
        "Seed": "42",
        "LoRA 1": "offset.safetensors : 0.1",
        "LoRA 2": "None : 1.0",
        "Version": "Fooocus v2.1.865",
    }
    assert only(png("parameters", data)) == {
        "generator": "fooocus",
        "version": "v2.1.865",
        "prompt": "a cat",
        "negative_prompt": "dog",
        "seed": 42,
        "cfg_scale": 4.0,
        "sampler": "DPM++ 2M SDE Karras",
        "scheduler": "karras",
        "size": "896x1152",
        "model": "juggernautXL.safetensors",
        "resources": [Claim(type="lora", name="offset.safetensors", weight=0.1)],
        "other": {"Styles": "['Fooocus V2']", "Sharpness": "2.0", "Refiner Model": "None"},
    }


RUINED = {
    "Prompt": "a cat",
    "Negative": "dog, ",
    "steps": 30,
    "cfg": 8,
    "width": 1024,
    "height": 768,
    "seed": 18446744073709551615,
    "sampler_name": "euler_ancestral",
    "scheduler": "normal",
    "base_model_name": "cats.safetensors",
    "base_model_hash": "BEFC694A",
    "loras": [],
    "start_step": 0,
    "denoise": None,
    "clip_skip": 1,
    "software": "RuinedFooocus",
}
RUINED_WANTED: dict[str, Any] = {
    "generator": "ruined-fooocus",
    "prompt": "a cat",
    "negative_prompt": "dog,",
    "seed": 18446744073709551615,
    "steps": 30,
    "cfg_scale": 8,
    "sampler": "Euler a",
    "scheduler": "normal",
    "clip_skip": 1,
    "size": "1024x768",
    "model": "cats.safetensors",
    "model_hash": "BEFC694A",
    "other": {"start_step": 0},
}


@pytest.mark.parametrize(
    ("loras", "resources"),
    [
        ([], []),
        ("", []),
        ("Loras:", []),
        (
            "Loras:<a b.safetensors:1>,<None:0.5>,<c:-0.25>",
            [Claim(type="lora", name="a b.safetensors", weight=1), Claim(type="lora", name="c", weight=-0.25)],
        ),
        ("<a:1>", [Claim(type="lora", name="a", weight=1)]),
        ([["a.safetensors", 0.5]], [Claim(type="lora", name="a.safetensors", weight=0.5)]),
        (
            [["1a2b3c4d", "0.5 - a.safetensors"]],
            [Claim(type="lora", name="a.safetensors", weight=0.5, hash="1a2b3c4d")],
        ),
        ([["None", "0.5 - None"], "1 - x - y"], [Claim(type="lora", name="x - y", weight=1)]),
        (
            [{"name": "a", "weight": "2", "hash": "0x12345678"}],
            [Claim(type="lora", name="a", weight=2, hash="12345678")],
        ),
    ],
)
def test_loras(loras: Any, resources: list[Claim]) -> None:
    wanted = RUINED_WANTED | ({"resources": resources} if resources else {})
    assert only(png("parameters", {**RUINED, "loras": loras})) == wanted


@pytest.mark.parametrize("loras", [5, {"a": 1}, [None], [[]], [[1, 2, 3]], "no tag at all", [{"weight": 1}]])
def test_strange_loras_stay(loras: Any) -> None:
    (finding,) = warned(png("parameters", {**RUINED, "loras": loras}))
    assert said(finding) == {**RUINED_WANTED, "other": {"start_step": 0, "loras": loras}}
    assert codes(png("parameters", {**RUINED, "loras": loras})) == ["bad-value"]


MRE = {
    "prompt": "a cat",
    "negative_prompt": "dog",
    "real_prompt": ["a cat, cinematic"],
    "real_negative_prompt": ["dog, ugly"],
    "styles": ["cinematic"],
    "seed": 42,
    "resolution": "1152×896 (9:7)",
    "sampler": "dpmpp_3m_sde_gpu",
    "scheduler": "exponential",
    "steps": 30,
    "switch": 20,
    "cfg": 7.0,
    "base_clip_skip": -2,
    "base_model": "sd_xl_base_1.0.safetensors",
    "refiner_model": "sd_xl_refiner_1.0.safetensors",
    "l1": "offset.safetensors",
    "w1": 0.5,
    "l2": "None",
    "w2": 0.5,
    "software": "Fooocus 2.0.78.5 MRE",
}


@pytest.mark.parametrize("text", [png("Comment", MRE), exif("UserComment", MRE)], ids=["png", "jpeg"])
def test_mre(text: Any) -> None:
    assert only(text) == {
        "generator": "fooocus-mre",
        "version": "2.0.78.5",
        "prompt": "a cat",
        "negative_prompt": "dog",
        "seed": 42,
        "steps": 30,
        "cfg_scale": 7.0,
        "sampler": "DPM++ 3M SDE Exponential",
        "scheduler": "exponential",
        "clip_skip": 2,
        "size": "1152x896",
        "model": "sd_xl_base_1.0.safetensors",
        "resources": [
            Claim(type="lora", name="offset.safetensors", weight=0.5),
            Claim(type="model", name="sd_xl_refiner_1.0.safetensors"),
        ],
        "other": {
            "real_prompt": ["a cat, cinematic"],
            "real_negative_prompt": ["dog, ugly"],
            "styles": ["cinematic"],
            "switch": 20,
            "l2": "None",
            "w2": 0.5,
        },
    }
