"""Packs nobody has heard of: every class is invented, only shapes and input names speak."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parsers.comfyui.graphs import SAMPLER, STOCK, facts, node, read, said, stock


def renamed(graph: dict[str, Any], *, keep: frozenset[str] = frozenset(("9",))) -> dict[str, Any]:
    """The graph with every class but those of `keep` invented."""
    return {
        node_id: member if node_id in keep else {**member, "class_type": f"Zorp{node_id} 🦊"}
        for node_id, member in graph.items()
    }


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "all but the saver": (renamed(STOCK), said()),
    "all": (renamed(STOCK, keep=frozenset()), said()),
    "saver by its name": (stock({"9": node("QuickSave (Zorp)", image=["8", 0])}), said()),
    "sampler with a picture in its place": (
        stock(
            {
                "3": node(
                    "Zorp",
                    {key: value for key, value in SAMPLER["inputs"].items() if key != "latent_image"},
                    samples=["5", 0],
                )
            }
        ),
        said(),
    ),
    "sampler without seed and steps": (
        stock(
            {
                "3": node(
                    "Zorp",
                    sampler_name="lcm",
                    model=["4", 0],
                    positive=["6", 0],
                    negative=["7", 0],
                    latent_image=["5", 0],
                )
            }
        ),
        said(seed=None, steps=None, cfg_scale=None, sampler="LCM", scheduler=None, denoise=None),
    ),
    "settings on a node of their own": (
        stock(
            {
                "20": node(
                    "Zorp", seed=42, steps=20, cfg=7.0, sampler_name="dpmpp_2m", scheduler="karras", denoise=1.0
                ),
                "3": node(
                    "Zorp Sampler",
                    pipe=["20", 0],
                    model=["4", 0],
                    seed=["20", 1],
                    sampler_name=["20", 4],
                    positive=["6", 0],
                    negative=["7", 0],
                    latent_image=["5", 0],
                ),
            }
        ),
        said(),
    ),
    "loader under another name": (
        stock({"4": node("Zorp", my_file="x/cat.gguf", my_vae="v.safetensors")}),
        said(model="x/cat.gguf"),
    ),
    "model patched on the way": (
        stock({"20": node("Zorp Patch", strength=1, patch_name="p.bin", model=["4", 0])}, n3={"model": ["20", 0]}),
        said(),
    ),
    "conditioning changed on the way": (
        stock(
            {
                "20": node("Zorp", conditioning=["6", 0], amount=0.5),
                "21": node("Zorp", negative=["7", 0], positive=["20", 0]),
            },
            n3={"positive": ["21", 0], "negative": ["21", 1]},
        ),
        said(),
    ),
    "latent changed on the way": (
        stock({"20": node("Zorp Noise", latent=["5", 0], amount=0.5)}, n3={"latent_image": ["20", 0]}),
        said(),
    ),
    "picture changed on the way": (stock({"20": node("Zorp", image=["8", 0])}, n9={"images": ["20", 0]}), said()),
    "latent of another class": (
        stock({"5": node("Zorp", empty_latent_width=640, empty_latent_height=960)}),
        said(size="640x960"),
    ),
    "size in words": (
        stock({"5": node("Zorp", resolution="portrait - 832x1216 (2:3)")}),
        said(),
    ),
    "size picker with blanks": (
        stock({"20": node("Zorp", preset=" 1216 x 832")}, n5={"width": ["20", 0], "height": ["20", 1]}),
        said(size="1216x832"),
    ),
    "computed size": (
        stock({"20": node("Zorp", megapixels=1.0)}, n5={"width": ["20", 0], "height": ["20", 1]}),
        said(size=None),
    ),
    "a seed that is handed on": (
        stock(
            {"20": node("Zorp", value=["21", 0]), "21": node("Zorp", seed="42", control="fixed")},
            n3={"seed": ["20", 0]},
        ),
        said(),
    ),
    "a calculated number": (
        stock({"20": node("Zorp", a=["21", 0], b=2, value=5), "21": node("Zorp", value=10)}, n3={"steps": ["20", 0]}),
        said(steps=None),
    ),
    "everything on one node": (
        {
            "1": node(
                "Zorp",
                model="org/cat",
                prompt="a cat",
                negative_prompt="a dog",
                seed=42,
                steps=20,
                guidance_scale=7.0,
                width=832,
                height=1216,
                scheduler="karras",
            ),
            "9": node("SaveImage", images=["1", 0]),
        },
        {
            "prompt": "a cat",
            "negative_prompt": "a dog",
            "seed": 42,
            "steps": 20,
            "cfg_scale": 7.0,
            "sampler": "karras",
            "scheduler": "karras",
            "size": "832x1216",
            "model": "org/cat",
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_shape(name: str) -> None:
    graph, expected = CASES[name]
    assert facts(read(graph)) == expected
