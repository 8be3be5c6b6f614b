"""Prompts: up through string nodes, switches and conditionings."""

from __future__ import annotations

import re
from typing import Any

import pytest

from extractor.limits import Limits
from extractor.parsers.comfyui import keys, picture, savers, textkeys
from tests.parsers.comfyui.graphs import facts, node, read, said, stock

LLM = node(
    "TextGenerate",
    {"prompt": ["21", 0], "max_length": 512, "sampling_mode": "on", "sampling_mode.temperature": 0.7, "clip": ["4", 1]},
)
SYSTEM = node("PrimitiveStringMultiline", value="You are an expert prompt engineer.")

STRINGS: dict[str, tuple[dict[str, Any], str | None]] = {
    "primitive": ({"20": node("PrimitiveString", value="a cat")}, "a cat"),
    "text box with a capital": ({"20": node("DF_Text_Box", Text="a cat\n")}, "a cat"),
    "nested joins": (
        {
            "20": node("StringConcatenate", string_a=["21", 0], string_b=["22", 0], delimiter=", "),
            "21": node("JoinStringMulti", inputcount=2, string_1="a", string_2=["22", 0], delimiter=" "),
            "22": node(
                "Text Concatenate", delimiter="\\n", clean_whitespace="true", text_b=" c ", text_a=["23", 0], text_c=""
            ),
            "23": node("PrimitiveString", value=" b"),
        },
        "a b\nc, b\nc",
    ),
    "a shared subtree": (
        {
            "20": node("JoinStrings", delimiter=" + ", string1=["21", 0], string2=["21", 0]),
            "21": node("PrimitiveString", value="cat"),
        },
        "cat + cat",
    ),
    "ten pieces in order": (
        {
            "20": node(
                "JoinStringMulti",
                {f"string_{number}": str(number) for number in (10, 2, 1, 3)},
                inputcount=10,
                delimiter=" ",
            )
        },
        "1 2 3 10",
    ),
    "tidy tags": (
        {"20": node("StringFunction|pysssss", action="append", tidy_tags="yes", text_a="a", text_b="b", text_c="")},
        "a, b",
    ),
    "separate texts by slot": (
        {"20": node("Text String", text="a", text_b="b", text_c="c", text_d="d")},
        "a",
    ),
    "replaced": ({"20": node("StringReplace", string="a NAME", find="NAME", replace="cat")}, "a cat"),
    "shown text of unstored origin": (
        {"20": node("ShowText|pysssss", text=["21", 0], text_0="a cat"), "21": node("LoadTextFile", path="x.txt")},
        "a cat",
    ),
    "shown text of the run before": (
        {"20": node("ShowText|pysssss", text=["21", 0], text_0="a dog"), "21": node("PrimitiveString", value="a cat")},
        "a cat",
    ),
    "preview of any value": (
        {"20": node("PreviewAny", source=["21", 0]), "21": node("PrimitiveString", value="a cat")},
        "a cat",
    ),
    "wildcards": (
        {"20": node("ImpactWildcardProcessor", wildcard_text="{a|b}", populated_text="a cat", mode="populate", seed=1)},
        "a cat",
    ),
    "a dynamic prompt with nothing to fill in": ({"20": node("DPRandomGenerator", text="a cat", seed=1)}, "a cat"),
    "switch on": (
        {
            "20": node("ComfySwitchNode", switch=["22", 0], on_true=["21", 0], on_false="a dog"),
            "21": node("PrimitiveString", value="a cat"),
            "22": node("PrimitiveBoolean", value=True),
        },
        "a cat",
    ),
    "switch off": ({"20": node("ComfySwitchNode", switch=False, on_true="a dog", on_false="a cat")}, "a cat"),
    "numbered switch": (
        {"20": node("ImpactSwitch", select=2, input1="a dog", input2=["21", 0]), "21": node("Text", text="a cat")},
        "a cat",
    ),
    "capital Input": ({"20": node("CR Text Input Switch", Input=2, text1="a dog", text2="a cat")}, "a cat"),
    "index from zero": (
        {
            "20": node("easy anythingIndexSwitch", index=0, value0=["21", 0], value1=["22", 0]),
            "21": node("Text", text="a cat"),
            "22": node("Text", text="a dog"),
        },
        "a cat",
    ),
    "lettered switch": ({"20": node("Text Input Switch", boolean=False, text_a="a dog", text_b="a cat")}, "a cat"),
    "first wired": (
        {"20": node("Any Switch (rgthree)", any_02=["21", 0], any_03=["22", 0])}
        | {"21": node("Text", text="a cat"), "22": node("Text", text="a dog")},
        "a cat",
    ),
    "unknown selector, same text": (
        {"20": node("ImpactSwitch", select=["21", 0], input1="a cat", input2="a cat"), "21": node("Dice")},
        "a cat",
    ),
    "an unknown node with one text": ({"20": node("Mystery", my_flag=True, prompt="a cat")}, "a cat"),
    "an unknown node on the way": (
        {"20": node("Mystery", whatever=["21", 0], flag=1), "21": node("Text", text="a cat")},
        "a cat",
    ),
}


