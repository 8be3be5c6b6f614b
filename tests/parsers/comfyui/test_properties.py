"""What holds for any graph: it ends, within the budget, and the order of nodes does not matter."""

from __future__ import annotations

import json
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui import keys, parse, textkeys
from tests.parsers.comfyui.graphs import STOCK, facts, node, texts_of

IDS = st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "8", "9", "4:1", "x"])
LINKS = st.tuples(IDS, st.integers(-1, 4)).map(list)
NAMES = st.sampled_from(
    sorted(
        {
            *keys.DRIVERS,
            *keys.PICTURES,
            *keys.MODELS,
            *keys.MODEL_NAMES,
            *keys.SEED,
            *keys.STEPS,
            *keys.CFG,
            *keys.SAMPLER,
            *keys.SCHEDULER,
            *keys.WIDTHS,
            *keys.HEIGHTS,
            *keys.SIZE_TEXTS,
            *keys.SWAPS,
            *keys.RESOURCE_NAMES,
            *keys.RESOURCE_LINKS,
            *(name for group in textkeys.TEXT_GROUPS for name in group),
            *textkeys.DELIMITERS,
            *(
                "negative",
                "text_positive",
                "text_negative",
                "stage_c",
                "sigmas",
                "noise",
                "clip",
                "vae",
                "image_output",
            ),
            *(
                "switch",
                "select",
                "on_true",
                "on_false",
                "input1",
                "input2",
                "any_01",
                "string_a",
                "string_b",
                "text_0",
            ),
            *(
                "lora_name",
                "lora_1",
                "lora_name_1",
                "loras",
                "strength_model",
                "toggle_trigger_words",
                "resources_json",
            ),
        }
    )
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["832x1216", "a.safetensors", "None", "urn:air:sdxl:lora:civitai:3@40", '{"a": [']),
)
VALUES = st.one_of(LINKS, LINKS, LEAVES, st.lists(LEAVES, max_size=3), st.dictionaries(NAMES, LEAVES, max_size=3))
KINDS = st.sampled_from(
    [
        "KSampler",
        "SaveImage",
        "CLIPTextEncode",
        "VAEDecode",
        "PreviewImage",
        "Switch",
        "ShowText",
        "ConditioningZeroOut",
    ]
)
NODES = st.fixed_dictionaries({"class_type": KINDS, "inputs": st.dictionaries(NAMES, VALUES, max_size=9)})
GRAPHS = st.dictionaries(IDS, NODES, min_size=1, max_size=11)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
)
MALFORMED = st.dictionaries(
    IDS,
    st.one_of(
        ANYTHING,
        st.fixed_dictionaries({"class_type": st.one_of(KINDS, ANYTHING)}, optional={"inputs": ANYTHING}),
    ),
    max_size=9,
)


def results(graph: Any, limits: Limits = DEFAULT_LIMITS) -> tuple[list[Any], list[str]]:
    log = Ledger(limits)
    found = parse(Bundle.of(texts_of(graph), log))
    return [facts(finding) for finding in found], sorted({warning.code for warning in log.items})


@settings(deadline=None, derandomize=True, max_examples=400)
@given(GRAPHS, st.randoms(use_true_random=False))
def test_the_order_of_nodes_does_not_matter(graph: dict[str, Any], random: Any) -> None:
    shuffled = list(graph.items())
    random.shuffle(shuffled)
    assert results(dict(shuffled)) == results(graph)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(GRAPHS)
def test_random_wiring_around_a_sampler(graph: dict[str, Any]) -> None:
    found, _ = results({**STOCK, **{f"z{key}": value for key, value in graph.items()}, "3": graph.get("3", STOCK["3"])})
    assert len(found) == 1


@settings(deadline=None, derandomize=True, max_examples=200)
@given(MALFORMED)
def test_malformed_graphs(graph: Any) -> None:
    found, _ = results(graph)
    assert len(found) <= 1


@settings(deadline=None, derandomize=True, max_examples=100)
@given(ANYTHING)
def test_any_value_in_place_of_a_graph(value: Any) -> None:
    for graph in (
        value,
        {"prompt": value},
        {**STOCK, "6": value},
        {**STOCK, "6": node("CLIPTextEncode", {"text": value})},
    ):
        results(graph)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(GRAPHS, st.integers(0, 60))
def test_any_budget(graph: dict[str, Any], steps: int) -> None:
    results(graph, Limits(graph_steps=steps))


def dense(count: int) -> dict[str, Any]:
    """Every node is linked to the thirty before it, through every role there is."""
    roles = sorted({*keys.DRIVERS, *keys.PICTURES, "negative", "text", "string_a", "string_b", "clip", "vae"})[:30]
    graph = {}
    for number in range(count):
        links = {role: [str(number - place - 1), 0] for place, role in enumerate(roles) if number > place}
        graph[str(number)] = node("Zorp", links, seed=1, steps=2, cfg=3)
    return {**graph, "9999999": node("SaveImage", images=[str(count - 1), 0])}


def test_the_work_grows_with_the_links() -> None:
    steps = []
    for count in (200, 1600):
        low, high = 0, 10**7
        graph = dense(count)
        while high - low > high // 50:
            middle = (low + high) // 2
            _, codes = results(graph, Limits(graph_steps=middle))
            low, high = (middle, high) if "limit:graph_steps" in codes else (low, middle)
        steps.append(high)
    assert steps[1] < 12 * steps[0]


def test_long_chains_do_not_exhaust_the_stack() -> None:
    chain: dict[str, Any] = {}
    for number in range(5_000):
        below = [f"c{number - 1}", 0] if number else ["4", 0]
        chain[f"c{number}"] = node(
            "Zorp",
            dict.fromkeys(("model", "clip", "samples", "positive", "text", "seed", "switch", "vae", "pipe"), below),
        )
    inputs = {key: ["c4999", 0] for key in STOCK["3"]["inputs"]}
    graph = {**STOCK, **chain, "3": node("KSampler", inputs), "9": node("SaveImage", images=["3", 0])}
    assert sys.getrecursionlimit() <= 1_000
    found, codes = results(graph)
    assert len(found) == 1
    assert "limit:graph_depth" in codes
    assert json.dumps(found)
