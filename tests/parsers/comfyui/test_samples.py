"""Real files with an executed graph: every field that the graph has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import parse
from extractor.readers.registry import read_embedded
from extractor.vocabulary.models import strip_model_name
from tests.parsers.comfyui.graphs import facts
from tests.support import SHARED, needs_shared

MIKU = "general, masterpiece, best quality, amazing quality, \n1girl, solo, hatsune miku"
BAD = "bad quality, worst quality, worst detail, sketch, censor"
A = {"sampler": "Euler a Karras", "scheduler": "karras"}

FILES: dict[str, dict[str, Any]] = {
    "civitai-hires.jpg": {
        "sampler": "Euler a",
        "denoise": 0.3,
        "size": "1536x1536",
        "civitai_resources": [
            {"type": "checkpoint", "modelVersionId": 2514310},
            {"type": "upscaler", "modelVersionId": 164821},
        ],
    },
    "comfyui-animated-webp.webp": A,
    "comfyui-comfy-image-saver.png": A
    | {
        "saver_defaults": frozenset(
            ("prompt", "negative_prompt", "seed", "steps", "cfg_scale", "sampler", "scheduler", "size", "model")
        )
    },
    "comfyui-comfyroll.png": {
        "sampler": "Euler a",
        "resources": [("upscaler", "ESRGAN-Remacri-4x.pth", None, None)],
    },
    "comfyui-hires.png": A | {"resources": [("upscaler", "RealESRGAN_x4plus_anime_6B.pth", None, None)]},
    "comfyui-rgthree.png": A,
    "comfyui-save-image-extended.jpeg": A,
    "comfyui-saveimage-plus.webp": A,
    "comfyui.png": A,
    "krea2.png": {
        "prompt": None,
        "negativePrompt": None,
        "sampler": "Euler",
        "size": None,
        "vae": "qwen_image_vae.safetensors",
        "resources": [("vae", "qwen_image_vae.safetensors", None, None)],
    },
    "stability-matrix-hires.png": A
    | {
        "prompt": MIKU.replace("\n", "\r\n") + ",",
        "resources": [("upscaler", "RealESRGAN_x4plus_anime_6B.pth", None, None)],
    },
    "swarmui-hires.png": A
    | {
        "denoise": None,
        "size": "768x768",
        "resources": [("upscaler", "RealESRGAN_x4plus_anime_6B.pth", None, None)],
    },
    "tensorart.png": A | {"negativePrompt": BAD, "Model": "EMS-1401459-EMS"},
}
"""What the list of expected fields lacks, or what the graph says otherwise than the rest of the file."""
FIELDS = {
    "prompt": "prompt",
    "negativePrompt": "negative_prompt",
    "seed": "seed",
    "steps": "steps",
    "cfgScale": "cfg_scale",
    "clipSkip": "clip_skip",
    "Model": "model",
    "sampler": "sampler",
    "scheduler": "scheduler",
}


@needs_shared
@pytest.mark.parametrize("name", FILES)
def test_every_field(name: str) -> None:
    listed = json.loads((SHARED / "samples" / "expected.json").read_text())[name]
    wanted = {"size": "1024x1024", "denoise": 1.0} | {key: value for key, value in listed.items() if key in FIELDS}
    wanted |= FILES[name]
    log = Ledger()
    bundle = Bundle.of(read_embedded(BytesSource((SHARED / "samples" / name).read_bytes()), log).texts, log)
    (finding,) = parse(bundle)
    got = facts(finding)
    if finding.model is not None:
        got["model"] = strip_model_name(finding.model)
    assert got == {FIELDS.get(key, key): value for key, value in wanted.items() if value is not None}
    assert [warning.code for warning in log.items] == (["prompt-not-stored"] if name == "krea2.png" else [])
