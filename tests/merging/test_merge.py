from __future__ import annotations

from typing import Any

import pytest

from extractor.embedded import Carrier, Text
from extractor.finding import Finding, Kind, ResourceClaim
from extractor.ledger import Ledger
from extractor.merging.merge import Merged, merge_findings

CHUNK = Text("png", "tEXt", "parameters", "", Carrier.CHUNK)
GRAPH = Text("png", "tEXt", "prompt", "", Carrier.CHUNK)
EXIF = Text("png", "exif", "UserComment", "", Carrier.EXIF)


def infotext(text: Text = CHUNK, **fields: Any) -> Finding:
    return Finding(**{"generator": "a1111", "kind": Kind.INFOTEXT, "text": text, **fields})


def graph(**fields: Any) -> Finding:
    return Finding(**{"generator": "comfyui", "kind": Kind.GRAPH, "text": GRAPH, **fields})


def structured(**fields: Any) -> Finding:
    return Finding(**{"generator": "swarmui", "kind": Kind.STRUCTURED, "text": CHUNK, "version": "0.9", **fields})


def merge(*findings: Finding) -> tuple[Merged, list[str]]:
    log = Ledger()
    return merge_findings(list(findings), log), [warning.code for warning in log.items]


@pytest.mark.parametrize(
    ("findings", "meta", "codes"),
    [
        pytest.param([], None, [], id="nothing"),
        pytest.param([graph()], None, [], id="a finding without fields"),
        pytest.param(
            [graph(prompt="g", seed=2, steps=9), structured(prompt="s", seed=0)],
            {"prompt": "s", "seed": 0, "steps": 9},
            [],
            id="structured over graph, zero is a value",
        ),
        pytest.param(
            [infotext(EXIF, prompt="exif", steps=1), infotext(CHUNK, prompt="chunk")],
            {"prompt": "chunk", "steps": 1},
            [],
            id="text chunk over EXIF",
        ),
        pytest.param(
            [infotext(prompt="a  b", seed=1), infotext(prompt="a b", seed=2)],
            {"prompt": "a  b", "seed": 1},
            ["sources-disagree"],
            id="equal rank: the first counts, told only of real differences",
        ),
        pytest.param(
            [infotext(negative_prompt=""), graph(negative_prompt="dog")],
            {"negativePrompt": ""},
            [],
            id="an empty prompt is a value",
        ),
        pytest.param(
            [infotext(sampler="Euler a"), graph(sampler="Euler a Karras", scheduler="karras")],
            {"sampler": "Euler a"},
            [],
            id="the scheduler goes with its sampler",
        ),
        pytest.param(
            [structured(model="dir/m.safetensors"), infotext(model="m", model_hash="0123456789")],
            {"Model": "m", "resources": [{"name": "m", "type": "model"}]},
            [],
            id="the hash goes with its model",
        ),
        pytest.param(
            [infotext(model_hash="0123456789")],
            {
                "Model hash": "0123456789",
                "hashes": {"model": "0123456789"},
                "resources": [{"type": "model", "hash": "0123456789"}],
            },
            [],
            id="a hash without a name",
        ),
        pytest.param(
            [infotext(model="m", hashes={"model": "0123456789"}), graph(hashes={"model": "aaaaaaaaaa"})],
            {
                "Model": "m",
                "hashes": {"model": "0123456789"},
                "resources": [{"name": "m", "type": "model", "hash": "0123456789"}],
            },
            [],
            id="a model hash that stands in the list of hashes only",
        ),
        pytest.param(
            [infotext(other={"Version": "v1", "prompt": "no"}), graph(other={"Version": "v2", "guidance": 3.5})],
            {"Version": "v1", "guidance": 3.5},
            [],
            id="other keys, but never one of the schema's",
        ),
        pytest.param(
            [infotext(vae="x/v.pt"), graph(vae="y/w.pt")],
            {"VAE": "x/v.pt", "resources": [{"name": "v", "type": "vae"}]},
            [],
            id="the VAE of an infotext is verbatim",
        ),
        pytest.param(
            [
                infotext(prompt="p <lora:Detail:0.8>"),
                graph(
                    resources=[ResourceClaim(type="lora", name="detail.safetensors", hash="0xABCDEF012345", weight=1)]
                ),
            ],
            {
                "prompt": "p <lora:Detail:0.8>",
                "resources": [{"name": "Detail", "type": "lora", "hash": "abcdef012345", "weight": 0.8}],
            },
            [],
            id="resources are joined across sources",
        ),
    ],
)
def test_fields(findings: list[Finding], meta: dict[str, Any] | None, codes: list[str]) -> None:
    assert (merge(*findings)[0].meta, merge(*findings)[1]) == (meta, codes)
    assert merge(*reversed(findings))[0].meta == meta or codes


WIDGETS = {"prompt": "unknown", "negative_prompt": "unknown", "seed": 0, "steps": 20, "size": "512x512", "model": "w"}


@pytest.mark.parametrize(
    ("findings", "meta", "codes"),
    [
        pytest.param(
            [
                infotext(**WIDGETS, clip_skip=2),
                graph(prompt="a cat", seed=5, saver_defaults=frozenset({"negative_prompt", "size", "model"})),
            ],
            {"prompt": "a cat", "seed": 5, "steps": 20, "clipSkip": 2},
            [],
            id="the graph wins; unlinked widgets prove nothing; linked ones do",
        ),
        pytest.param(
            [infotext(**WIDGETS), graph(prompt="a cat", saver_defaults=None)],
            {
                "prompt": "unknown",
                "negativePrompt": "unknown",
                "seed": 0,
                "steps": 20,
                "Size": "512x512",
                "Model": "w",
                "resources": [{"name": "w", "type": "model"}],
            },
            [],
            id="no saver in the graph: the infotext counts",
        ),
        pytest.param(
            [infotext(**WIDGETS, other={"Version": "ComfyUI"})],
            {"Version": "ComfyUI"},
            ["saver-default"],
            id="without a graph the saver's defaults are dropped",
        ),
        pytest.param(
            [infotext(prompt="unknown", seed=1, size="512x512")],
            {"prompt": "unknown", "seed": 1, "Size": "512x512"},
            [],
            id="a real picture may look like it in part",
        ),
    ],
)
def test_saver_rule(findings: list[Finding], meta: dict[str, Any], codes: list[str]) -> None:
    merged, warnings = merge(*findings)
    assert (merged.meta, warnings) == (meta, codes)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], (None, None)),
        ([graph(), infotext(generator="forge", version="f2.0.1")], ("forge", "f2.0.1")),
        ([graph(), infotext()], ("comfyui", None)),
        ([infotext()], ("a1111", None)),
        ([infotext(version="v1.10.1"), graph()], ("a1111", "v1.10.1")),
        ([infotext(), graph(), structured()], ("swarmui", "0.9")),
    ],
)
def test_the_generator_is_that_of_the_best_source_that_knows(
    findings: list[Finding], expected: tuple[str | None, str | None]
) -> None:
    merged, _ = merge(*findings)
    assert (merged.generator, merged.version) == expected


def test_sources_are_listed_best_first_each_once() -> None:
    merged, _ = merge(graph(), infotext(EXIF), infotext(), infotext(created_at="2024-01-01T00:00:00Z"))
    assert merged.sources == ["png:tEXt:parameters", "png:exif:UserComment", "png:tEXt:prompt"]
    assert merged.created_at == "2024-01-01T00:00:00Z"