@pytest.mark.parametrize("name", STRINGS)
def test_string_nodes(name: str) -> None:
    more, expected = STRINGS[name]
    assert facts(read(stock(more, n6={"text": ["20", 0]}))) == said(prompt=expected)


NOT_STORED: dict[str, tuple[dict[str, Any], str | None]] = {
    "language model": ({"20": LLM, "21": SYSTEM}, None),
    "language model by its settings": (
        {"20": node("Mystery", text="write a prompt", temperature=0.7, max_tokens=100)},
        None,
    ),
    "language model by its instructions": (
        {"20": node("Mystery", system_prompt="write a prompt", text="a cat")},
        None,
    ),
    "captioner": ({"20": node("WD14Tagger|pysssss", image=["8", 0], threshold=0.35, exclude_tags="")}, None),
    "file": ({"20": node("Load Text File", file_path="prompts.txt", dictionary_name="[filename]")}, None),
    "wildcards": ({"20": node("DPRandomGenerator", text="a {cat|dog} __place__", seed=1)}, None),
    "unknown selector": (
        {"20": node("ImpactSwitch", select=["21", 0], input1="a cat", input2="a dog"), "21": node("Dice")},
        None,
    ),
    "a known piece stays": (
        {"20": node("StringConcatenate", string_a=["21", 0], string_b="best quality", delimiter=", ")}
        | {"21": node("OllamaGenerate", prompt="write")},
        "best quality",
    ),
}


@pytest.mark.parametrize("name", NOT_STORED)
def test_a_text_made_at_run_time_is_absent(name: str) -> None:
    more, expected = NOT_STORED[name]
    graph = stock(more, n6={"text": ["20", 0]})
    assert facts(read(graph, warnings=("prompt-not-stored",))) == said(prompt=expected)


