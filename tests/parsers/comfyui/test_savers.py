"""Save nodes that write an infotext: which of its fields prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import node, read, stock

WITH_METADATA = {
    "filename": "%time_%seed",
    "extension": "png",
    "steps": 20,
    "cfg": 8.0,
    "modelname": "first in the list.safetensors",
    "sampler_name": "euler",
    "scheduler": "simple",
    "positive": "unknown",
    "negative": "unknown",
    "seed_value": 0,
    "width": 512,
    "height": 512,
}
ALL = frozenset(("prompt", "negative_prompt", "seed", "steps", "cfg_scale", "sampler", "scheduler", "size", "model"))
SAVERS: dict[str, tuple[dict[str, Any], frozenset[str] | None]] = {
    "plain": ({}, None),
    "unwired": ({"9": node("Save Image w/Metadata", WITH_METADATA, images=["8", 0])}, ALL),
    "wired in part": (
        {
            "9": node(
                "Image Saver", WITH_METADATA, images=["8", 0], positive=["20", 0], seed_value=["3", 0], width=["5", 0]
            )
        }
        | {"20": node("PrimitiveString", value="a cat")},
        ALL - {"prompt", "seed"},
    ),
    "an unknown saver with such widgets": (
        {"9": node("Mystery Save", image=["8", 0], steps=1, seed=2, positive="x")},
        frozenset(("steps", "seed", "prompt")),
    ),
    "widgets on a node of their own": (
        {
            "9": node("Image Saver Simple", filename="x", metadata=["20", 0], images=["8", 0]),
            "20": node("Image Saver Metadata", WITH_METADATA, positive=["21", 0]),
            "21": node("PrimitiveString", value="a cat"),
        },
        ALL - {"prompt"},
    ),
    "a saver that reads the graph": ({"9": node("SaveImageWithMetaData", images=["8", 0])}, frozenset()),
    "one that saves nothing": ({"20": node("Save Image w/Metadata", WITH_METADATA)}, None),
}


@pytest.mark.parametrize("name", SAVERS)
def test_saver(name: str) -> None:
    more, expected = SAVERS[name]
    finding = read(stock(more))
    assert finding.saver_defaults == expected
    assert (finding.prompt, finding.seed, finding.model) == ("a cat,", 42, "xl/cat.safetensors")
