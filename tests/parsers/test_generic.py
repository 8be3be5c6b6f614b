from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.finding import SCHEMA_KEYS, Kind
from extractor.finding import ResourceClaim as Claim
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.parsers.generic import _WORDS
from extractor.parsers.registry import find
from tests.parsers.texts import exif, found, only, png, sidecar, sources, warned
from tests.support import INFOTEXT

MOCHI = (
    "Include in Image: a cat, on a roof; Exclude from Image: dog; Model: sd-v1-5_split; Steps: 20; "
    "Guidance Scale: 7.5; Seed: 4055; Size: 512x768; Scheduler: DPM-Solver++; Generator: Mochi Diffusion 3.1"
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            png(
                "parameters",
                {"prompt": " a cat ", "seed": 5, "num_inference_steps": 20, "guidance_scale": 7, "lora": "x"},
            ),
            {"prompt": "a cat", "seed": 5, "steps": 20, "cfg_scale": 7, "other": {"lora": "x"}},
        ),
        (
            png("Comment", {"prompt": "a", "resolution": "1280x720", "num_inference_steps": 9, "guidance_scale": 1}),
            {"prompt": "a", "steps": 9, "cfg_scale": 1, "size": "1280x720"},
        ),
        (
            png(
                "dream",
                {
                    "Prompt": "a cat",
                    "NegativePrompt": "",
                    "CFG Scale": "7.5",
                    "sampler-name": "k_euler_a",
                    "Width": 512,
                    "height": "768",
                    "Model": "m",
                    "modelHash": "0x12345678",
                    "seed": -1,
                },
            ),
            {
                "prompt": "a cat",
                "negative_prompt": "",
                "cfg_scale": 7.5,
                "sampler": "Euler a",
                "size": "512x768",
                "model": "m",
                "model_hash": "12345678",
                "other": {"unknown:seed": -1},
            },
        ),
        (
            exif("ImageDescription", MOCHI),
            {
                "prompt": "a cat, on a roof",
                "negative_prompt": "dog",
                "seed": 4055,
                "steps": 20,
                "cfg_scale": 7.5,
                "scheduler": "dpm-solver++",
                "size": "512x768",
                "model": "sd-v1-5_split",
                "other": {"Generator": "Mochi Diffusion 3.1"},
            },
        ),
        (
            png("Comment", "prompt: a cat\nsitting, smiling\nseed: 3\nstrength: 0.5\nsteps: 20\nRemark: none: at all"),
            {
                "prompt": "a cat\nsitting, smiling",
                "seed": 3,
                "steps": 20,
                "denoise": 0.5,
                "other": {"Remark": "none: at all"},
            },
        ),
        (
            png("Comment", "prompt: a cat, note: nice, seed: 3, cfg: 4"),
            {"prompt": "a cat, note: nice", "seed": 3, "cfg_scale": 4},
        ),
        (
            sidecar(
                "json",
                {
                    "prompt": "a",
                    "seed": 1,
                    "steps": 2,
                    "resources": [{"type": "lora", "name": "l", "weight": 0.5}, {"type": "model", "hash": "12345678"}],
                    "hashes": {"model": "12345678"},
                    "civitaiResources": [{"type": "lora", "modelVersionId": 5}],
                },
            ),
            {
                "prompt": "a",
                "seed": 1,
                "steps": 2,
                "resources": [Claim(type="lora", name="l", weight=0.5), Claim(type="model", hash="12345678")],
                "hashes": {"model": "12345678"},
                "civitai_resources": [{"type": "lora", "modelVersionId": 5}],
            },
        ),
    ],
    ids=["diffusers", "video tools", "any spelling", "mochi", "lines", "commas", "civitai meta"],
)
def test_usual_words(text: Any, wanted: dict[str, Any]) -> None:
    assert only(text) == {"generator": "unknown", **wanted}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"width": 512}, {"other": {"width": 512}}),
        ({"height": 512}, {"other": {"height": 512}}),
        ({"Width": "x", "width": 5, "height": 7}, {"other": {"Width": "x", "width": 5, "height": 7}}),
        ({"Prompt": "b", "PROMPT": "c"}, {"other": {"Prompt": "b", "PROMPT": "c"}}),
    ],
)
def test_halves_and_doubles(data: dict[str, Any], wanted: dict[str, Any]) -> None:
    base = {"generator": "unknown", "prompt": "a", "seed": 1, "steps": 2}
    assert only(png("c", {"prompt": "a", "seed": 1, "steps": 2, **data})) == {**base, **wanted}


