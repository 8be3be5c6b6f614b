"""The parsers of texts and what joins their findings, on texts sixteen times apart, without limits on counts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.merging.merge import merge_findings
from extractor.parsers.registry import find
from tests.parsers.texts import exif, png

COUNTS = [name for name in Limits.__dataclass_fields__ if not name.endswith("_depth") and name != "integer_digits"]
UNBOUNDED = Limits(**dict.fromkeys(COUNTS, 1 << 30))
SMALL = 12_000
TIMES = 16
SLACK = 6
"""Quadratic work takes 16 times longer still; a machine in use is slower for moments."""


def filled(piece: str, begin: str = "", end: str = "") -> Callable[[int], str]:
    return lambda size: begin + piece * (size // len(piece)) + end


def numbered(piece: str, begin: str = "", end: str = "") -> Callable[[int], str]:
    return lambda size: begin + "".join(piece.replace("#", str(n)) for n in range(size // len(piece))) + end


LINE = "a\nSteps: 1, Seed: 2"
INFOTEXTS: dict[str, Callable[[int], str]] = {
    "different settings": numbered("k#: v, ", "a\nSteps: 1, Seed: 2, "),
    "equal settings": filled("k: v, ", "a\nSteps: 1, Seed: 2, "),
    "pieces without a colon": filled("a ,", "a\nSteps: 1, Seed: 2, k: "),
    "quoted values": numbered('k#: "a, b", ', "a\nSteps: 1, Seed: 2, "),
    "open quotes": filled('k: "', "a\nSteps: 1, Seed: 2, "),
    "backslashes": filled('\\"', 'a\nSteps: 1, Seed: 2, k: "'),
    "open brackets": filled("k: [", "a\nSteps: 1, Seed: 2, "),
    "open braces": filled("k: {", "a\nSteps: 1, Seed: 2, "),
    "lines with colons": filled("a: b\n"),
    "lines of settings": filled(LINE + "\n"),
    "negative prompts": filled("Negative prompt: a\n", "a\n", "Steps: 1, Seed: 2"),
    "jammed lines": filled("Steps: 1 Sampler: a Negative prompt: ", "a "),
    "blanks": filled(" ", "a\nSteps: 1, Seed: 2, k:"),
    "line ends": filled("\n", LINE),
    "tags": numbered("<lora:a#:1>", "", "\nSteps: 1, Seed: 2"),
    "equal tags": filled("<lora:a:1>", "", "\nSteps: 1, Seed: 2"),
    "open tags": filled("<lora:", "", "\nSteps: 1, Seed: 2"),
    "colons in tags": filled(":", "<lora:", ">\nSteps: 1, Seed: 2"),
    "hashes of LoRAs": numbered("a#: 0123456789ab, ", 'a\nSteps: 1, Seed: 2, Lora hashes: "', '"'),
    "additional networks": numbered(
        "AddNet Module #: LoRA, AddNet Model #: a#(0123456789ab), AddNet Weight A #: 1, ", "a\nSteps: 1, Seed: 2, "
    ),
    "tails": filled("\nTemplate: a", LINE),
    "hashes": lambda size: LINE + ", Hashes: " + json.dumps({f"lora:a{n}": "0123456789" for n in range(size // 26)}),
    "resources of Civitai": lambda size: (
        LINE + ", Civitai resources: " + json.dumps([{"type": "lora", "modelVersionId": n} for n in range(size // 39)])
    ),
    "LoRAs and their hashes": lambda size: (
        "".join(f"<lora:a{n}:1>" for n in range(size // 40))
        + '\nSteps: 1, Seed: 2, Lora hashes: "'
        + ", ".join(f"a{n}: {n:012x}" for n in range(size // 40))
        + '"'
    ),
}


@pytest.mark.parametrize("name", INFOTEXTS)
def test_sixteen_times_the_infotext(name: str) -> None:
    make = INFOTEXTS[name]
    assert seconds(make(SMALL * TIMES)) < SLACK * TIMES * max(seconds(make(SMALL)), 0.001)


def seconds(text: str) -> float:
    """Reading and merging it, as a chunk and as a UserComment that says the same."""
    best = float("inf")
    for _ in range(3):
        log = Ledger(UNBOUNDED)
        texts = [png("parameters", text), exif("UserComment", text)]
        begin = time.process_time()
        merge_findings(find(texts, log), log)
        best = min(best, time.process_time() - begin)
    return best


def many(count: int) -> float:
    texts = [png("parameters", f"a <lora:b{number}:1>\nSteps: {number}, Seed: 2") for number in range(count)]
    best = float("inf")
    for _ in range(3):
        log = Ledger(UNBOUNDED)
        begin = time.process_time()
        merge_findings(find(texts, log), log)
        best = min(best, time.process_time() - begin)
    return best


def test_sixteen_times_the_texts() -> None:
    assert many(60 * TIMES) < SLACK * TIMES * max(many(60), 0.001)
