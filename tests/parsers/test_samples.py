"""The real files of the tools that have no graph of their own to be read."""

from __future__ import annotations

import json

import pytest

from extractor.files.bytesource import BytesSource
from extractor.finding import Finding, Kind
from extractor.ledger import Ledger
from extractor.parsers.credentials import credentials
from extractor.parsers.registry import find
from extractor.readers.registry import read_embedded
from tests.support import SHARED, needs_shared

DISPLAY = {
    "swarmui-hires.png": "Euler a Karras",
    "swarmui.jpg": "Euler a Karras",
    "invokeai.png": "Euler a",
    "novelai-full-3char.png": "Euler a Karras",
    "novelai-curated.webp": "Euler a Karras",
    "ruined-fooocus.png": "DPM++ 2M SDE Karras",
    "stability-matrix-hires.png": "Euler a Karras",
    "tensorart.png": "Euler a Karras",
    "huggingface-space.png": "DPM++ 2M Karras",
}
VERSIONS = {"swarmui-hires.png": "0.9.7.4", "swarmui.jpg": "0.9.7.4", "invokeai.png": "6.10.0"}
SIZES = {"swarmui-hires.png": "768x768"}
FIELDS = {
    "prompt": "prompt",
    "negativePrompt": "negative_prompt",
    "seed": "seed",
    "steps": "steps",
    "cfgScale": "cfg_scale",
    "scheduler": "scheduler",
    "clipSkip": "clip_skip",
    "Model": "model",
    "Model hash": "model_hash",
}
ELSEWHERE = {("tensorart.png", "seed")}
"""Fields that only the graph of the file gives."""


def findings(name: str) -> list[Finding]:
    log = Ledger()
    embedded = read_embedded(BytesSource((SHARED / "samples" / name).read_bytes()), log)
    found = find(embedded.texts, log)
    assert log.items == []
    return found


@needs_shared
@pytest.mark.parametrize("name", DISPLAY)
def test_every_field(name: str) -> None:
    expected = json.loads((SHARED / "samples" / "expected.json").read_text())[name]
    (finding,) = (finding for finding in findings(name) if finding.kind is Kind.STRUCTURED)
    got = {key: getattr(finding, field) for key, field in FIELDS.items()}
    if got["Model"] is not None:
        got["Model"] = got["Model"].removesuffix(".safetensors")
    wanted = {key: expected[key] for key in FIELDS if key in expected and (name, key) not in ELSEWHERE}
    assert {key: got[key] for key in wanted} == wanted
    assert finding.generator == expected["generator"]
    assert finding.sampler == DISPLAY[name]
    assert finding.version == VERSIONS.get(name)
    assert finding.size == SIZES.get(name, f"{expected['width']}x{expected['height']}")


@needs_shared
@pytest.mark.parametrize("name", ["gimp.png", "gimp.jpg", "empty.jpg", "chatgpt-image2.png"])
def test_no_generation_data(name: str) -> None:
    assert findings(name) == []


@needs_shared
def test_credentials_of_a_real_file() -> None:
    embedded = read_embedded(BytesSource((SHARED / "samples" / "chatgpt-image2.png").read_bytes()), Ledger())
    assert embedded.c2pa is not None
    assert credentials(embedded.c2pa, embedded.texts, Ledger()) == ("openai", "2.0", True)
