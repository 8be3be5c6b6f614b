"""`parse_infotext` and `format_infotext` together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.extraction.pasted import parse_infotext
from extractor.record import Meta
from extractor.vocabulary.models import is_no_name, normal_name, strip_model_name
from extractor.writers.infotext import format_infotext


def parsed(text: str) -> dict[str, Any]:
    return parse_infotext(text).model_dump(by_alias=True, exclude_none=True)


def test_whole_text() -> None:
    text = (
        "a cat <lora:Fur:0.8>,\nsitting\n"
        "Negative prompt: dog\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 9007199254740993, Size: 512x768, "
        "Model hash: 45a21ea00a, Model: dir\\catMix.safetensors, VAE hash: 2ff4a1b0c3, VAE: cat.vae.pt, Clip skip: 2, "
        'Lora hashes: "Fur: 45b5bd0819cf", TI hashes: "bad: 0123456789ab", '
        'ADetailer prompt: "photo: a girl, b\\nc", Version: v1.10.1'
    )
    assert parsed(text) == {
        "prompt": "a cat <lora:Fur:0.8>,\nsitting",
        "negativePrompt": "dog",
        "seed": 9007199254740993,
        "steps": 20,
        "cfgScale": 7.5,
        "sampler": "DPM++ 2M",
        "Model": "catMix",
        "Model hash": "45a21ea00a",
        "clipSkip": 2,
        "Size": "512x768",
        "VAE": "cat.vae.pt",
        "resources": [
            {"type": "lora", "name": "Fur", "hash": "45b5bd0819cf", "weight": 0.8},
            {"type": "model", "name": "catMix", "hash": "45a21ea00a"},
            {"type": "embed", "name": "bad", "hash": "0123456789ab"},
            {"type": "vae", "name": "cat.vae", "hash": "2ff4a1b0c3"},
        ],
        "hashes": {
            "lora:Fur": "45b5bd0819cf",
            "embed:bad": "0123456789ab",
            "vae": "2ff4a1b0c3",
            "model": "45a21ea00a",
        },
        "Schedule type": "Karras",
        "VAE hash": "2ff4a1b0c3",
        "Lora hashes": "Fur: 45b5bd0819cf",
        "TI hashes": "bad: 0123456789ab",
        "ADetailer prompt": "photo: a girl, b\nc",
        "Version": "v1.10.1",
    }
    assert format_infotext(parse_infotext(text)) == text.replace("dir\\catMix.safetensors", "catMix")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"prompt": ""}),
        (" a cat ", {"prompt": "a cat"}),
        ("a cat\nNegative prompt: dog", {"prompt": "a cat", "negativePrompt": "dog"}),
        (
            "a <lora:x:1>",
            {"prompt": "a <lora:x:1>", "resources": [{"type": "lora", "name": "x", "weight": 1}]},
        ),
        (
            "unknown\nNegative prompt: unknown\nSteps: 20, Seed: 0, Size: 512x512, Version: ComfyUI",
            {"Version": "ComfyUI"},
        ),
        ("a\nSteps: 1, Seed: \ud800", {"prompt": "a", "steps": 1, "Seed": "\ufffd"}),
    ],
)
def test_texts_that_are_less(text: str, expected: dict[str, Any]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("meta", "text"),
    [
        pytest.param(Meta(prompt="a cat"), "a cat", id="prompt alone"),
        pytest.param(Meta(prompt="a", negativePrompt=""), "a\nNegative prompt:", id="empty negative prompt"),
        pytest.param(Meta(prompt="a", steps=20), "a\nSteps: 20", id="steps"),
        pytest.param(
            Meta(prompt="a", seed=1), "a\nSteps: , Sampler: , CFG scale: , Size: , Model: , Seed: 1", id="padded"
        ),
        pytest.param(
            Meta(prompt="a\nSteps: 20, b"),
            "a\nSteps: 20, b\nSteps: , Sampler: , CFG scale: , Seed: , Size: , Model: ",
            id="prompt that would be taken for settings",
        ),
        pytest.param(
            Meta.model_validate({"steps": 1, "A": 'x, "y"', "B": "", "C": [1, 2], "D": True, "E": None, "F": "[a"}),
            'Steps: 1, A: "x, \\"y\\"", C: [1, 2], D: True, F: "[a"',
            id="values",
        ),
        pytest.param(
            Meta.model_validate({"steps": 1, "infotext:prompt": "x", "infotext:tail": "by me"}),
            "Steps: 1, prompt: x\nby me",
            id="keys of ours",
        ),
        pytest.param(
            Meta(steps=1, sampler="Euler a Karras", scheduler="karras", denoise=0.5),
            "Steps: 1, Sampler: Euler a Karras, Schedule type: Karras, Denoising strength: 0.5",
            id="another tool's sampler",
        ),
        pytest.param(
            Meta(steps=1, sampler="er_sde", scheduler="simple"),
            "Steps: 1, Sampler: er_sde, Schedule type: simple",
            id="a sampler without a display name",
        ),
        pytest.param(Meta(steps=1, denoise=1), "Steps: 1", id="a picture from noise alone"),
        pytest.param(
            Meta(steps=1, sampler="DPM++ 2M SDE Exponential", scheduler="exponential"),
            "Steps: 1, Sampler: DPM++ 2M SDE Exponential, Schedule type: Exponential",
            id="another suffix",
        ),
        pytest.param(
            Meta.model_validate(
                {
                    "prompt": "a cat <lora:c:1>",
                    "steps": 1,
                    "Model": "m",
                    "VAE": "v",
                    "resources": [
                        {"type": "lora", "name": "a", "weight": 0.8, "hash": "112233445566"},
                        {"type": "lycoris", "name": "b", "weight": 0.6, "strengthClip": 0.4},
                        {"type": "lora", "name": "c", "weight": 1},
                        {"type": "lora", "name": "d"},
                        {"type": "model", "name": "m", "hash": "1234567890"},
                        {"type": "vae", "name": "v", "hash": "blake3:00112233"},
                        {"type": "controlnet", "name": "n", "weight": 0.5},
                    ],
                }
            ),
            "a cat <lora:c:1> <lora:a:0.8> <lyco:b:0.4:0.6> <lora:d>\n"
            'Steps: 1, Model: m, VAE: v, Hashes: {"lora:a": "112233445566", "model": "1234567890", '
            '"vae": "blake3:00112233"}, Other resources: [{"type": "controlnet", "modelName": "n", "weight": 0.5}]',
            id="resources of a graph",
        ),
        pytest.param(
            Meta.model_validate({"steps": 1, "model": {"a": 1}, "sampler_name": "x", "vae": "w", "Steps": "5"}),
            "Steps: 1, sampler_name: x",
            id="another tool's keys that would be read as fields",
        ),
        pytest.param(
            Meta.model_validate({"prompt": "a\nModel: x", "steps": 20}),
            "a\nModel: x\n\nSteps: 20",
            id="a prompt whose last line looks like settings",
        ),
        pytest.param(
            Meta(
                steps=1,
                hashes={"lora:x": "112233445566"},
                civitaiResources=[{"type": "lora", "modelVersionId": 5}],
                extra={"workflow": "txt2img"},
            ),
            'Steps: 1, Hashes: {"lora:x": "112233445566"}, Civitai resources: [{"type": "lora", "modelVersionId": 5}], '
            'Civitai metadata: {"workflow": "txt2img"}',
            id="blocks of what no setting holds",
        ),
    ],
)
def test_format(meta: Meta, text: str) -> None:
    assert format_infotext(meta) == text


def test_types_are_checked() -> None:
    with pytest.raises(TypeError, match="text must be str, not bytes"):
        parse_infotext(b"a")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="meta must be Meta, not dict"):
        format_infotext({})  # type: ignore[arg-type]


def test_values_of_unexpected_types_are_written() -> None:
    meta = Meta.model_validate({"prompt": 5, "seed": "x", "hashes": [1], "civitaiResources": "y", "resources": 3})
    assert format_infotext(meta) == (
        "5\nSteps: , Sampler: , CFG scale: , Size: , Model: , Seed: x, Civitai resources: y"
    )


FRAGMENTS = (
    "Steps: 20",
    "Steps: ",
    "Steps: x",
    "Sampler: Euler a",
    "Sampler: Undefined",
    "Sampler: euler_ancestral_karras",
    "Sampler: euler_simple",
    "Seed: 5",
    "Seed: abc",
    "seed: x",
    "Seed: 0",
    "Seed: " + "9" * 45,
    "Size: 512x512",
    "Model: a/b.safetensors.pt",
    "Model: ",
    "Model: urn:air:sdxl:lora:civitai:1@2",
    "CFG scale: 7.0",
    "cfg scale: nan",
    "Model hash: 0x0xAB12CD34EF",
    "Model hash: None",
    "VAE: x.pt",
    "VAE hash: 1234567890",
    'Lora hashes: "a: 112233445566, b: 22"',
    'TI hashes: "q: 112233445566',
    'Hashes: {"model": "aabbccddee", "lora:x": "1122334455"}',
    'Hashes: {"a"',
    'Civitai resources: [{"type":"lora","modelVersionId":5,"weight":0.5,"modelName":"n"}]',
    'Civitai metadata: {"a":1}',
    "Version: v1.10",
    "Version: ComfyUI",
    "NAME Version: ComfyUI",
    "Tiling",
    "foo",
    "Foo: bar",
    "infotext:tail: q",
    "prompt: x",
    "resources: y",
    "Resources: z",
    "Template: a",
    "Negative Template: b",
    "Negative prompt: neg",
    "Negative prompt:",
    "Postprocess upscale by: 2",
    "<lora:a:0.5>",
    "<lora:urn:air:sdxl:lora:civitai:7@8:1>",
    "unknown",
    "Clip skip: 2",
    "CLiP-skip: 3",
    "CFG sc",
    'ADetailer prompt: "x: y, z\\n"',
    "Refiner: m [1234567890]",
    "AddNet Enabled: True",
    "AddNet Model 1: n(123456789012)",
    "x.Steps: 24",
    ". ",
    '\\"',
    '"',
    "[",
    "]",
    "{",
    "}",
    ":",
    "::",
    ": ",
    " ",
    "\r",
    "\t",
    "\u3000",
    "\x85",
    "\u2028",
    "\\",
    "a: b: c",
)
JOINTS = (", ", ", ", ", ", "\n", "\n", ",", "", "\r\n", ". ")
PIECES = st.one_of(*[st.sampled_from(FRAGMENTS)] * 3, st.text(max_size=6))


@st.composite
def infotexts(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.tuples(PIECES, st.sampled_from(JOINTS)), max_size=14))
    return "".join(piece + joint for piece, joint in pieces)


@settings(deadline=None, derandomize=True, max_examples=1500)
@given(infotexts())
def test_reading_what_was_written_gives_the_same(text: str) -> None:
    meta = parse_infotext(text)
    assert parse_infotext(format_infotext(meta)) == meta


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    meta = parse_infotext(text)
    assert parse_infotext(format_infotext(meta)) == meta


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Steps: , Seed: , Size: 1, :{", id="a bare key that begins with a colon"),
        pytest.param("Steps: 1, Seed: 2, Size: 1x1, :[a: b", id="a key that begins with a colon"),
        pytest.param('Steps: 20, TE: a, TE: "b, c", TE: d', id="a key that repeats on purpose"),
        pytest.param("Steps: 20, Model: \nModel: a/b, ", id="a key again behind its empty value"),
        pytest.param("Steps: 20, Steps: 20\nSteps: , ", id="a key again behind itself"),
        pytest.param("Negative prompt:Steps: 1, Seed: 2, Model hash: 3\nTemplate: x", id="a template without settings"),
        pytest.param("a\nNegative prompt: b\nNegative Template: x\nTemplate: y", id="two templates without settings"),
        pytest.param("Steps:1e41", id="an integer of 42 digits in other words"),
        pytest.param("Steps: 1\nPostprocess \n\rPostprocess x", id="blanks before a line of the Extras tab"),
        pytest.param('Steps:2\n, Hashes: {"\nPostprocess "\n"}', id="hashes with a line of the Extras tab in them"),
    ],
)
def test_texts_that_once_came_back_changed(text: str) -> None:
    meta = parse_infotext(text)
    assert parse_infotext(format_infotext(meta)) == meta


def test_a_key_may_begin_with_a_colon() -> None:
    assert parse_infotext('Steps: 1, Seed: 2, Size: 1x1, :{: "a, b"').model_extra == {":{": "a, b"}


NAMES = st.text(st.sampled_from("abXY 1.-_:猫"), min_size=1, max_size=12).filter(
    lambda name: any(map(str.isalpha, name)) and not is_no_name(name) and name == name.strip()
)
WEIGHTS = st.none() | st.sampled_from([0, 1, 0.8, -0.5])
HASHES = st.none() | st.text(st.sampled_from("0123456789abcdef"), min_size=10, max_size=12)


@st.composite
def resources(draw: st.DrawFn) -> list[dict[str, Any]]:
    """As a graph gives them: each name once."""
    kinds = st.sampled_from(["lora", "lycoris", "hypernet", "embed", "controlnet", "upscaler"])
    found = draw(
        st.lists(st.tuples(kinds, NAMES, WEIGHTS, HASHES), max_size=6, unique_by=lambda found: normal_name(found[1]))
    )
    hashes: set[str] = set()
    listed = []
    for kind, name, weight, digest in found:
        is_own = digest not in hashes and ":" not in name
        hashes.add(digest or "")
        values = {"type": kind, "name": name, "weight": weight, "hash": digest if is_own else None}
        listed.append({key: value for key, value in values.items() if value is not None})
    return listed


def _place(item: dict[str, Any]) -> tuple[str, str]:
    return item["type"], item["name"]


@settings(deadline=None, derandomize=True, max_examples=300)
@given(resources(), st.none() | NAMES, st.booleans())
def test_resources_of_other_tools_come_back(listed: list[dict[str, Any]], model: str | None, prompted: bool) -> None:
    meta = Meta.model_validate({"prompt": "a heron" if prompted else "", "steps": 5, "resources": listed})
    meta.model = model
    read = parsed(format_infotext(meta))
    got = [item for item in read.get("resources", []) if item["type"] != "model"]
    assert sorted(got, key=_place) == sorted(listed, key=_place)
    assert (read["prompt"] + " ").startswith("a heron " if prompted else "")
    assert (read.get("Model"), read["steps"]) == (model and strip_model_name(model), 5)
    again = parse_infotext(format_infotext(meta))
    assert parse_infotext(format_infotext(again)) == again
