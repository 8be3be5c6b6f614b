from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.finding import Kind
from tests.parsers.texts import codes, found, only, png, sidecar, sources
from tests.support import INFOTEXT

API = {
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 5,
    "all_seeds": [5],
    "steps": 20,
    "cfg_scale": 7.5,
    "sampler_name": "DPM++ 2M",
    "width": 512,
    "height": 768,
    "sd_model_name": "cats",
    "sd_model_hash": "12345678",
    "clip_skip": 2,
    "denoising_strength": 0.4,
    "version": "v1.10.1",
}
API_WANTED = {
    "generator": "a1111",
    "version": "v1.10.1",
    "prompt": "a cat",
    "negative_prompt": "dog",
    "seed": 5,
    "steps": 20,
    "cfg_scale": 7.5,
    "sampler": "DPM++ 2M",
    "size": "512x768",
    "model": "cats",
    "model_hash": "12345678",
    "clip_skip": 2,
    "denoise": 0.4,
    "other": {"all_seeds": [5]},
}


@pytest.mark.parametrize(
    "value",
    [API, {"images": [], "parameters": {"prompt": "a cat"}, "info": json.dumps(API)}, {"info": API}],
    ids=["flat", "answer", "object"],
)
def test_a1111_json(value: Any) -> None:
    assert only(sidecar("json", value)) == API_WANTED


CIVITAI = {"prompt": "a", "seed": 1, "cfgScale": 7, "Model": "cats"}


@pytest.mark.parametrize("meta", [CIVITAI, {"id": 1, "meta": CIVITAI}], ids=["once", "twice"])
def test_civitai_record(meta: Any) -> None:
    value = {"id": 1, "url": "x", "meta": meta}
    assert only(sidecar("json", value)) == {
        "generator": "unknown",
        "prompt": "a",
        "seed": 1,
        "cfg_scale": 7,
        "model": "cats",
    }


@pytest.mark.parametrize(
    "text",
    [sidecar("txt", INFOTEXT), sidecar("json", {"parameters": INFOTEXT}), sidecar("json", {"info": INFOTEXT})],
    ids=["txt", "parameters", "info"],
)
def test_infotext(text: Any) -> None:
    (finding,) = found(text)
    assert (finding.generator, finding.kind, finding.prompt, finding.seed, finding.size) == (
        "a1111",
        Kind.SIDECAR,
        "a cat",
        1,
        "512x512",
    )


def test_labelled_lines() -> None:
    assert only(sidecar("txt", "prompt: a\nseed: 1\nsteps: 2")) == {
        "generator": "unknown",
        "prompt": "a",
        "seed": 1,
        "steps": 2,
    }


@pytest.mark.parametrize(
    "text",
    [
        sidecar("txt", "1girl, solo, long hair"),
        sidecar("txt", "a cat: sitting, on: a roof"),
        sidecar("txt", "prompt: a, seed: 1, steps: 2"),
        sidecar("txt", ""),
        sidecar("json", {"id": 1, "meta": {"prompt": "a", "seed": 1, "steps": 2}, "extraction": {"stamp": {}}}),
        sidecar("json", {"prompt": {"3": {"class_type": "KSampler", "inputs": {}}}}),
        sidecar("json", ""),
        sidecar("swarm.json", {"prompt": "a", "seed": 1, "steps": 2, "model": "m"}),
        sidecar("yaml", INFOTEXT),
    ],
)
def test_not_generation_data(text: Any) -> None:
    assert found(text) == []


def test_what_was_made_stands_before_what_was_asked_for() -> None:
    asked = {"prompt": "a __wild__", "seed": -1, "steps": 20, "cfg_scale": 7.5, "sampler_name": "DPM++ 2M"}
    (made, request) = found(sidecar("json", {"images": [], "parameters": asked, "info": json.dumps(API)}))
    assert (made.prompt, made.seed, made.text.key) == ("a cat", 5, "info")
    assert (request.prompt, request.seed, request.text.key) == ("a __wild__", None, "parameters")


def test_sidecars_come_last_and_do_not_hide_each_other() -> None:
    swarm = {"sui_image_params": {"prompt": "a"}}
    texts = (sidecar("swarm.json", swarm), sidecar("json", API), sidecar("txt", INFOTEXT), png("parameters", INFOTEXT))
    assert sources(*texts) == [
        ("a1111", Kind.INFOTEXT, "png:tEXt:parameters"),
        ("swarmui", Kind.SIDECAR, "sidecar:swarm.json"),
        ("a1111", Kind.SIDECAR, "sidecar:json"),
        ("a1111", Kind.SIDECAR, "sidecar:txt"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"parameters": INFOTEXT},
        {"Parameters": [INFOTEXT]},
        {"exif": {"UserComment": INFOTEXT}},
        {"info": {"metadata": {"parameters": INFOTEXT}}},
        [INFOTEXT],
        json.dumps(INFOTEXT),
    ],
    ids=["member", "list", "exif", "deep", "list alone", "string"],
)
def test_wrapped_infotext(value: Any) -> None:
    assert only(png("Comment", value)) == only(png("parameters", INFOTEXT))


def test_several_texts_are_not_chosen_from() -> None:
    assert codes(png("Comment", [INFOTEXT, INFOTEXT])) == ["unrecognised-text"]
