"""Save nodes that write an infotext of their own widgets: unwired, those prove nothing about the picture."""

from __future__ import annotations

import re
from typing import Final

from extractor.parsers.comfyui.graph import Graph, Node

_FIELDS: Final = {
    "prompt": ("positive", "prompt", "positive_prompt", "pos_prompt", "positive_text"),
    "negative_prompt": ("negative", "negative_prompt", "neg_prompt", "negative_text"),
    "seed": ("seed", "seed_value", "noise_seed"),
    "steps": ("steps",),
    "cfg_scale": ("cfg", "cfg_scale", "guidance", "guidance_scale"),
    "sampler": ("sampler_name", "sampler"),
    "scheduler": ("scheduler_name", "scheduler"),
    "size": ("width", "height"),
    "model": ("modelname", "model_name", "model", "ckpt_name", "basemodelname", "model_name_str"),
    "denoise": ("denoise",),
    "clip_skip": ("clip_skip",),
}
"""Field of `Finding` -> widgets of such nodes."""
_FIELD_OF: Final = {widget: name for name, widgets in _FIELDS.items() for widget in widgets}
_ENOUGH: Final = 3
"""A save node with widgets for so many fields writes them down, whatever its class."""
_WORDS: Final = re.compile("metadata|promptsaver|prompt saver|promptdata|prompt data|loramanager|a1111|infotext")
"""Classes that gather the fields from the graph when they run."""
_SETTINGS_LINKS: Final = ("metadata", "image_metadata")
"""Links to a node that holds the saver's widgets in its place."""


def saver_defaults(graph: Graph, savers: list[Node]) -> frozenset[str] | None:
    """The fields that one of the savers wrote from unlinked widgets; None when none of them writes infotext."""
    found: set[str] | None = None
    for node in savers:
        holders = [node, *[graph.nodes[node.links[key][0]] for key in _SETTINGS_LINKS if key in node.links]]
        fields = {_FIELD_OF[key] for holder in holders for key in holder.inputs if key in _FIELD_OF}
        if len(fields) >= _ENOUGH or node.says(_WORDS):
            found = (found or set()).union(*map(_unlinked_fields, holders))
    return None if found is None else frozenset(found)


def _unlinked_fields(node: Node) -> list[str]:
    return [_FIELD_OF[key] for key in node.inputs if key in _FIELD_OF and key not in node.links]
