"""The places where files keep graphs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.embedded import Carrier, Text
from extractor.finding import Kind
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import parse
from tests.parsers.comfyui.graphs import facts, node, read, said, stock

UNSTORED = stock({"20": node("LoadTextFile", path="x")}, n6={"text": ["20", 0]})
WORKFLOW = {"nodes": [{"id": 6, "type": "CLIPTextEncode", "widgets_values": ["from the editor"]}], "links": []}
GRAPH_JSON, WORKFLOW_JSON = json.dumps(UNSTORED), json.dumps(WORKFLOW)
PNG, EXIF, XMP, COMMENT = Carrier.CHUNK, Carrier.EXIF, Carrier.XMP, Carrier.COMMENT

STORED: dict[str, list[Text]] = {
    "png": [Text("png", "tEXt", "prompt", GRAPH_JSON, PNG), Text("png", "tEXt", "workflow", WORKFLOW_JSON, PNG)],
    "keywords in another case": [
        Text("png", "iTXt", "Workflow", WORKFLOW_JSON, PNG),
        Text("png", "iTXt", "Prompt", GRAPH_JSON, PNG),
    ],
    "animated WebP": [
        Text("webp", "exif", "Make", "workflow:" + WORKFLOW_JSON, EXIF),
        Text("webp", "exif", "Model", "prompt:" + GRAPH_JSON, EXIF),
    ],
    "SaveImageExtended": [
        Text("jpeg", "exif", "ImageDescription", "Workflow: " + WORKFLOW_JSON, EXIF),
        Text("jpeg", "exif", "Make", "Prompt: " + GRAPH_JSON, EXIF),
    ],
    "SaveImagePlus": [
        Text("jpeg", "exif", "UserComment", json.dumps({"prompt": UNSTORED, "workflow": WORKFLOW}), EXIF)
    ],
    "texts within texts": [
        Text("png", "tEXt", "workflow", json.dumps(WORKFLOW_JSON), PNG),
        Text("png", "tEXt", "prompt", json.dumps(GRAPH_JSON), PNG),
    ],
    "what the editor exports": [
        Text("jpeg", "exif", "UserComment", json.dumps({"workflow": WORKFLOW, "output": UNSTORED}), EXIF)
    ],
    "both as JSON text": [
        Text("mp4", "ilst", "comment", json.dumps({"prompt": GRAPH_JSON, "workflow": WORKFLOW_JSON}), PNG)
    ],
    "request to the server": [
        Text(
            "jpeg",
            "COM",
            "",
            json.dumps({"prompt": UNSTORED, "extra_data": {"extra_pnginfo": {"workflow": WORKFLOW}}}),
            COMMENT,
        )
    ],
    "XMP": [
        Text("avif", "xmp", "packet", f"<x>{GRAPH_JSON}</x>", XMP),
        Text("avif", "xmp", "comfy:prompt", GRAPH_JSON, XMP),
        Text("avif", "xmp", "comfy:workflow", WORKFLOW_JSON, XMP),
    ],
    "whole graph in a comment": [
        Text("jpeg", "COM", "", GRAPH_JSON, COMMENT),
        Text("jpeg", "exif", "workflow", WORKFLOW_JSON, EXIF),
    ],
}


@pytest.mark.parametrize("name", STORED)
def test_place(name: str) -> None:
    log = Ledger()
    bundle = Bundle.of(STORED[name], log)
    (finding,) = parse(bundle)
    assert facts(finding) == said(prompt="from the editor")
    assert (finding.generator, finding.kind, finding.version) == ("comfyui", Kind.GRAPH, None)
    assert "class_type" in finding.text.value
    assert [candidate.text for candidate in bundle.unclaimed() if candidate.key != "packet"] == []
    assert log.items == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "class_type",
        "{class_type",
        '{"class_type": "KSampler"}',
        '{"prompt": "a cat with class_type"}',
        '{"prompt": {"a": {"class_type": "X"}, "b": 1, "c": 2}}',
        'http://class_type {"1": {"class_type": "X"}}',
        '[{"class_type": "X"}]',
    ],
)
def test_other_texts_are_left_alone(value: str) -> None:
    bundle = Bundle.of([Text("png", "tEXt", "prompt", value, PNG)], Ledger())
    assert parse(bundle) == []
    assert len(list(bundle.unclaimed())) == 1


def test_every_graph_of_a_file_is_read() -> None:
    first, second = json.dumps(stock()), json.dumps(stock(n3={"seed": 1}))
    texts = [Text("png", "tEXt", "prompt", first, PNG), Text("png", "exif", "Model", "prompt:" + second, EXIF)]
    assert [finding.seed for finding in parse(Bundle.of(texts, Ledger()))] == [42, 1]


def test_not_a_number_is_no_fault() -> None:
    written = json.dumps({**stock(), "20": {"class_type": "X", "is_changed": [float("nan")], "inputs": {}}})
    bundle = Bundle.of([Text("png", "tEXt", "prompt", written, PNG)], Ledger())
    assert facts(parse(bundle)[0]) == said()


def test_too_many_nodes() -> None:
    log = Ledger(Limits(graph_nodes=3))
    assert parse(Bundle.of([Text("png", "tEXt", "prompt", json.dumps(stock()), PNG)], log)) == []
    assert [warning.code for warning in log.items] == ["limit:graph_nodes"]


def test_the_step_budget_ends_a_walk() -> None:
    graph: dict[str, Any] = stock()
    assert facts(read(graph, limits=Limits(graph_steps=5), warnings=("limit:graph_steps",))) != said()
