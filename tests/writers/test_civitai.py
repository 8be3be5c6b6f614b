from __future__ import annotations

import pytest

from extractor import Meta, check_civitai, extract, parse_infotext
from extractor.errors import ExtractorError
from extractor.writers.civitai import format_civitai
from tests.realfiles import FILES
from tests.writers.rules import civitai_reads

WHOLE = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model hash: 0123456789, Model: m"

NETWORK = "AddNet Enabled: True, AddNet Module 1: LoRA, AddNet Model 1: style(0123456789ab)"


@pytest.mark.parametrize(
    ("text", "codes", "loses_all"),
    [
        (WHOLE, [], False),
        ("a cat", ["no-settings"], True),
        (WHOLE.replace("Model: m", 'Model: "m, n"'), ["model-name"], True),
        (WHOLE.replace("Model: m", 'Model: my "best"'), ["model-name"], True),
        (WHOLE + ', Note: a "b" c', ["quote-in-value"], True),
        (WHOLE + ", Clip skip: None", ["clip-skip"], True),
        (WHOLE + ", Clip skip: 2", [], False),
        (WHOLE + ', regions: [{"x": 1}]', ["json-value"], True),
        (WHOLE + ', Civitai resources: [{"type":"lora","modelVersionId":5,"weight":1}]', [], False),
        (WHOLE + ', Civitai resources: [{"type":"lora","modelVersionId":"5"}]', ["resource-version"], True),
        (WHOLE + ', Civitai resources: [{"type":"lora"}]', ["resource-version"], True),
        (WHOLE + ', Civitai resources: [{"modelVersionId":5,"tags":["a"]}]', ["resources-nested"], True),
        (WHOLE + ', Civitai resources: [{"modelVersionId":5,"modelName":"a [b]"}]', ["resources-nested"], True),
        (WHOLE + f", {NETWORK}, AddNet Weight 1: 0.5", [], False),
        (WHOLE + f", {NETWORK}, AddNet Weight A 1: 0.5, AddNet Weight B 1: 0.5", ["network-weight"], True),
        (WHOLE + f", {NETWORK}".replace("True", "False"), [], False),
        (WHOLE.replace(", Model: m", ""), ["model-hash-alone"], False),
        (WHOLE.replace("Model hash: 0123456789, ", ""), ["no-model-hash"], False),
        (WHOLE.replace("Seed: 1", "Seed: 9007199254740993"), ["seed-rounded"], False),
        (WHOLE + ', TI hashes: "e: 0123456789ab"', ["ti-hashes"], False),
        (WHOLE + ', Hashes: {"embed:e": "0123456789"}', [], False),
        (WHOLE + ", VAE hash: 0123456789", ["vae-hash"], False),
        (WHOLE.replace("0123456789", "abcdef01234"), ["hash-unknown"], False),
        (WHOLE.replace("a cat", "<lora:plain_name.v1:0.5>"), [], False),
        (WHOLE.replace("a cat", "<lora:two words:0.5>"), ["tag-weight"], False),
        (WHOLE.replace("a cat", "<lora:x:-1>"), ["tag-weight"], False),
        (WHOLE.replace("a cat", "<lora:x:1:0.5>"), ["tag-weight"], False),
    ],
)
def test_remarks(text: str, codes: list[str], loses_all: bool) -> None:
    remarks = check_civitai(text)
    assert [remark.code for remark in remarks] == codes
    assert any(remark.loses_all for remark in remarks) == loses_all
    assert all(remark.message for remark in remarks)
    assert bool(civitai_reads(text)) is not loses_all


def test_networks_of_an_extension_are_written_as_tags() -> None:
    meta = parse_infotext(f"{WHOLE}, {NETWORK}, AddNet Weight A 1: 0.5")
    text = format_civitai(meta)
    assert "AddNet" not in text
    assert "<lora:style:0.5>" in text
    assert '"lora:style": "0123456789ab"' in text
    assert not any(remark.loses_all for remark in check_civitai(text))
    assert civitai_reads(text)["Steps"] == "20"


def test_the_dialect() -> None:
    meta = Meta.model_validate(
        {
            "prompt": "a cat",
            "negativePrompt": "dog",
            "seed": 1,
            "steps": 20,
            "cfgScale": 7,
            "sampler": "Euler a",
            "Model": 'a, "b": c',
            "Model hash": "0123456789",
            "clipSkip": 2,
            "resources": [
                {"type": "lora", "name": "two [words]", "weight": 0.5, "modelVersionId": 7, "hash": "0123456789ab"}
            ],
            "hashes": {"embed:e": "f" * 64},
            "civitaiResources": [{"type": "checkpoint", "modelVersionId": 8, "modelName": "m"}],
        }
    )
    text = format_civitai(meta)
    assert text == (
        "a cat <lora:two [words]:0.5>\nNegative prompt: dog\n"
        "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Model hash: 0123456789, Model: a b c, Clip skip: 2, "
        'Hashes: {"model": "0123456789", "embed:e": "ffffffffffff", "lora:two [words]": "0123456789ab"}, '
        'Civitai resources: [{"type": "lora", "modelVersionId": 7, "modelName": "two words", "weight": 0.5}, '
        '{"type": "checkpoint", "modelVersionId": 8, "modelName": "m"}]'
    )
    assert check_civitai(text) == []
    assert civitai_reads(text)["Civitai resources"][0]["weight"] == 0.5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_whatever_a_file_has_is_not_lost_as_a_whole(path: object) -> None:
    try:
        meta = extract(path, hash=False).meta  # type: ignore[arg-type]
    except ExtractorError:
        return
    if meta is None or meta.steps is None:
        return
    text = format_civitai(meta)
    assert not any(remark.loses_all for remark in check_civitai(text)), text
    settings = civitai_reads(text)
    assert settings["Steps"] == str(meta.steps)
    again = parse_infotext(text)
    assert (again.seed, again.steps) == (meta.seed, meta.steps)
    assert (again.prompt or "").startswith(meta.prompt or "")  # tags may be appended


def test_wrong_types() -> None:
    with pytest.raises(TypeError):
        check_civitai(b"x")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        format_civitai("x")  # type: ignore[arg-type]
