from __future__ import annotations

from typing import Any

import pytest

from extractor.rows.recipe import recipe

META: dict[str, Any] = {
    "prompt": "a cat",
    "negativePrompt": "dog",
    "seed": 1,
    "steps": 20,
    "cfgScale": 7,
    "sampler": "DPM++ 2M Karras",
    "Model": "real",
    "Model hash": "0123456789",
    "resources": [{"type": "lora", "name": "Fine", "weight": 0.5}, {"type": "model", "name": "real"}],
    "Size": "512x768",
    "RNG": "CPU",
}


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"Variation seed": "5", "Variation seed strength": "0.1"},
        {"subseed": 7, "noise_seed": 8},
        {"Batch pos": "3", "Generation time": "5 s", "Version": "v1.10.1"},
        {"prompt": " a  cat\n"},
        {"steps": "20", "cfgScale": 7.0},
        {"sampler": "DPM++ 2M", "Schedule type": "Karras"},
        {"sampler": "dpmpp_2m", "scheduler": "karras"},
        {"Model": "sub/REAL.safetensors", "Model hash": None},
        {"hashes": {"model": "0123456789"}, "Lora hashes": "Fine: 12"},
        {
            "resources": [
                {"type": "model", "name": "real", "hash": "ab"},
                {"type": "lora", "name": "fine", "weight": 0.50},
            ]
        },
    ],
)
def test_one_recipe_in_other_words(change: dict[str, Any]) -> None:
    assert recipe({**META, **change}) == recipe(META)


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "a dog"},
        {"negativePrompt": ""},
        {"steps": 21},
        {"cfgScale": 7.5},
        {"sampler": "DPM++ 2M"},
        {"sampler": "Euler Karras"},
        {"Model": "toon"},
        {"resources": []},
        {"resources": [{"type": "lora", "name": "Fine", "weight": 0.6}, {"type": "model", "name": "real"}]},
        {"Size": "768x512"},
        {"clipSkip": 2},
        {"denoise": 0.4},
        {"RNG": "GPU"},
        {"Hires upscale": "2"},
        {"VAE": "v"},
        {"characterPrompts": ["a"]},
    ],
)
def test_another_recipe(change: dict[str, Any]) -> None:
    assert recipe({**META, **change}) != recipe(META)


def test_a_number_of_63_bits_that_stays_the_same() -> None:
    assert recipe(META) == EXPECTED
    assert 0 < EXPECTED < 2**63


EXPECTED = 3_648_593_861_356_267_296


@pytest.mark.parametrize("meta", [{}, {"seed": 1}, {"Version": "v1"}])
def test_nothing_to_compare(meta: dict[str, Any]) -> None:
    assert recipe(meta) is None


@pytest.mark.parametrize("meta", [{"resources": "x"}, {"resources": [None, 5]}, {"prompt": 5, "steps": []}])
def test_odd_values_do_no_harm(meta: dict[str, Any]) -> None:
    assert recipe(meta) == recipe(dict(meta))
