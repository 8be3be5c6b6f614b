"""The collected cases of wrong graphs, where they are at hand: the right values of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor import extract
from tests.parsers.comfyui.graphs import facts, read
from tests.support import SHARED, ihdr, needs_shared, png, text_chunk

CASES = SHARED / "cases" / "comfyui"
USUAL: dict[str, Any] = {
    "prompt": "a heron on a jetty",
    "negative_prompt": "fog",
    "seed": 41,
    "steps": 22,
    "cfg_scale": 6.5,
    "sampler": "Euler",
    "scheduler": "normal",
    "denoise": 1,
    "size": "640x448",
    "model": "heron.safetensors",
}
VAE = {"vae": "v.safetensors", "resources": [("vae", "v.safetensors", None, None)]}
RIGHT: dict[str, dict[str, Any]] = {
    "k01-number-as-prompt": {"prompt": None},
    "k02-setting-as-negative": {"denoise": 0.5, "size": None},
    "k02b-setting-as-negative-zeroed": {"negative_prompt": None, "denoise": 0.5, "size": None},
    "k03-stale-display-beats-link": {},
    "k05-dotted-names": {"model": "wan9-t2v", **dict.fromkeys(("steps", "cfg_scale", "sampler", "scheduler"))}
    | dict.fromkeys(("denoise", "size")),
    "k06-dual-guider-negative-is-positive": VAE
    | {"prompt": "turn the heron blue", "cfg_scale": 3, "scheduler": "simple", "size": None},
    "k07-zipped-prompt-list": {"prompt": "an owl in a barn", "negative_prompt": "rust"},
    "k08-pass-without-words-first": {"size": None},
    "k08b-unsampling-pass-with-words": {"size": None},
    "k09-settings-behind-data-links": VAE | {"denoise": None, "size": None},
    "k09b-models-pipe-config-pipe": dict.fromkeys(("negative_prompt", "cfg_scale", "scheduler", "denoise", "size")),
    "k11-sentinel-names": {},
    "k12-model-behind-unusual-names": {
        "model": "heron_high.safetensors",
        "resources": [("model", "heron_low.safetensors", None, None), ("lora", "fast.safetensors", 1, None)],
    },
    "k13-negative-behind-nag": {
        "cfg_scale": 1,
        "sampler": "UniPC",
        "scheduler": "unipc",
        "denoise": None,
        "vae": "v.safetensors",
        "other": {"shift": 5},
    },
    "k14-image-denoise": {"cfg_scale": 4, "denoise": 0.6, "model": "hosted-3"}
    | dict.fromkeys(("negative_prompt", "steps", "sampler", "scheduler", "size")),
    "k15-prompt-under-another-name": {},
    "k16-vae-in-pipe": VAE,
    "k17-lora-strength-zero": {},
    "k18-choice-by-flags": {"sampler": "Euler Karras", "scheduler": "karras"},
}
"""By the name of a file, what it says otherwise than the usual."""
WARNINGS = {"k01-number-as-prompt": ("prompt-not-stored",)}


@needs_shared
@pytest.mark.parametrize("name", RIGHT)
def test_case(name: str) -> None:
    graph = json.loads((CASES / f"{name}.json").read_text())
    wanted = {key: value for key, value in (USUAL | RIGHT[name]).items() if value is not None}
    assert facts(read(graph, warnings=WARNINGS.get(name, ()))) == wanted


@needs_shared
def test_the_saver_is_the_one_of_this_size() -> None:
    graph = (CASES / "k04-saver-by-size.json").read_text()
    meta = extract(png(text_chunk("prompt", graph), header=ihdr(832, 1216)), hash=False).meta
    assert meta is not None
    assert (meta.prompt, meta.seed) == ("an owl in a barn", 77)


@needs_shared
@pytest.mark.parametrize("offset", ["0", "20"])
def test_exif_with_a_stale_offset(offset: str) -> None:
    meta = extract(CASES / f"k10-exif-offset-{offset}.webp", hash=False).meta
    assert meta is not None
    assert (meta.prompt, meta.negative_prompt, meta.seed, meta.steps) == ("a heron on a jetty", "fog", 41, 22)
