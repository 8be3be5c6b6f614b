"""What is JSON and what only begins like it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor.embedded import Carrier
from extractor.finding import Kind
from extractor.ledger import Ledger
from extractor.parsers.registry import find
from tests.parsers.texts import codes, exif, only, png, sidecar, sources, stealth, warned, xmp

S = "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1"
READ = {"generator": "a1111", "steps": 20, "sampler": "Euler", "cfg_scale": 7, "seed": 1}
PROMPTS = [
    '{"a": "b"}',
    json.dumps({"scene": "a pier", "mood": ["calm", {"light": "dusk"}]}, indent=2),
    "{}",
    "{ }",
    "[]",
    '["a", "b"]',
    '{"red"|"blue"} hat',
    '{"a": "b"} and a cat',
    '{"a": "b"',
    '{"prompt": "a cat", "steps": 5, "seed": 9, "sampler": "x"}',
    'prompt: {"a": "b"}',
    '{"prompt": "x", "uc": "y", "scale": 5, "sampler": "z"}',
    '{"a": {"class_type": "b", "inputs": {}}}',
]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("place", [png, exif, xmp], ids=["chunk", "exif", "xmp"])
def test_a_prompt_that_begins_like_json(prompt: str, place: Any) -> None:
    key = {png: "parameters", exif: "UserComment", xmp: "dc:description"}[place]
    assert only(place(key, f"{prompt}\n{S}")) == READ | {"prompt": prompt}
    assert only(place(key, f"{prompt}\nNegative prompt: [1]\n{S}")) == READ | {
        "prompt": prompt,
        "negative_prompt": "[1]",
    }


def test_settings_that_end_like_json() -> None:
    said = only(png("parameters", f'{{"a": "b"}}\n{S}, Hashes: {{"model": "1234567890"}}'))
    assert (said["prompt"], said["hashes"]) == ('{"a": "b"}', {"model": "1234567890"})


def test_in_pixels_and_beside() -> None:
    assert only(stealth(f'{{"a": "b"}}\n{S}'))["prompt"] == '{"a": "b"}'
    assert only(sidecar("txt", f'{{"a": "b"}}\n{S}'))["prompt"] == '{"a": "b"}'


def test_json_that_jams_settings_into_a_text() -> None:
    jammed = {"t": "a. Steps: 1, Sampler: b, Seed: 2, Size: 3x3"}
    for value in (json.dumps(jammed), json.dumps([jammed]), "Note: " + json.dumps(jammed)):
        assert warned(exif("UserComment", value)) == []


def test_junk_behind_json_is_no_settings() -> None:
    data = json.dumps({"prompt": "a", "uc": "b", "scale": 5})
    for junk in ("\0\0", "\n", "\0 junk: x", "}"):
        assert sources(png("Comment", data + junk)) == [("novelai", Kind.STRUCTURED, "png:tEXt:Comment")]


def test_complaints_are_of_texts_that_nobody_reads() -> None:
    assert codes(png("parameters", f'{{"a": broken\n{S}')) == []
    assert codes(png("Comment", '{"a": broken')) == ["json-invalid"]


def test_of_one_keyword_the_last_that_is_read_counts() -> None:
    first, last = (png("parameters", f"{prompt}\nNegative prompt: n\n{S}") for prompt in "ab")
    log = Ledger()
    (finding,) = find([first, last, png("parameters", "no settings")], log)
    assert finding.prompt == "b"
    assert [item.code for item in log.items] == ["repeated-keyword"]
    assert codes(first, first) == []
    assert len(find([first, exif("UserComment", last.value)], Ledger())) == 2


def test_a_text_behind_the_picture_is_no_source() -> None:
    behind = png("parameters", f"a\n{S}")._replace(carrier=Carrier.BEHIND)
    assert find([behind], Ledger()) == []
