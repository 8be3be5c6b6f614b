from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.texts import only, png, said, warned

DATA = {
    "PositivePrompt": "a cat,\r\nfur\r\n",
    "NegativePrompt": "dog, \r\n",
    "Steps": 20,
    "Sampler": "Euler Ancestral Karras",
    "CfgScale": 5,
    "Seed": 2073041550,
    "Height": 1536,
    "Width": 1024,
    "ModelHash": "A5F58EB1C33616C4F06BCA55AF39876A7B817913CD829CAA8ACB111B770C85CC",
    "ModelName": "cats.safetensors",
    "Lossless": False,
    "VideoOutputMethod": None,
    "ModelVersionId": 123,
    "ExtraNetworkModelVersionIds": [456, "789"],
}
WANTED: dict[str, Any] = {
    "generator": "stability-matrix",
    "prompt": "a cat,\r\nfur",
    "negative_prompt": "dog,",
    "seed": 2073041550,
    "steps": 20,
    "cfg_scale": 5,
    "sampler": "Euler a Karras",
    "scheduler": "karras",
    "size": "1024x1536",
    "model": "cats.safetensors",
    "model_hash": "A5F58EB1C33616C4F06BCA55AF39876A7B817913CD829CAA8ACB111B770C85CC",
    "civitai_resources": [
        {"type": "checkpoint", "modelVersionId": 123},
        {"modelVersionId": 456},
        {"modelVersionId": 789},
    ],
    "other": {"Lossless": False},
}


def _project(**model: Any) -> dict[str, Any]:
    return {"Version": 2, "State": {"Model": model}}


@pytest.mark.parametrize(
    ("project", "clip_skip"),
    [
        (_project(ClipSkip=2, IsClipSkipEnabled=True), 2),
        (_project(ClipSkip=2, IsClipSkipEnabled=False), None),
        (_project(ClipSkip=3), 3),
        (_project(), None),
        ({"State": [1]}, None),
        ({"State": {"Model": "x"}}, None),
        ([], None),
        ("broken", None),
    ],
)
def test_clip_skip_of_the_project(project: Any, clip_skip: int | None) -> None:
    wanted = WANTED if clip_skip is None else {**WANTED, "clip_skip": clip_skip}
    assert only(png("parameters-json", DATA), png("smproj", project)) == wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"PositivePrompt": None, "Steps": "x"}, {"other": {"Steps": "x"}}),
        (
            {"ExtraNetworkModelVersionIds": ["x", 5]},
            {"civitai_resources": [{"modelVersionId": 5}], "other": {"ExtraNetworkModelVersionIds": ["x", 5]}},
        ),
        ({"ExtraNetworkModelVersionIds": 5}, {"other": {"ExtraNetworkModelVersionIds": 5}}),
        ({"ModelVersionId": [1]}, {"other": {"ModelVersionId": [1]}}),
    ],
)
def test_hostile_values(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    (finding,) = warned(png("parameters-json", data))
    assert said(finding) == {"generator": "stability-matrix", **wanted}
