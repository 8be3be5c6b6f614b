"""Files as their generators wrote them: every field that is known must come out, through the whole path."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extractor import ImageRecord, extract, format_infotext
from extractor.vocabulary.samplers import canonical_sampler
from tests.realfiles import FILES
from tests.support import ROOT, SHARED, itext_chunk, needs_shared, png

SAMPLES = SHARED / "samples"
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((SAMPLES / "expected.json").read_text()) if SHARED.is_dir() else {"absent": {}}
)
BILINEAR: dict[str, str] = json.loads((SHARED / "vectors" / "bilinear.json").read_text()) if SHARED.is_dir() else {}
SCHEMA = json.loads((ROOT / "extractor" / "schema" / "civitai-image-schema.json").read_text())
NAMES = {"sd-webui": "a1111"}
VERSIONS = {
    "chatgpt-image2.png": ("openai", "2.0"),
    "easy-reforge.png": ("easy-reforge", "f1.3.0-v1.10.1RC-latest-1038-g19395bf9"),
    "forge-classic.jpeg": ("forge-classic", "classic"),
    "forge-neo-adetailer.png": ("forge-neo", "neo-2.28"),
    "forge-neo.webp": ("forge-neo", "neo"),
    "forge.png": ("forge", "f2.0.1v1.10.1-previous-669-gdfdcbab6"),
    "invokeai.png": ("invokeai", "6.10.0"),
    "reforge.png": ("reforge", "f1.0.0v2-v1.10.1RC-latest-2498-g5120e679"),
    "sd-next-en.png": ("sd-next", "56a8aea"),
    "sd-next.jpg": ("sd-next", "56a8aea"),
    "sd-webui.jpg": ("a1111", "v1.10.1"),
    "sd-webui.webp": ("a1111", "v1.10.1"),
    "swarmui-hires.png": ("swarmui", "0.9.7.4"),
    "swarmui.jpg": ("swarmui", "0.9.7.4"),
}
META_KEYS = ("prompt", "negativePrompt", "seed", "steps", "cfgScale", "sampler", "clipSkip", "Model", "Model hash")


def wanted(expected: dict[str, Any], key: str, *, display: bool) -> list[Any]:
    """All right values of one key; None stands for absent."""
    value = expected[key]
    if key == "sampler" and display:
        value = canonical_sampler(value, expected.get("scheduler"))[0]
    values = [value, *expected.get("also_ok", {}).get(key, [])]
    if key == "negativePrompt" and value == "":
        values.append(None)
    return [normal(item) for item in values]


def normal(value: Any) -> Any:
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


@needs_shared
@pytest.mark.parametrize("name", EXPECTED)
def test_every_field(name: str) -> None:
    expected = EXPECTED[name]
    record = extract(SAMPLES / name)
    assert (record.width, record.height) == (expected["width"], expected["height"])
    assert record.hash == BILINEAR[f"samples/{name}"]
    assert extract(SAMPLES / name, hash="mipmap").hash == expected["hash"]
    jsonschema.validate(record.to_civitai(), SCHEMA, format_checker=jsonschema.FormatChecker())
    text = record.model_dump_json(by_alias=True, exclude_none=True)
    assert ImageRecord.model_validate_json(text) == record
    meta = record.to_civitai().get("meta", {})
    if expected.get("none"):
        assert meta == {}
        return
    infotext = "Schedule type" in meta
    for key in META_KEYS:
        if key in expected:
            assert normal(meta.get(key)) in wanted(expected, key, display=not infotext), key
    if "scheduler" in expected:
        assert meta.get("Schedule type", meta.get("scheduler")) == expected["scheduler"]


@needs_shared
@pytest.mark.parametrize("name", EXPECTED)
def test_generator(name: str) -> None:
    extraction = extract(SAMPLES / name, hash=False).extraction
    assert extraction is not None
    generator = EXPECTED[name].get("generator")
    expected = VERSIONS.get(name, (NAMES.get(generator, generator), None))
    assert (extraction.generator, extraction.version) == expected


@needs_shared
def test_only_defaults_of_a_save_node_leave_nothing_of_the_picture() -> None:
    record = extract(SAMPLES / "comfyui-comfy-image-saver.jpeg")
    assert record.to_civitai()["meta"] == {"Version": "ComfyUI"}


SCHEMA_FIELDS = ("prompt", "negativePrompt", "seed", "steps", "cfgScale", "sampler", "Model", "Model hash", "resources")
OTHER_FIELDS = ("scheduler", "clipSkip", "Size", "VAE")


def _said(meta: dict[str, Any], key: str) -> Any:
    """A field, as far as an infotext can hold it: it has no absent prompt, and one kind of line end."""
    value = normal(meta.get(key))
    return value or None if key in ("prompt", "negativePrompt") else value


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_is_written_as_infotext_comes_back(path: Path) -> None:
    record = extract(path, hash=False)
    if record.meta is None:
        pytest.skip("no generation data")
    text = format_infotext(record.meta)
    again = extract(png(itext_chunk("parameters", text.encode())), hash=False)
    meta, read = record.to_civitai()["meta"], again.to_civitai()["meta"]
    tags = read.get("prompt", "").removeprefix(normal(meta.get("prompt", "")))
    if re.fullmatch(r"(?: ?<[a-z]+:[^<>]+>)*", tags):
        read["prompt"] = read.get("prompt", "").removesuffix(tags)
    for key in (*SCHEMA_FIELDS, *OTHER_FIELDS):
        assert _said(read, key) == _said(meta, key), key
