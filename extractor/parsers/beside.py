"""Sidecars of other tools: what the files beside an image say, told by the parsers for embedded texts."""

from __future__ import annotations

from typing import Final

from extractor.embedded import Text
from extractor.ledger import Ledger
from extractor.parsers.flatjson import Tool
from extractor.text.jsontext import JsonObject, dump_json, load_object, looks_like_object

_OWN_MARK: Final = "extraction"
"""Key of a record that this library wrote: never a source."""

_WRAPPERS: Final = (
    "info",
    "parameters",
    "meta",
    "metadata",
    "generation_data",
    "parameters-json",
    "invokeai_metadata",
    "sd-metadata",
    "comment",
    "usercomment",
    "infotext",
    "generation_info",
    "exif",
)
"""Keys, case folded, under which tools that save a file's texts or an API's answer keep the data itself. An answer's
``info`` says what was made, its ``parameters`` what was asked for."""

_DEEPEST: Final = 3
"""Wrappers within one another."""
_LONGEST_WRAPPER: Final = max(map(len, _WRAPPERS))

A1111_API: Final = Tool(
    generator="a1111",
    markers=(
        frozenset(("sd_model_hash", "sampler_name")),
        frozenset(("infotexts", "all_prompts")),
        frozenset(("cfg_scale", "sampler_index", "restore_faces")),
    ),
    keys={
        "version": ("version",),
        "prompt": ("prompt",),
        "negative_prompt": ("negative_prompt",),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("cfg_scale",),
        "sampler": ("sampler_name", "sampler_index"),
        "scheduler": ("scheduler",),
        "width": ("width",),
        "height": ("height",),
        "model": ("sd_model_name",),
        "model_hash": ("sd_model_hash",),
        "vae": ("sd_vae_name",),
        "clip_skip": ("clip_skip",),
        "denoise": ("denoising_strength",),
    },
)
"""What A1111's API answers and scripts save; one ``info`` stands for the first picture of its batch."""


def unfold(sidecar: Text, log: Ledger) -> list[Text]:
    """The texts in one sidecar that may hold generation data; none for a record of this library."""
    if not looks_like_object(sidecar.value):
        return [sidecar]
    data = load_object(sidecar.value, log, sidecar.source)
    if data is None or isinstance(data.get(_OWN_MARK), dict):
        return []
    return [sidecar, *inner_texts(sidecar, data)]


def inner_texts(text: Text, data: JsonObject, depth: int = 0) -> list[Text]:
    """The texts that an object, which is `text`, holds under `_WRAPPERS`, also one within another.

    Of a list its one item is meant.
    """
    folded = {key.casefold(): value for key, value in data.items() if len(key) <= _LONGEST_WRAPPER}
    texts = []
    for key in _WRAPPERS:
        value = folded.get(key)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        inner: list[Text] = []
        if isinstance(value, dict):
            inner = inner_texts(text, value, depth + 1) if depth < _DEEPEST else []
            value = "" if inner else dump_json(value)
        if isinstance(value, str) and value.strip():
            inner.append(Text(text.container, text.place, key, value, text.carrier))
        texts += inner
    return texts
