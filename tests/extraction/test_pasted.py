"""Text that somebody pasted: graphs of ComfyUI. Parameters stand in the tests of the infotext."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extractor import Meta, UnsupportedFormatError, parse_workflow
from tests.parsers.comfyui.graphs import STOCK as EXECUTED
from tests.parsers.comfyui.workflows import STOCK, workflow

DRAWN = workflow(*STOCK)
META: dict[str, Any] = {
    "prompt": "a cat,",
    "negativePrompt": "a dog",
    "seed": 42,
    "steps": 20,
    "cfgScale": 7.0,
    "sampler": "DPM++ 2M Karras",
    "scheduler": "karras",
    "denoise": 1.0,
    "Size": "832x1216",
    "Model": "cat",
    "resources": [{"name": "cat", "type": "model"}],
}


@pytest.mark.parametrize(
    "graph",
    [EXECUTED, DRAWN, {"prompt": EXECUTED, "workflow": DRAWN}, {"workflow": DRAWN}, {"prompt": json.dumps(EXECUTED)}],
    ids=["executed", "editor", "both", "editor inside", "text inside"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_graphs_in_both_forms(graph: Any, indent: int | None) -> None:
    meta = parse_workflow(json.dumps(graph, indent=indent))
    assert isinstance(meta, Meta)
    assert meta.model_dump(by_alias=True, exclude_none=True) == META


@pytest.mark.parametrize("text", ["", "a cat", "{}", "[]", "null", '{"nodes": [], "links": []}', "{" * 1000, "\ud800"])
def test_text_without_a_graph(text: str) -> None:
    with pytest.raises(UnsupportedFormatError, match="no ComfyUI graph"):
        parse_workflow(text)


def test_only_text_is_taken() -> None:
    with pytest.raises(TypeError, match="text must be str, not bytes"):
        parse_workflow(b"{}")  # type: ignore[arg-type]