CONDITIONINGS: dict[str, tuple[dict[str, Any], str]] = {
    "combined": (
        {"20": node("ConditioningCombine", conditioning_1=["21", 0], conditioning_2=["22", 0])},
        "sky\nsea",
    ),
    "concatenated": (
        {"20": node("ConditioningConcat", conditioning_from=["22", 0], conditioning_to=["21", 0])},
        "sky\nsea",
    ),
    "averaged": (
        {
            "20": node(
                "ConditioningAverage",
                conditioning_to_strength=0.5,
                conditioning_to=["21", 0],
                conditioning_from=["22", 0],
            )
        },
        "sky\nsea",
    ),
    "areas": (
        {
            "20": node("ConditioningCombine", conditioning_1=["23", 0], conditioning_2=["24", 0]),
            "23": node("ConditioningSetArea", width=64, height=64, x=0, y=0, strength=1, conditioning=["21", 0]),
            "24": node("ConditioningSetTimestepRange", start=0, end=1, conditioning=["22", 0]),
        },
        "sky\nsea",
    ),
    "the same words twice": (
        {"20": node("ConditioningCombine", conditioning_1=["21", 0], conditioning_2=["21", 0])},
        "sky",
    ),
    "a zeroed part": (
        {"20": node("ConditioningCombine", conditioning_1=["23", 0], conditioning_2=["21", 0])}
        | {"23": node("ConditioningZeroOut", conditioning=["22", 0])},
        "sky",
    ),
    "unCLIP": ({"20": node("unCLIPConditioning", strength=1, noise_augmentation=0, conditioning=["21", 0])}, "sky"),
    "reference latent": ({"20": node("ReferenceLatent", conditioning=["21", 0], latent=["5", 0])}, "sky"),
    "old ControlNet": (
        {"20": node("ControlNetApply", strength=1, conditioning=["21", 0], control_net=["404", 0], image=["8", 0])},
        "sky",
    ),
    "conditioning switch": (
        {"20": node("CR Conditioning Input Switch", Input=1, conditioning1=["21", 0], conditioning2=["22", 0])},
        "sky",
    ),
    "GLIGEN": (
        {"20": node("GLIGENTextBoxApply", text="sun", width=64, height=64, conditioning_to=["21", 0], clip=["4", 1])},
        "sky",
    ),
    "SDXL": (
        {"20": node("CLIPTextEncodeSDXL", width=1024, height=1024, text_g="sky", text_l="sea", clip=["4", 1])},
        "sky\nsea",
    ),
    "SDXL with one text": (
        {"20": node("CLIPTextEncodeSDXL", width=1024, height=1024, text_g="sky", text_l="", clip=["4", 1])},
        "sky",
    ),
    "unused SDXL texts": (
        {"20": node("smZ CLIPTextEncode", text="sky", parser="A1111", text_g="", text_l="", clip=["4", 1])},
        "sky",
    ),
    "unknown node with conditionings": (
        {"20": node("Mystery", base_cond=["21", 0], region_cond=["22", 0], strength=0.4)},
        "sky\nsea",
    ),
    "unknown encoder": ({"20": node("Mystery", phrase="sky, sea", parser="comfy", clip=["4", 1])}, "sky, sea"),
    "pair combined": (
        {
            "20": node(
                "PairConditioningCombine",
                positive_A=["21", 0],
                negative_A=["7", 0],
                positive_B=["22", 0],
                negative_B=["7", 0],
            )
        },
        "sky\nsea",
    ),
}


@pytest.mark.parametrize("name", CONDITIONINGS)
def test_conditionings(name: str) -> None:
    more, expected = CONDITIONINGS[name]
    more = {
        "21": node("CLIPTextEncode", text="sky", clip=["4", 1]),
        "22": node("CLIPTextEncode", text="sea", clip=["4", 1]),
        **more,
    }
    assert facts(read(stock(more, n3={"positive": ["20", 0]}))) == said(prompt=expected)


def test_slots_of_a_pair_of_texts() -> None:
    more = {"20": node("ComfyUIStyler", text_positive="a cat", text_negative="a dog", menu="base")}
    crossed = stock(more, n6={"text": ["20", 1]}, n7={"text": ["20", 0]})
    assert facts(read(crossed)) == said(prompt="a dog", negative_prompt="a cat")


