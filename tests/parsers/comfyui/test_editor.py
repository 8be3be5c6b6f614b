"""Workflows that only the editor left: what is certain is read, the rest is absent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.embedded import Carrier, Text
from extractor.finding import Finding, Kind
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import parse
from extractor.parsers.comfyui.editor import convert, looks_like_workflow
from tests.parsers.comfyui.graphs import STOCK as EXECUTED
from tests.parsers.comfyui.graphs import facts, said, stock
from tests.parsers.comfyui.workflows import (
    CHECKPOINT,
    DECODE,
    NEGATIVE,
    POSITIVE,
    ROW,
    SAMPLER,
    SAVE,
    STOCK,
    WIRES,
    Workflow,
    placed,
    replaced,
    rewired,
    workflow,
)

EDITOR = ("editor-graph",)
UNSTORED = (*EDITOR, "prompt-not-stored")


def read(drawn: Workflow, *, warnings: tuple[str, ...] = EDITOR, limits: Limits | None = None) -> Finding:
    log = Ledger(limits or Limits())
    (finding,) = parse(Bundle.of([Text("png", "tEXt", "workflow", json.dumps(drawn), Carrier.CHUNK)], log))
    assert finding.kind is Kind.EDITOR
    assert tuple(warning.code for warning in log.items) == warnings
    return finding


def drawn(*new: Workflow, **more: Any) -> Workflow:
    return workflow(*replaced(STOCK, *new), **more)


def reaching(downstream: int, slot: int, upstream: int | str, output: int) -> Workflow:
    return {
        "downstream": downstream,
        "downstream_slot": slot,
        "upstream": upstream,
        "upstream_slot": output,
        "controller": 30,
        "type": "CLIP",
    }


UNCLIPPED = rewired(POSITIVE, clip=None)
LORA = placed(
    20,
    "LoraLoader",
    {"model": (4, 0), "clip": (4, 1)},
    ["a.safetensors", 0.5, 0.5],
    outputs=("MODEL", "CLIP"),
)
WITH_LORA = (rewired(SAMPLER, model=(20, 0)), rewired(POSITIVE, clip=(20, 1)))
CN = placed(
    21,
    "ControlNetApplyAdvanced",
    {"positive": (6, 0), "negative": (7, 0), "control_net": None, "image": None},
    [1, 0, 1],
    types={"positive": "CONDITIONING", "negative": "CONDITIONING"},
    outputs=("CONDITIONING", "CONDITIONING"),
)
THROUGH_CN = rewired(SAMPLER, positive=(21, 0), negative=(21, 1))
LINKS: dict[str, Workflow] = {
    "links as lists": drawn(),
    "links as objects": drawn(as_objects=True),
    "links by their ids": drawn() | {"links": {str(link[0]): link for link in drawn()["links"]}},
    "reroutes": drawn(
        rewired(SAMPLER, model=(20, 0)),
        placed(20, "Reroute", {"": (21, 0)}, outputs=("*",)),
        placed(21, "Reroute (rgthree)", {"": (4, 0)}, outputs=("*",)),
    ),
    "a primitive": drawn(
        rewired(SAMPLER, [7, "randomize", 9, 7.0, "dpmpp_2m", "karras", 1.0], seed=(20, 0), steps=(21, 0)),
        placed(20, "PrimitiveNode", {}, [42, "fixed"], outputs=("INT",)),
        placed(21, "PrimitiveNode", {}, [20, "fixed"], outputs=("INT",)),
    ),
    "a primitive of words": drawn(
        rewired(POSITIVE, ["old"], text=(20, 0)), placed(20, "PrimitiveNode", {}, ["a cat, "], outputs=("STRING",))
    ),
    "set and get": drawn(
        rewired(SAMPLER, model=(20, 0)),
        placed(20, "GetNode", {}, ["the model"], outputs=("MODEL",)),
        placed(21, "SetNode", {"MODEL": (4, 0)}, ["the model"], outputs=("MODEL",)),
        placed(22, "SetNode", {"CLIP": (4, 1)}, ["the clip"], outputs=("CLIP",)),
    ),
    "behind a setter": drawn(
        rewired(SAMPLER, model=(21, 0)), placed(21, "SetNode", {"MODEL": (4, 0)}, ["m"], outputs=("MODEL",))
    ),
    "anything everywhere": drawn(UNCLIPPED, extra={"ue_links": [reaching(6, 0, "4", 1)]}),
    "a bypassed loader": drawn({**LORA, "mode": 4}, *WITH_LORA),
    "a bypassed pair of one type": drawn({**CN, "mode": 4}, THROUGH_CN),
    "a bypassed reroute": drawn(
        rewired(SAMPLER, model=(20, 0)),
        placed(20, "ModelPatch", {"clip": (4, 1), "model": (4, 0)}, [], mode=4, outputs=("MODEL",)),
    ),
    "a node that is none": drawn() | {"nodes": [*drawn()["nodes"], None, {"id": 77}, {"id": {}, "type": 3}]},
    "remarks": drawn(placed(30, "Note", {}, ["a note"]), placed(31, "MarkdownNote", {}, ["# one"])),
}


@pytest.mark.parametrize("name", LINKS)
def test_links(name: str) -> None:
    assert facts(read(LINKS[name])) == said()


INNER = "b0e5ca93-2731-42b9-8e0a-d28ea851ff81"


def subgraph(*nodes: Workflow, name: str = INNER, ends: tuple[tuple[int, int], ...], **more: Any) -> Workflow:
    return {"id": name, **workflow(*nodes, as_objects=True, ends=ends, **more)}


def use(node_id: int, wires: Workflow, values: Any = None, *, name: str = INNER, **more: Any) -> Workflow:
    return placed(node_id, name, wires, values, outputs=("IMAGE",), **more)


def within(definition: Workflow, instance: Workflow, *others: Workflow, more: tuple[Workflow, ...] = ()) -> Workflow:
    return workflow(*others, instance, rewired(SAVE, images=(30, 0)), definitions={"subgraphs": [definition, *more]})


ALL_INSIDE = subgraph(CHECKPOINT, POSITIVE, NEGATIVE, *STOCK[3:6], ends=((8, 0),))
PROMPTED = subgraph(
    CHECKPOINT,
    rewired(POSITIVE, ["the template's words"], text=(-10, 0)),
    NEGATIVE,
    rewired(STOCK[3], [512, 512, 1], width=(-10, 1), height=(-10, 2)),
    *STOCK[4:6],
    ends=((8, 0),),
)
SIZES = {"text": None, "width": (31, 0), "height": (32, 0)}
WIDE = placed(31, "PrimitiveInt", {}, [832], outputs=("INT",))
HIGH = placed(32, "PrimitiveInt", {}, [1216], outputs=("INT",))
USED = {"text": None, "width": None, "height": None}
NESTED = "11111111-2222"
SUBGRAPHS: dict[str, Workflow] = {
    "all inside": within(ALL_INSIDE, use(30, {})),
    "values where it is used": within(
        PROMPTED, use(30, USED, ["a cat, ", 832, 1216], named=("text", "width", "height"))
    ),
    "wires where it is used": within(
        PROMPTED, use(30, SIZES, ["a cat, ", 1, 1], named=("text", "width", "height")), WIDE, HIGH
    ),
    "one in the other": within(
        subgraph(use(40, {"text": (-10, 0), "width": (-10, 1), "height": (-10, 2)}, name=NESTED), ends=((40, 0),)),
        use(30, USED, ["a cat, ", 832, 1216], named=("text", "width", "height")),
        more=({**PROMPTED, "id": NESTED},),
    ),
    "a getter inside": within(
        subgraph(
            placed(4, "GetNode", {}, ["m"], outputs=("MODEL",)),
            placed(14, "GetNode", {}, ["c"], outputs=("CLIP",)),
            rewired(POSITIVE, clip=(14, 0)),
            rewired(NEGATIVE, clip=(14, 0)),
            *STOCK[3:5],
            rewired(DECODE, vae=None),
            ends=((8, 0),),
        ),
        use(30, {}),
        CHECKPOINT,
        placed(34, "SetNode", {"MODEL": (4, 0)}, ["m"]),
        placed(35, "SetNode", {"CLIP": (4, 1)}, ["c"]),
    ),
}


@pytest.mark.parametrize("name", SUBGRAPHS)
def test_subgraphs(name: str) -> None:
    assert facts(read(SUBGRAPHS[name])) == said()


def test_ids_say_in_which_subgraph_a_node_is() -> None:
    assert set(convert(SUBGRAPHS["one in the other"], Ledger()).members) == {
        *("9", "30:40:3", "30:40:4", "30:40:5", "30:40:6", "30:40:7", "30:40:8")
    }


DOUBTFUL: dict[str, tuple[Workflow, dict[str, Any], tuple[str, ...]]] = {
    "a seed that changes": (drawn(rewired(SAMPLER, [42, "randomize", *ROW[2:]])), {"seed": None}, EDITOR),
    "a seed that went up": (drawn(rewired(SAMPLER, [42, "increment", *ROW[2:]])), {"seed": None}, EDITOR),
    "a seed before control had names": (drawn(rewired(SAMPLER, [42, True, *ROW[2:]])), {"seed": None}, EDITOR),
    "a seed of a primitive that changes": (
        drawn(rewired(SAMPLER, seed=(20, 0)), placed(20, "PrimitiveNode", {}, [42, "randomize"])),
        {"seed": None},
        EDITOR,
    ),
    "a seed where a subgraph is used": (
        within(
            subgraph(*STOCK[:4], rewired(SAMPLER, seed=(-10, 0)), DECODE, ends=((8, 0),)),
            use(30, {"seed": None}, [42], named=("seed",)),
        ),
        {"seed": None},
        EDITOR,
    ),
    "no value where a subgraph is used": (
        within(PROMPTED, use(30, USED, named=("text", "width", "height"))),
        {"prompt": None, "size": None},
        EDITOR,
    ),
    "too many values": (
        drawn(rewired(SAMPLER, [*ROW, "more"])),
        {},
        EDITOR,
    ),
    "a value of another kind": (
        drawn(rewired(SAMPLER, [42, "fixed", "20", 7.0, "dpmpp_2m", "karras", 1.0])),
        dict.fromkeys(("steps", "cfg_scale", "sampler", "scheduler", "denoise")),
        EDITOR,
    ),
    "a class that nobody knows": (
        drawn(placed(6, "FancyEncode", {"clip": (4, 1)}, ["a cat, ", 3], outputs=("CONDITIONING",))),
        {"prompt": None},
        UNSTORED,
    ),
    "a text drawn by lot": (drawn(rewired(POSITIVE, ["a {black|white} cat"])), {"prompt": None}, EDITOR),
    "a text behind a class that nobody knows": (
        drawn(
            rewired(POSITIVE, ["old"], text=(20, 0)),
            placed(20, "Styler", {"text": (21, 0)}, ["photo", 7], outputs=("STRING",)),
            placed(21, "PrimitiveString", {}, ["a cat"], outputs=("STRING",)),
        ),
        {"prompt": None},
        UNSTORED,
    ),
    "a number behind a class that nobody knows": (
        drawn(
            rewired(SAMPLER, steps=(20, 0)),
            placed(20, "Half", {"int": (21, 0)}, ["up"], outputs=("INT",)),
            placed(21, "PrimitiveInt", {}, [40], outputs=("INT",)),
        ),
        {"steps": None},
        EDITOR,
    ),
    "a muted encoder": (drawn({**NEGATIVE, "mode": 2}), {"negative_prompt": None}, EDITOR),
    "a bypassed encoder": (drawn({**NEGATIVE, "mode": 4}), {"negative_prompt": None}, EDITOR),
    "a getter of nothing": (
        drawn(rewired(SAMPLER, model=(20, 0)), placed(20, "GetNode", {}, ["none"])),
        {"model": None},
        EDITOR,
    ),
    "two pictures": (
        drawn(
            placed(6, "CLIPTextEncode", {"clip": (4, 1)}, ["a cat, "]),
            placed(13, "KSampler", {**WIRES, "positive": (16, 0)}, [9, "fixed", *ROW[2:]]),
            placed(16, "CLIPTextEncode", {"clip": (4, 1)}, ["an owl"]),
            placed(18, "VAEDecode", {"samples": (13, 0), "vae": (4, 2)}),
            placed(19, "SaveImage", {"images": (18, 0)}, ["x"]),
        ),
        {"prompt": None, "seed": None},
        EDITOR,
    ),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_not_certain_is_absent(name: str) -> None:
    graph, changes, warnings = DOUBTFUL[name]
    assert facts(read(graph, warnings=warnings)) == said(**changes)


NAMED: dict[str, Workflow] = {
    "an object": rewired(SAMPLER, dict(zip(("seed", "control_after_generate", "steps", "cfg"), ROW, strict=False)))
    | {"type": "MySampler"},
    "its own names": placed(
        3,
        "MySampler",
        WIRES,
        [*ROW, "a.png", "image"],
        named=("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise", "mask"),
    ),
    "a row of settings": rewired(SAMPLER, ["x", 3, *ROW, False]) | {"type": "MySampler"},
}


@pytest.mark.parametrize("name", NAMED)
def test_names_of_values(name: str) -> None:
    wanted = said() if name != "an object" else said(sampler=None, scheduler=None, denoise=None)
    assert facts(read(drawn(NAMED[name]))) == wanted


COMMENTS = {
    "a cat /* not */on a mat": "a cat on a mat",
    "a cat // not\non a mat": "a cat \non a mat",
    "a cat // not": "a cat",
    "a cat, 1/2 /": "a cat, 1/2 /",
    "a /* open": "a /* open",
    "a /* b /* c */ d */": "a  d */",
    "http://x": "http:",
}


@pytest.mark.parametrize("text", COMMENTS)
def test_comments_were_not_sent(text: str) -> None:
    assert read(drawn(rewired(POSITIVE, [text]))).prompt == COMMENTS[text]


def test_a_plain_string_is_sent_as_it_is() -> None:
    graph = drawn(
        rewired(POSITIVE, [""], text=(20, 0)),
        placed(20, "PrimitiveStringMultiline", {}, ["a {b|c} // d"], outputs=("STRING",)),
    )
    assert read(graph).prompt == "a {b|c} // d"


PLACES: dict[str, Text] = {
    "another keyword": Text("png", "tEXt", "ui", json.dumps(drawn()), Carrier.CHUNK),
    "a label": Text("webp", "exif", "Make", "workflow:" + json.dumps(drawn()), Carrier.EXIF),
    "a member": Text("mp4", "ilst", "comment", json.dumps({"workflow": drawn()}), Carrier.CHUNK),
    "a text in a member": Text("mp4", "ilst", "comment", json.dumps({"workflow": json.dumps(drawn())}), Carrier.CHUNK),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    (finding,) = parse(Bundle.of([PLACES[name]], Ledger()))
    assert (facts(finding), finding.text) == (said(), PLACES[name])


def test_an_executed_graph_leaves_no_word_to_the_editor() -> None:
    texts = [
        Text("png", "tEXt", "workflow", json.dumps(drawn(rewired(POSITIVE, ["an owl"]))), Carrier.CHUNK),
        Text("png", "tEXt", "prompt", json.dumps(stock(n6={"text": ["99", 0]})), Carrier.CHUNK),
    ]
    log = Ledger()
    (finding,) = parse(Bundle.of(texts, log))
    assert (finding.kind, finding.prompt, log.items) == (Kind.GRAPH, None, [])


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"nodes": [], "links": []},
        {"nodes": [{"id": 1}], "links": []},
        {"nodes": [{"id": "a", "type": "invocation"}], "edges": []},
        {"nodes": {"1": {"id": 1, "type": "A"}}, "links": []},
        {"nodes": [1], "links": []},
        [],
        EXECUTED,
    ],
)
def test_other_objects_are_no_workflows(value: Any) -> None:
    assert not looks_like_workflow(value)


def test_cycles_end() -> None:
    graph = drawn(
        rewired(SAMPLER, model=(20, 0)),
        placed(20, "Reroute", {"": (21, 0)}, outputs=("*",)),
        placed(21, "Reroute", {"": (20, 0)}, outputs=("*",)),
    )
    assert facts(read(graph, warnings=("graph-cycle", *EDITOR))) == said(model=None)


def test_long_ways_are_bounded() -> None:
    line = [placed(number, "Reroute", {"": (number + 1, 0)}, outputs=("*",)) for number in range(100, 2_000)]
    graph = drawn(rewired(SAMPLER, model=(100, 0)), *line, placed(2_000, "Reroute", {"": (4, 0)}))
    assert facts(read(graph)) == said()
    assert read(graph, warnings=("limit:graph_steps", *EDITOR), limits=Limits(graph_steps=2_500)).model is None


def bomb(uses: int) -> Workflow:
    """A subgraph that holds itself several times."""
    inside = subgraph(*(use(number, {}) for number in range(uses)), ends=((0, 0),))
    return workflow(use(1, {}), definitions={"subgraphs": [inside]})


@pytest.mark.parametrize("uses", [1, 2, 50])
def test_subgraphs_inside_themselves_are_bounded(uses: int) -> None:
    log = Ledger()
    assert convert(bomb(uses), log).members == {}
    assert [warning.code for warning in log.items] == ["limit:graph_nodes"]


def test_one_large_subgraph_used_often_is_bounded() -> None:
    inside = subgraph(placed(1, "Large", {}, list(range(20_000))), ends=((1, 0),))
    graph = workflow(*(use(number, {}) for number in range(5_000)), definitions={"subgraphs": [inside]})
    assert len(convert(graph, Ledger()).members) < 30
