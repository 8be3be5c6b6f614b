"""What looks like generation data must not vanish without a word; what only talks of it must not be accused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.embedded import XMP_PACKET
from extractor.ledger import Ledger
from extractor.parsers.registry import find
from tests.parsers.texts import codes, exif, png, sidecar, xmp

EDITOR = {"nodes": [{"id": 1, "type": "Mystery"}], "links": []}


@pytest.mark.parametrize(
    "text",
    [
        png("Comment", "steps=20 sampler=euler seed=5"),
        exif("UserComment", "STEPS = 20 | CFG = 7 | SEED = 5"),
        png("config", {"seed": 1, "steps": 2, "cfg": 3}),
        png("x", {"made": {"prompt": "a", "seed": "7", "num_inference_steps": 20}}),
        xmp("dc:description", "prompt=a cat; negative_prompt=dog; sampler=x"),
        png("c", '{"prompt": "a", "seed": 1, "steps": 2, "scale": 5, "uc'),
        png("c", '{"sui_image_params": {"a": '),
        exif("Make", 'prompt:{"3": {"class_type": "KSampler", "inputs": {'),
    ],
)
def test_said(text: Any) -> None:
    log = Ledger()
    assert find([text], log) == []
    (warning,) = (warning for warning in log.items if warning.code == "unrecognised-text")
    assert text.source in warning.message


@pytest.mark.parametrize(
    "text",
    [
        png("Comment", "A photo of my cat: steps, seed and prompt"),
        png("Comment", "prompt: a cat; seed: none; steps: many"),
        png("Comment", "Take 3 steps: seed the lawn, prompt: water it"),
        png("Description", "1girl, solo, steps, looking at viewer"),
        png("Comment", {"prompt": "a caption", "model": "gpt"}),
        png("Comment", {"width": 5, "height": 5, "model": "Canon EOS R5", "size": "5x5"}),
        exif("Model", "Canon EOS R5"),
        xmp(XMP_PACKET, '<x steps="20" seed="1" cfg="7"/>'),
        sidecar("txt", "1girl, seed: 5, steps: 7, cfg: 3"),
    ],
)
def test_unsaid(text: Any) -> None:
    assert "unrecognised-text" not in codes(text)


def test_what_lies_beside_data_that_was_read() -> None:
    infotext = png("parameters", "a\nSteps: 20, Seed: 1")
    graphs = (png("workflow", EDITOR), png("invokeai_graph", {"nodes": {}, "links": []}))
    assert "unrecognised-text" not in codes(infotext, *graphs)
    assert codes(infotext, png("other", "steps=20 sampler=euler seed=5")) == ["unrecognised-text"]


@pytest.mark.parametrize(
    "wrapped",
    [
        {"parameters": "a cat\nSteps: 20, Seed: 1"},
        {"Parameters": "a cat\nSteps: 20, Seed: 1", "software": "x"},
        {"UserComment": "a cat\nSteps: 20, Seed: 1"},
        {"meta": {"prompt": "a cat", "steps": 20, "seed": 1}},
        {"sd-metadata": json.dumps({"image": {"prompt": "a cat", "steps": 20, "seed": 1}, "app_id": "x"})},
    ],
)
def test_data_in_a_member_of_an_object(wrapped: Any) -> None:
    for text in (exif("UserComment", wrapped), png("Comment", wrapped)):
        log = Ledger()
        (finding,) = find([text], log)
        assert (finding.prompt, finding.steps, finding.seed, finding.text) == ("a cat", 20, 1, text)
        assert log.items == []