def editors(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nodes": list(nodes), "links": [], **more}


UNSTORED = stock({"20": node("LoadTextFile", path="x")}, n6={"text": ["20", 0]})
WIDGETS: dict[str, tuple[dict[str, Any], str | None]] = {
    "first": (editors({"id": 6, "type": "CLIPTextEncode", "widgets_values": ["from the editor "]}), "from the editor"),
    "by name in an object": (
        editors({"id": "6", "type": "CLIPTextEncode", "widgets_values": {"other": "x", "text": "from the editor"}}),
        "from the editor",
    ),
    "by the names of inputs": (
        editors(
            {
                "id": 6,
                "type": "CLIPTextEncode",
                "inputs": [{"name": "clip"}, {"name": "x", "widget": {"name": "x"}}, {"widget": {"name": "text"}}],
                "widgets_values": ["other", "from the editor"],
            }
        ),
        "from the editor",
    ),
    "another class": (editors({"id": 6, "type": "Other", "widgets_values": ["x"]}), None),
    "another id": (editors({"id": 7, "type": "CLIPTextEncode", "widgets_values": ["x"]}), None),
    "blank": (editors({"id": 6, "type": "CLIPTextEncode", "widgets_values": [""]}), None),
    "a template": (
        editors(definitions={"subgraphs": [{"nodes": [{"id": 6, "type": "CLIPTextEncode", "widgets_values": ["x"]}]}]}),
        None,
    ),
    "malformed": (
        {"nodes": [5, {"id": [], "type": 6}, {"id": 6, "type": "CLIPTextEncode", "widgets_values": 5}]},
        None,
    ),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_the_editor_serves_what_is_stored_nowhere_else(name: str) -> None:
    workflow, expected = WIDGETS[name]
    warnings = ("prompt-not-stored",) if expected is None else ()
    assert facts(read(UNSTORED, workflow, warnings=warnings)) == said(prompt=expected)


@pytest.mark.parametrize(("text", "expected"), [("executed", "executed"), ("", "")])
def test_the_editor_never_overrules_what_was_executed(text: str, expected: str) -> None:
    workflow = editors({"id": 6, "type": "CLIPTextEncode", "widgets_values": ["from the editor"]})
    assert facts(read(stock(n6={"text": text}), workflow)) == said(prompt=expected)


def diamond(levels: int) -> dict[str, Any]:
    """Every node joins the one below with itself: 2^levels ways to one text."""
    graph = {"100": node("PrimitiveString", value="x")}
    for level in range(101, 101 + levels):
        below = [str(level - 1), 0]
        graph[str(level)] = node("StringConcatenate", string_a=below, string_b=below, delimiter="")
    return stock(graph, n6={"text": [str(100 + levels), 0]})


def test_a_diamond_of_strings_is_read_once_per_node() -> None:
    assert read(diamond(12)).prompt == "x" * 4096
    finding = read(diamond(30), warnings=("limit:graph_text", "prompt-not-stored"))
    assert facts(finding) == said(prompt=None)


def test_a_diamond_of_conditionings() -> None:
    graph = {"100": node("CLIPTextEncode", text="a cat", clip=["4", 1])}
    for level in range(101, 121):
        below = [str(level - 1), 0]
        graph[str(level)] = node("ConditioningCombine", conditioning_1=below, conditioning_2=below)
    few = Limits(graph_steps=400)
    assert facts(read(stock(graph, n3={"positive": ["120", 0]}), limits=few)) == said(prompt="a cat")


def test_nesting_beyond_the_limit_costs_the_text() -> None:
    graph = {"100": node("PrimitiveString", value="x")}
    for level in range(101, 300):
        graph[str(level)] = node("StringConcatenate", string_a=[str(level - 1), 0], string_b="", delimiter="")
    finding = read(stock(graph, n6={"text": ["299", 0]}), warnings=("limit:graph_depth", "prompt-not-stored"))
    assert facts(finding) == said(prompt=None)


def test_no_word_is_looked_for_in_plain_classes() -> None:
    tables = [value for module in (textkeys, picture, savers) for value in vars(module).values()]
    patterns = [value for value in tables if isinstance(value, re.Pattern)]
    assert len(patterns) > 5
    assert [kind for kind in keys.PLAIN_CLASSES for words in patterns if words.search(kind.lower())] == []
