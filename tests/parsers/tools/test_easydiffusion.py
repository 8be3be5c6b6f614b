from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import Kind
from extractor.finding import ResourceClaim as Claim
from tests.parsers.texts import exif, found, only, png, said, sidecar, sources, warned

DATA = {
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 3765214210,
    "use_stable_diffusion_model": "/models/stable-diffusion/cats.safetensors",
    "use_vae_model": "vae-ft-mse",
    "clip_skip": True,
    "sampler_name": "euler_a",
    "width": 512,
    "height": 768,
    "num_inference_steps": 25,
    "guidance_scale": 7.5,
    "prompt_strength": 0.8,
    "use_lora_model": ["fur", "eyes"],
    "lora_alpha": [0.5, 1],
    "use_hypernetwork_model": None,
    "output_format": "png",
}
WANTED = {
    "generator": "easy-diffusion",
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 3765214210,
    "steps": 25,
    "cfg_scale": 7.5,
    "sampler": "Euler a",
    "denoise": 0.8,
    "clip_skip": 2,
    "size": "512x768",
    "model": "/models/stable-diffusion/cats.safetensors",
    "vae": "vae-ft-mse",
    "resources": [Claim(type="lora", name="fur", weight=0.5), Claim(type="lora", name="eyes", weight=1)],
}


@pytest.mark.parametrize(
    "text",
    [exif("UserComment", DATA), exif("UserComment", DATA, "webp"), sidecar("json", DATA)],
    ids=["jpeg", "webp", "sidecar"],
)
def test_json(text: Any) -> None:
    assert only(text) == {**WANTED, "other": {"output_format": "png"}}


def test_one_chunk_for_each_field() -> None:
    texts = [png(key, str(value)) for key, value in DATA.items() if key != "output_format"]
    assert only(*texts) == {**WANTED, "other": {"use_hypernetwork_model": "None"}}


LABELLED = {
    "Prompt": "a cat",
    "Negative Prompt": "dog",
    "Seed": "3765214210",
    "Stable Diffusion model": "/models/stable-diffusion/cats.safetensors",
    "Clip Skip": "False",
    "VAE model": "None",
    "Sampler": "euler_a",
    "Width": "512",
    "Height": "768",
    "Steps": "25",
    "Guidance Scale": "7.5",
    "LoRA model": "fur",
    "LoRA Strength": "0.5",
    "Use Face Correction": "None",
}
LABELLED_WANTED = {
    **{key: value for key, value in WANTED.items() if key not in ("clip_skip", "vae", "denoise")},
    "resources": [Claim(type="lora", name="fur", weight=0.5)],
    "other": {"Clip Skip": "False", "VAE model": "None", "Use Face Correction": "None"},
}


def test_chunks_of_the_first_versions() -> None:
    assert only(*(png(key, value) for key, value in LABELLED.items())) == LABELLED_WANTED


def test_text_file() -> None:
    lines = "\n".join(f"{key}: {value}" for key, value in LABELLED.items())
    assert only(sidecar("txt", lines)) == LABELLED_WANTED
    assert sources(sidecar("txt", lines)) == [("easy-diffusion", Kind.SIDECAR, "sidecar:txt")]


def test_text_file_with_a_long_prompt() -> None:
    lines = "Prompt: a cat\non: a roof\nSteps: 5\nStable Diffusion model: m"
    assert only(sidecar("txt", lines)) == {
        "generator": "easy-diffusion",
        "prompt": "a cat\non: a roof",
        "steps": 5,
        "model": "m",
    }


@pytest.mark.parametrize(
    "texts",
    [
        (png("prompt", "a cat"), png("negative_prompt", "dog")),
        (png("prompt", "{}"), png("workflow", "{}")),
        (png("Seed", "a seed of grass"), png("Width", "5 cm")),
        (sidecar("txt", "Prompt: a cat\nSteps: up the stairs"),),
    ],
)
def test_not_easy_diffusion(texts: Any) -> None:
    assert found(*texts) == []


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (
            {"use_lora_model": "['a b', \"c\"]", "lora_alpha": "[0.5, 1]"},
            {"resources": [Claim(type="lora", name="a b", weight=0.5), Claim(type="lora", name="c", weight=1)]},
        ),
        (
            {"use_lora_model": "fur", "lora_alpha": [1, 2]},
            {"resources": [Claim(type="lora", name="fur")], "other": {"lora_alpha": [1, 2]}},
        ),
        (
            {"use_lora_model": ["a", 5]},
            {"resources": [Claim(type="lora", name="a")], "other": {"use_lora_model": ["a", 5]}},
        ),
        ({"use_lora_model": "None", "lora_alpha": 0.5}, {"other": {"use_lora_model": "None", "lora_alpha": 0.5}}),
        ({"use_embeddings_model": ["e"]}, {"resources": [Claim(type="embed", name="e")]}),
        ({"clip_skip": False}, {"other": {"clip_skip": False}}),
        ({"clip_skip": 3}, {"clip_skip": 3}),
        ({"seed": [1], "width": "x"}, {"other": {"easy-diffusion:seed": [1], "width": "x"}}),
    ],
)
def test_values(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    (finding,) = warned(exif("UserComment", {"use_stable_diffusion_model": "m", **data}))
    assert said(finding) == {"generator": "easy-diffusion", "model": "m", **wanted}
