from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.files.bytesource import BytesSource
from extractor.finding import Finding, Kind
from extractor.finding import ResourceClaim as Claim
from extractor.ledger import Ledger
from extractor.merging.merge import merge_findings
from extractor.parsers.bundle import Bundle
from extractor.parsers.registry import find
from extractor.parsers.tools import civitai
from extractor.readers.registry import read_embedded
from extractor.vocabulary.air import Air, parse_air
from tests.parsers.comfyui.graphs import stock
from tests.parsers.texts import exif, found, only, png, said, warned
from tests.support import SHARED, needs_shared

CHECKPOINT = "urn:air:sdxl:checkpoint:civitai:827184@2514310"
LORA = "urn:air:sdxl:lora:civitai:11@22"
GRAPH = {
    "resource-stack": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": CHECKPOINT}},
    "1": {"class_type": "LoraLoader", "inputs": {"lora_name": LORA, "strength_model": 0.6, "strength_clip": 1}},
    "2": {"class_type": "KSampler", "inputs": {"sampler_name": "euler_ancestral", "scheduler": "normal", "seed": 1}},
    "extra": {"airs": ["urn:air:other:upscaler:civitai:147759@164821", CHECKPOINT, LORA]},
}
METADATA = {
    "prompt": " a cat\n",
    "negativePrompt": "",
    "steps": 25,
    "cfgScale": 5,
    "seed": 1311178179,
    "sampler": "euler_ancestral",
    "clipSkip": 2,
    "denoise": 0.4,
    "width": 832,
    "height": 1216,
    "baseModel": "SDXL",
    "workflowId": "img2img-hires",
    "resources": [{"modelVersionId": 2514310, "strength": 1}],
}
FIELDS = {
    "generator": "civitai",
    "prompt": "a cat",
    "negative_prompt": "",
    "steps": 25,
    "cfg_scale": 5,
    "seed": 1311178179,
    "sampler": "Euler a",
    "scheduler": "normal",
    "clip_skip": 2,
    "denoise": 0.4,
    "size": "832x1216",
    "extra": {"baseModel": "SDXL", "workflowId": "img2img-hires"},
}
LISTED = {"modelVersionId": 2514310, "weight": 1}
FROM_GRAPH = [
    {"type": "checkpoint", "modelVersionId": 2514310},
    {"type": "lora", "modelVersionId": 22, "weight": 0.6},
    {"type": "upscaler", "modelVersionId": 164821},
]


def on_site(*texts: Any) -> list[Finding]:
    return civitai.parse(Bundle.of(list(texts), Ledger()))


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param(METADATA, id="object"),
        pytest.param(json.dumps(METADATA), id="string"),
        pytest.param(json.dumps(json.dumps(METADATA)), id="encoded twice"),
    ],
)
def test_extra_metadata(metadata: Any) -> None:
    (finding,) = on_site(exif("UserComment", GRAPH | {"extraMetadata": metadata}))
    assert finding.kind is Kind.STRUCTURED
    assert said(finding) == FIELDS | {"civitai_resources": [LISTED, *FROM_GRAPH]}


def test_extra_metadata_in_a_chunk_of_its_own() -> None:
    graph = {key: value for key, value in GRAPH.items() if key in ("1", "2")}
    (finding,) = on_site(png("prompt", graph), png("extraMetadata", METADATA))
    assert finding.text.source == "png:tEXt:extraMetadata"
    assert said(finding) == FIELDS | {"civitai_resources": [LISTED, FROM_GRAPH[1]]}


def test_graph_without_metadata_gives_resources_alone() -> None:
    (finding,) = on_site(exif("UserComment", GRAPH))
    assert said(finding) == {"generator": "civitai", "civitai_resources": FROM_GRAPH}


def test_metadata_without_a_prompt_proves_no_other_field() -> None:
    (finding,) = on_site(exif("UserComment", {"extraMetadata": {"steps": 25, "resources": [{"modelVersionId": 5}]}}))
    assert said(finding) == {
        "generator": "civitai",
        "civitai_resources": [{"modelVersionId": 5}],
        "extra": {"steps": 25},
    }


def test_bad_values_stay_where_they_were() -> None:
    text = exif("UserComment", {"extraMetadata": {"prompt": "a", "seed": "x", "steps": [1], "resources": 5}})
    log = Ledger()
    (finding,) = civitai.parse(Bundle.of([text], log))
    assert said(finding) == {"generator": "civitai", "prompt": "a", "extra": {"seed": "x", "steps": [1]}}
    assert [warning.code for warning in log.items] == ["bad-value", "bad-value"]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(
            {"1": {"class_type": "KSampler", "inputs": {"text": '"extraMetadata"'}}}, id="the word in a prompt"
        ),
        pytest.param({"extra": {"airs": "x"}}, id="airs that are no list"),
        pytest.param({"extraMetadata": "{broken"}, id="broken metadata"),
        pytest.param({"extraMetadata": ["x"]}, id="metadata that is a list"),
        pytest.param('{"extraMetadata": ', id="cut off"),
    ],
)
def test_others_are_left_alone(value: Any) -> None:
    text = exif("UserComment", value)
    bundle = Bundle.of([text], Ledger())
    assert civitai.parse(bundle) == []
    assert not bundle.candidates[0].claimed


