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
)
"""Keys, case folded, under which tools that save a file's texts or an API's answer keep the data itself. An answer's
``info`` says what was made, its ``parameters`` what was asked for."""

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


def inner_texts(text: Text, data: JsonObject) -> list[Text]:
    """The texts that an object, which is `text`, holds under `_WRAPPERS`; Civitai's API wraps its ``meta`` twice."""
    folded = {key.casefold(): value for key, value in data.items() if len(key) <= _LONGEST_WRAPPER}
    texts = []
    for key in _WRAPPERS:
        value = folded.get(key)
        if isinstance(value, dict):
            inner = value.get(key)
            value = dump_json(inner if isinstance(inner, dict) else value)
        if isinstance(value, str) and value.strip():
            texts.append(Text(text.container, text.place, key, value, text.carrier))
    return texts
