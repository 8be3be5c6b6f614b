"""Texts made to be slow: with anything worse than linear work each would take minutes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from extractor.embedded import Text
from extractor.ledger import Ledger
from extractor.parsers.registry import find
from tests.parsers.texts import png, sidecar, xmp

N = 300_000
SECONDS = 3.0
"""Some 50 times what the slowest takes."""


def _ruined(loras: str) -> dict[str, Any]:
    return {"Prompt": "a", "base_model_name": "b", "loras": loras}


HOSTILE: dict[str, list[Text]] = {
    "labels": [png("Comment", ",a:" * N)],
    "known labels": [png("Comment", "prompt:;" * (N // 8))],
    "one long word": [png("Comment", "\n" + "a" * N)],
    "separators": [png("Comment", "," * N)],
    "blanks": [png("Comment", " " * N + ":")],
    "switches": [png("Dream", '"x" -' + " -s" * N)],
    "brackets": [png("Dream", '"' + "[]" * N + '" -s 5')],
    "open brackets": [png("Dream", '"' + "[" * N + '] -s 5"')],
    "flags": [png("Description", " --a" * N + " Job ID: 01234567-89ab-cdef-0123-456789abcdef")],
    "pairs": [xmp("xmp:CreatorTool", "Draw Things"), xmp("dc:description", "a\nSteps: " + "a: b, " * N)],
    "lines": [sidecar("txt", "Prompt: a\n" * N)],
    "tags": [png("parameters", _ruined("<a:1>" * N))],
    "open tags": [png("parameters", _ruined("<" * N))],
    "spellings": [png("c", {f"{number}prompt": number for number in range(N // 10)})],
    "quotes": [png("c", {"use_stable_diffusion_model": "m", "use_lora_model": "['" + "'" * N})],
    "commas": [png("c", {"sui_image_params": {"loras": "," * N, "loraweights": "," * N}})],
}


@pytest.mark.parametrize("texts", HOSTILE.values(), ids=HOSTILE)
def test_work_is_linear(texts: list[Text]) -> None:
    begin = time.perf_counter()
    find(texts, Ledger())
    assert time.perf_counter() - begin < SECONDS