def test_a_repeated_label() -> None:
    assert only(png("c", "prompt: a\nseed: 1\nsteps: 2\nseed: 9\n: x")) == {
        "generator": "unknown",
        "prompt": "a",
        "seed": 1,
        "steps": 2,
    }


SPELLINGS = st.sampled_from(
    [spelled for words in _WORDS.values() for word in words for spelled in (word, word.title(), word.replace(" ", "_"))]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SPELLINGS, inner, max_size=3))


@settings(deadline=None, derandomize=True, max_examples=200)
@given(data=st.dictionaries(SPELLINGS, ANY, max_size=10))
def test_no_value_breaks_it(data: dict[str, Any]) -> None:
    lines = "\n".join(f"{key}: {value}" for key, value in data.items())
    whole = {"prompt": "a", "seed": 1, "steps": 2, **data}
    for text in (png("c", whole), png("c", lines), sidecar("json", whole), sidecar("txt", lines)):
        for finding in find([text], Ledger()):
            assert not SCHEMA_KEYS & finding.other.keys()


def test_one_chunk_for_each_key() -> None:
    texts = (png("prompt", "a cat"), png("seed", "7"), png("steps", "30"), png("model", "sdxl"))
    assert only(*texts) == {"generator": "unknown", "prompt": "a cat", "seed": 7, "steps": 30, "model": "sdxl"}
    assert sources(*texts) == [("unknown", Kind.GENERIC, "png:tEXt:prompt")]


@pytest.mark.parametrize(
    "text",
    [
        png("c", {"prompt": "a", "seed": 1}),
        png("c", {"prompt": "", "seed": 1, "steps": 2}),
        png("c", {"prompt": ["a"], "seed": 1, "steps": 2}),
        png("c", {"prompt": "a", "seed": "x", "steps": []}),
        png("c", {"prompt": "a", "width": 1, "height": 2, "model": "m"}),
        png("c", {"seed": 1, "steps": 2, "cfg": 3}),
        png("workflow", {"prompt": "a", "seed": 1, "steps": 2}),
        png("c", "prompt: a cat; seed: no; steps: many"),
        png("c", "<x prompt: a; seed: 1; steps: 2>"),
        png("c", "The seeds: steps: prompt: one"),
        png("c", ""),
    ],
)
def test_less_proves_nothing(text: Any) -> None:
    assert warned(text) == []


def test_an_infotext_whose_prompt_begins_with_a_label() -> None:
    (finding,) = found(png("parameters", "prompt: a cat\nsteps: up, seed: 1\n" + INFOTEXT))
    assert (finding.generator, finding.kind, finding.prompt) == (
        "a1111",
        Kind.INFOTEXT,
        "prompt: a cat\nsteps: up, seed: 1\na cat",
    )


def test_the_warnings_of_a_refused_text_are_not_kept() -> None:
    log = Ledger()
    assert find([png("c", {"prompt": "a", "seed": {}, "steps": []})], log) == []
    assert log.items == []


def test_the_warnings_of_an_accepted_text_are_kept() -> None:
    log = Ledger()
    (finding,) = find([png("c", {"prompt": "a", "seed": 1, "steps": 2, "cfg": {}})], log)
    assert finding.other == {"cfg": {}}
    assert [item.code for item in log.items] == ["bad-value"]


def test_resources_are_bounded() -> None:
    log = Ledger(Limits(resources=1))
    data = {"prompt": "a", "seed": 1, "steps": 2, "resources": [{"type": "lora", "name": "a"}] * 3}
    (finding,) = find([png("c", data)], log)
    assert len(finding.resources) == 1
    assert [item.code for item in log.items] == ["limit:resources"]


def test_the_chunks_of_a_plugin_that_shares_a_name_with_another_tool() -> None:
    texts = {
        "prompt": "a cat",
        "negative_prompt": "dog",
        "Stable diffusion model": "m",
        "num_infer_steps": "20",
        "guidance_scale": "7.5",
        "seed": "5",
    }
    assert only(*(png(key, value) for key, value in texts.items())) == {
        "generator": "unknown",
        "prompt": "a cat",
        "negative_prompt": "dog",
        "model": "m",
        "steps": 20,
        "cfg_scale": 7.5,
        "seed": 5,
    }
    assert found(png("Stable diffusion model", "m")) == []
