from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.finding import SCHEMA_KEYS, Finding, Kind
from extractor.finding import ResourceClaim as Claim
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Tool, parse, to_hash, to_name
from extractor.parsers.registry import TOOLS, find
from tests.parsers.texts import found, only, png, sidecar, stealth


@pytest.mark.parametrize(
    ("value", "digest"),
    [
        ("0xABCDEF12", "ABCDEF12"),
        (" abcdef12 ", "abcdef12"),
        ("blake3:7c1631b4", "blake3:7c1631b4"),
        ("random:7c1631b4", None),
        ("None", None),
        ("NOFILE", None),
        ("abc", None),
        ("xyzxyz12", None),
        (12345678, None),
    ],
)
def test_hash(value: object, digest: str | None) -> None:
    assert to_hash(value) == digest


@pytest.mark.parametrize(("value", "name"), [(" a ", "a"), ("None", None), ("Automatic", None), ("", None), (1, None)])
def test_name(value: object, name: str | None) -> None:
    assert to_name(value) == name


TOOL = Tool(
    generator="toy",
    markers=(frozenset(("toy_prompt", "n")),),
    chunk="toy",
    signature=("made by", "toymaker"),
    keys={"prompt": ("toy_prompt",), "seed": ("seed", "n"), "width": ("w",), "height": ("h",)},
)


@pytest.mark.parametrize(
    ("data", "key", "wanted"),
    [
        ({"toy_prompt": "", "n": None}, "", True),
        ({"toy_prompt": ""}, "", False),
        ({"made by": "Toy-Maker 1.0"}, "", True),
        ({"made by": ["toymaker"]}, "", False),
        ({"a": 1}, "toy", True),
        ({"a": 1}, "", False),
    ],
)
def test_recognition(data: Any, key: str, wanted: bool) -> None:
    assert TOOL.recognises(data, key) is wanted


def test_reading() -> None:
    log = Ledger()
    data = {
        "toy_prompt": " a ",
        "seed": [],
        "n": "5",
        "w": 512,
        "h": "768",
        "Model": "m",
        "prompt": "p",
        "empty": "",
        "null": None,
        "zero": 0,
        "list": [],
    }
    text = png("x", data)
    assert parse(Bundle.of([text], log), [TOOL]) == [
        Finding(
            generator="toy",
            kind=Kind.STRUCTURED,
            text=text,
            prompt="a",
            seed=5,
            size="512x768",
            other={"toy:seed": [], "toy:Model": "m", "toy:prompt": "p", "zero": 0, "list": []},
        )
    ]
    assert [(item.code, item.message) for item in log.items] == [
        ("bad-value", "toy: seed: this list does not fit"),
    ]


def test_one_object_has_one_tool() -> None:
    bundle = Bundle.of([png("x", {"toy_prompt": "a", "n": 1})], Ledger())
    assert len(parse(bundle, [TOOL, TOOL])) == 1
    assert parse(bundle, [TOOL]) == []


def test_graphs_are_not_decoded() -> None:
    log = Ledger()
    bundle = Bundle.of([png("workflow", '{"a": broken'), png("prompt", '{"a": broken')], log)
    assert parse(bundle, [TOOL]) == []
    assert log.items == []


def test_claims_are_bounded() -> None:
    log = Ledger(Limits(resources=2))
    fields = Fields({"list": [{"a": "1"}, {"a": "2"}, {"a": "3"}]}, "toy", log)
    claims = fields.claims("list", lambda item: Claim(type="lora", name=item.take(to_name, "a")))
    assert claims == [Claim(type="lora", name="1"), Claim(type="lora", name="2")]
    assert [item.code for item in log.items] == ["limit:resources"]


