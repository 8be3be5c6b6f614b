"""The parsers of texts and what joins their findings, on texts made to be slow."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from extractor.embedded import Text
from extractor.ledger import Ledger
from extractor.merging.merge import merge_findings
from extractor.parsers.registry import find
from tests.growth import UNBOUNDED, assert_linear, filled, numbered
from tests.parsers.texts import exif, png, sidecar, xmp

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


def _ruined(loras: str) -> dict[str, str]:
    return {"Prompt": "a", "base_model_name": "b", "loras": loras}


def _quoted_swarm(size: int) -> list[Text]:
    commas = "," * (size // 2)
    return [png("c", {"sui_image_params": {"loras": commas, "loraweights": commas}})]


def chunks(key: str, make: Callable[[int], str]) -> Callable[[int], list[Text]]:
    return lambda size: [png(key, make(size))]


TEXTS: dict[str, Callable[[int], list[Text]]] = {
    "labels": chunks("Comment", filled(",a:")),
    "known labels": chunks("Comment", filled("prompt:;")),
    "one long word": chunks("Comment", filled("a", "\n")),
    "separators": chunks("Comment", filled(",")),
    "blanks": chunks("Comment", filled(" ", "", ":")),
    "switches": chunks("Dream", filled(" -s", '"x" -')),
    "brackets": chunks("Dream", filled("[]", '"', '" -s 5')),
    "open brackets": chunks("Dream", filled("[", '"', '] -s 5"')),
    "flags": chunks("Description", filled(" --a", "", " Job ID: 01234567-89ab-cdef-0123-456789abcdef")),
    "pairs": lambda size: [
        xmp("xmp:CreatorTool", "Draw Things"),
        xmp("dc:description", filled("a: b, ", "a\nSteps: ")(size)),
    ],
    "lines": lambda size: [sidecar("txt", filled("Prompt: a\n")(size))],
    "tags": lambda size: [png("parameters", _ruined(filled("<a:1>")(size)))],
    "open tags": lambda size: [png("parameters", _ruined(filled("<")(size)))],
    "spellings": lambda size: [png("c", {f"{number}prompt": number for number in range(size // 20)})],
    "quotes": lambda size: [png("c", {"use_stable_diffusion_model": "m", "use_lora_model": filled("'", "['")(size)})],
    "commas": _quoted_swarm,
    "texts": lambda size: [
        png("parameters", f"a <lora:b{number}:1>\nSteps: {number}, Seed: 2") for number in range(size // 32)
    ],
}


def work(texts: list[Text]) -> None:
    log = Ledger(UNBOUNDED)
    merge_findings(find(texts, log), log)


@pytest.mark.parametrize("name", INFOTEXTS)
def test_infotexts(name: str) -> None:
    """In a chunk, and in a UserComment that says the same."""
    assert_linear(lambda text: work([png("parameters", text), exif("UserComment", text)]), INFOTEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    assert_linear(work, TEXTS[name])