def test_blocks_on_the_settings_line() -> None:
    resources = [
        {"type": "checkpoint", "modelVersionId": 1, "modelName": "WAI", "modelVersionName": "v16"},
        {"type": "lora", "weight": 0.8, "modelVersionId": 2, "modelName": "Fur, wet: x", "versionName": "b"},
        {"type": "embed", "modelVersionId": 3},
        {"air": "urn:air:sdxl:lora:civitai:4@5", "weight": 0},
        {"air": "urn:air:flux1:lora:huggingface:org/repo"},
        "junk",
        {"type": "lora"},
    ]
    text = f'a\nSteps: 20, Civitai resources: {json.dumps(resources)}, Civitai metadata: {{"remixOfId": 7}}, Seed: 1'
    finding = only(png("parameters", text))
    del finding["other"]
    assert finding == {
        "generator": "civitai",
        "prompt": "a",
        "steps": 20,
        "seed": 1,
        "extra": {"remixOfId": 7},
        "resources": [
            Claim(type="model", name="WAI", model_version_id=1),
            Claim(type="lora", name="Fur, wet: x", weight=0.8, model_version_id=2),
        ],
        "civitai_resources": [
            {"type": "checkpoint", "modelVersionId": 1},
            {"type": "lora", "modelVersionId": 2, "weight": 0.8},
            {"type": "embed", "modelVersionId": 3},
            {"type": "lora", "modelVersionId": 5, "weight": 0},
            {"type": "lora", "air": "urn:air:flux1:lora:huggingface:org/repo"},
        ],
    }


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (
            "ImageJobNetworkParams { Strength = 0.4, TriggerWord = , Type = lora }",
            {"type": "lora", "modelVersionId": 5, "weight": 0.4},
        ),
        ("ImageJobNetworkParams { Strength = , Type = lora }", {"type": "lora", "modelVersionId": 5}),
        ("ImageJobNetworkParams{Type=embed, Strength=1}", {"type": "embed", "modelVersionId": 5, "weight": 1}),
        ("lora", {"type": "lora", "modelVersionId": 5}),
    ],
)
def test_type_that_was_printed_with_its_fields(kind: str, entry: dict[str, Any]) -> None:
    block = json.dumps([{"type": kind, "modelVersionId": 5}])
    (finding,) = found(png("parameters", f"a\nSteps: 20, Civitai resources: {block}"))
    assert finding.civitai_resources == [entry]


@pytest.mark.parametrize(
    ("artist", "generator", "version"),
    [("ai", "civitai", None), ("AI", "a1111", "v1.10.1"), ("ai ", "a1111", "v1.10.1"), ("an ai", "a1111", "v1.10.1")],
)
def test_marker(artist: str, generator: str, version: str | None) -> None:
    (finding,) = warned(exif("Artist", artist), exif("UserComment", "a\nSteps: 20, Version: v1.10.1"))
    assert (finding.generator, finding.version) == (generator, version)


@pytest.mark.parametrize(("artist", "generator"), [("ai", "civitai"), ("AI", "comfyui")])
def test_marker_beside_a_graph_alone(artist: str, generator: str) -> None:
    (finding,) = found(exif("Artist", artist), exif("UserComment", stock()))
    assert (finding.generator, finding.kind, finding.seed) == (generator, Kind.GRAPH, 42)


def test_marker_counts_in_exif_only() -> None:
    (finding,) = warned(png("Artist", "ai"), png("parameters", "a\nSteps: 20"))
    assert finding.generator == "a1111"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHECKPOINT, ("checkpoint", "civitai", "827184", 2514310, "sdxl")),
        ("URN:AIR:SDXL:LORA:CIVITAI:1@2", ("lora", "civitai", "1", 2, "sdxl")),
        ("air:sd1:embed:civitai:1@2.safetensors", ("embed", "civitai", "1", 2, "sd1")),
        ("sd1:vae:civitai:1@2:layer.pt", ("vae", "civitai", "1", 2, "sd1")),
        ("lora:civitai:1@2", ("lora", "civitai", "1", 2, None)),
        ("civitai:1@2", (None, "civitai", "1", 2, None)),
        ("checkpoint:civitai:1.ckpt", ("checkpoint", "civitai", "1", None, None)),
        (
            "urn:air:flux1:checkpoint:huggingface:org/repo-1.0@main",
            ("checkpoint", "huggingface", "org/repo-1.0", None, "flux1"),
        ),
        ("urn:air:sdxl:checkpoint:civitai:1@x", ("checkpoint", "civitai", "1", None, "sdxl")),
    ],
)
def test_air(text: str, expected: tuple[object, ...]) -> None:
    air = parse_air(text)
    assert isinstance(air, Air)
    assert (air.type, air.source, air.id, air.model_version_id, air.ecosystem) == expected
    assert air.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cat",
        "a: b",
        "civitai:1",
        "foo:civitai:1@2",
        "lora:elsewhere:1@2",
        "urn:air:sdxl:lora:civitai:",
        "C:\\a.ckpt",
        "urn:air:",
        "urn:isbn:1",
        "air:" * 200 + CHECKPOINT,
    ],
)
def test_no_air(text: str) -> None:
    assert parse_air(text) is None


@needs_shared
def test_real_file_of_the_site() -> None:
    log = Ledger()
    data = (SHARED / "samples" / "civitai-hires.jpg").read_bytes()
    merged = merge_findings(find(read_embedded(BytesSource(data), log).texts, log), log)
    assert merged.generator == "civitai"
    assert merged.meta is not None
    assert {key: merged.meta[key] for key in ("seed", "steps", "cfgScale", "sampler", "scheduler", "extra")} == {
        "seed": 1311178179,
        "steps": 25,
        "cfgScale": 5,
        "sampler": "Euler a",
        "scheduler": "normal",
        "extra": {"workflowId": "img2img-hires"},
    }
    assert merged.meta["civitaiResources"] == [
        {"type": "checkpoint", "modelVersionId": 2514310, "weight": 1},
        {"type": "upscaler", "modelVersionId": 164821},
    ]