NOT_GENERATION_DATA = [
    png("Comment", "Created with GIMP"),
    png("Comment", "GIMPで再保存しただけ"),
    png("Description", "A photo of my cat: steps, seed and prompt"),
    png("Software", "Adobe Photoshop 25.0"),
    png("parameters", "{red|blue} hair"),
    png("parameters", "{}"),
    png("parameters", "[1, 2]"),
    png("Comment", {"negative_prompt": "x"}),
    png("Comment", {"prompt": "a caption", "model": "gpt"}),
    png("Comment", {"name": "x", "width": 5, "height": 5, "model": "Canon EOS R5"}),
    png("Comment", {"c": 1, "uc": 2}),
    sidecar("txt", "1girl, solo, smile, prompt: nothing, seed: 5, steps: 7"),
    sidecar("json", {"caption": "a cat", "tags": ["cat"], "prompt": "a cat"}),
    sidecar("json", [1, 2]),
    sidecar("json", "not json"),
]


@pytest.mark.parametrize("text", NOT_GENERATION_DATA, ids=lambda text: text.value[:30])
def test_nothing_is_found_in_other_texts(text: Any) -> None:
    assert found(text) == []


KEYS = sorted(
    {key for tool in TOOLS for keys in tool.keys.values() for key in keys}
    | {key for tool in TOOLS for marker in tool.markers for key in marker}
    | {
        "loras",
        "loraweights",
        "sui_models",
        "models",
        "baseModel",
        "v4_prompt",
        "v4_negative_prompt",
        "caption",
        "base_caption",
        "char_captions",
        "vae",
        "refiner_model",
        "lora_combined_1",
        "l1",
        "w1",
        "use_lora_model",
        "lora_alpha",
        "Comment",
        "Software",
        "request_type",
        "resources",
        "hashes",
        "civitaiResources",
        "v2",
        "lora",
        "control",
        "extraction",
        "meta",
    }
)
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "None", "-1", "0.5 - x", "<a:1>", "x : 1", "512x512", "0x12345678", "NovelAI", "{}", "[]"])
    | st.text(max_size=8)
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
TEXT_KEYS = [
    "parameters",
    "Comment",
    "invokeai_metadata",
    "sd-metadata",
    "generation_data",
    "parameters-json",
    "smproj",
]


def _holds_no_schema_key(finding: Finding) -> bool:
    return not SCHEMA_KEYS & finding.other.keys()


@pytest.mark.parametrize(
    "tool", TOOLS, ids=lambda tool: f"{tool.generator}-{min(map(sorted, tool.markers), default='')}"
)
@settings(deadline=None, derandomize=True, max_examples=60)
@given(data=st.data())
def test_no_value_breaks_a_tool(tool: Tool, data: st.DataObject) -> None:
    marker = min(tool.markers, key=sorted, default=frozenset())
    members = {key: data.draw(VALUES) for key in sorted(marker)} | data.draw(
        st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)
    )
    if tool.inner is not None and data.draw(st.booleans()):
        members[tool.inner] = data.draw(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
    for text in (png(data.draw(st.sampled_from(TEXT_KEYS)), members), stealth(members), sidecar("json", members)):
        for finding in find([text], Ledger()):
            assert _holds_no_schema_key(finding)
            assert finding.seed is None or type(finding.seed) is int
            assert finding.prompt is None or isinstance(finding.prompt, str)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    value=st.text(max_size=200) | st.from_regex(r'\A["{\[]?(prompt|Steps|seed|a)(: |": )[\w,;\n"-]{0,40}'),
    key=st.sampled_from([*TEXT_KEYS, "Dream", "Description", "prompt", "seed", "dc:description", "xmp:CreatorTool"]),
    place=st.sampled_from(["txt", "json", "swarm.json"]),
)
def test_no_text_breaks_the_parsers(value: str, key: str, place: str) -> None:
    for finding in find([png(key, value), sidecar(place, value)], Ledger()):
        assert _holds_no_schema_key(finding)


def test_wildcard_prompt_is_no_broken_json() -> None:
    assert found(png("parameters", "{red|blue} hair, a cat")) == []


def test_bom_and_trailing_nul() -> None:
    assert only(png("Comment", '\ufeff{"prompt": "a", "uc": "b", "scale": 5}\0\0')) == {
        "generator": "novelai",
        "prompt": "a",
        "negative_prompt": "b",
        "cfg_scale": 5,
    }
