"""Graphs in API form from few words, and findings as plain dicts of what they say."""

from __future__ import annotations

import json
from typing import Any

from extractor.embedded import Carrier, Text
from extractor.finding import Finding
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import parse

Graph = dict[str, Any]


def node(kind: str, inputs: Graph | None = None, /, **more: Any) -> Graph:
    """One node; `inputs` for names that are no Python words."""
    return {"class_type": kind, "inputs": {**(inputs or {}), **more}, "_meta": {"title": kind}}


CHECKPOINT = node("CheckpointLoaderSimple", ckpt_name="xl/cat.safetensors")
POSITIVE = node("CLIPTextEncode", text="a cat, ", clip=["4", 1])
NEGATIVE = node("CLIPTextEncode", text="a dog\n", clip=["4", 1])
LATENT = node("EmptyLatentImage", width=832, height=1216, batch_size=1)
SAMPLER = node(
    "KSampler",
    seed=42,
    steps=20,
    cfg=7.0,
    sampler_name="dpmpp_2m",
    scheduler="karras",
    denoise=1.0,
    model=["4", 0],
    positive=["6", 0],
    negative=["7", 0],
    latent_image=["5", 0],
)
DECODE = node("VAEDecode", samples=["3", 0], vae=["4", 2])
SAVE = node("SaveImage", filename_prefix="ComfyUI", images=["8", 0])

STOCK: Graph = {
    "3": SAMPLER,
    "4": CHECKPOINT,
    "5": LATENT,
    "6": POSITIVE,
    "7": NEGATIVE,
    "8": DECODE,
    "9": SAVE,
}
"""The workflow that ComfyUI starts with."""

STOCK_FACTS: Graph = {
    "prompt": "a cat,",
    "negative_prompt": "a dog",
    "seed": 42,
    "steps": 20,
    "cfg_scale": 7.0,
    "sampler": "DPM++ 2M Karras",
    "scheduler": "karras",
    "denoise": 1.0,
    "size": "832x1216",
    "model": "xl/cat.safetensors",
}
"""What it says."""


def stock(changes: Graph | None = None, /, **inputs: dict[str, Any]) -> Graph:
    """The stock workflow with nodes replaced or added, and with inputs of nodes changed (``n3={"seed": 1}``)."""
    graph = {**STOCK, **(changes or {})}
    for name, changed in inputs.items():
        old = graph[name[1:]]
        graph[name[1:]] = {**old, "inputs": {**old["inputs"], **changed}}
    return graph


def said(**changes: Any) -> Graph:
    """What the stock workflow says, but for changes; None takes a fact out."""
    return {name: value for name, value in (STOCK_FACTS | changes).items() if value is not None}


def texts_of(graph: Any, workflow: Any = None) -> list[Text]:
    texts = [Text("png", "tEXt", "prompt", json.dumps(graph), Carrier.CHUNK)]
    if workflow is not None:
        texts.append(Text("png", "tEXt", "workflow", json.dumps(workflow), Carrier.CHUNK))
    return texts


def read(
    graph: Any, workflow: Any = None, *, warnings: tuple[str, ...] = (), limits: Limits = DEFAULT_LIMITS
) -> Finding:
    """The one finding of a graph, which must give exactly these warning codes."""
    log = Ledger(limits)
    (finding,) = parse(Bundle.of(texts_of(graph, workflow), log))
    assert tuple(warning.code for warning in log.items) == warnings
    return finding


def facts(finding: Finding) -> Graph:
    """Every field that is there; resources as (type, name, weight, clip weight)."""
    names = (
        "prompt",
        "negative_prompt",
        "seed",
        "steps",
        "cfg_scale",
        "sampler",
        "scheduler",
        "denoise",
        "clip_skip",
        "size",
        "model",
        "vae",
        "saver_defaults",
    )
    found: Graph = {name: value for name in names if (value := getattr(finding, name)) is not None}
    if finding.resources:
        found["resources"] = [
            (claim.type, claim.name, claim.weight, claim.strength_clip) for claim in finding.resources
        ]
    if finding.civitai_resources:
        found["civitai_resources"] = finding.civitai_resources
    return found | ({"other": finding.other} if finding.other else {})
