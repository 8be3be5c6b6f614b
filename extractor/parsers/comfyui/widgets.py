"""The names of an editor's widget values: stored as a bare list, they are known only where nothing can be mistaken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.choices import SAMPLERS, SCHEDULERS
from extractor.text.jsontext import JsonObject, JsonValue

_FIXED: Final = "fixed"
_CONTROLS: Final = frozenset((_FIXED, "increment", "decrement", "randomize"))
"""What a widget becomes after each run."""
_CONTROL_WIDGET: Final = "control_after_generate"
_UPLOADS: Final = frozenset(("image", "upload", "video", "audio"))
"""Values of the buttons behind the name of a file."""

_LATENT: Final = ("width", "height", "batch_size")
_VIDEO: Final = ("width", "height", "length", "batch_size")
_PASS: Final = ("steps", "cfg", "sampler_name", "scheduler")
CORE: Final[dict[str, tuple[str, ...]]] = {
    "KSampler": ("seed", *_PASS, "denoise"),
    "KSamplerAdvanced": (
        "add_noise",
        "noise_seed",
        *_PASS,
        "start_at_step",
        "end_at_step",
        "return_with_leftover_noise",
    ),
    "SamplerCustom": ("add_noise", "noise_seed", "cfg"),
    "RandomNoise": ("noise_seed",),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "KarrasScheduler": ("steps", "sigma_max", "sigma_min", "rho"),
    "ExponentialScheduler": ("steps", "sigma_max", "sigma_min"),
    "PolyexponentialScheduler": ("steps", "sigma_max", "sigma_min", "rho"),
    "SDTurboScheduler": ("steps", "denoise"),
    "BetaSamplingScheduler": ("steps", "alpha", "beta"),
    "AlignYourStepsScheduler": ("model_type", "steps", "denoise"),
    "CFGGuider": ("cfg",),
    "DualCFGGuider": ("cfg_conds", "cfg_cond2_negative"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "CheckpointLoader": ("config_name", "ckpt_name"),
    "unCLIPCheckpointLoader": ("ckpt_name",),
    "ImageOnlyCheckpointLoader": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "UnetLoaderGGUF": ("unet_name",),
    "VAELoader": ("vae_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "LoraLoaderModelOnly": ("lora_name", "strength_model"),
    "HypernetworkLoader": ("hypernetwork_name", "strength"),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeSDXL": (
        *("width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l"),
    ),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CLIPTextEncodeSD3": ("clip_l", "clip_g", "t5xxl", "empty_padding"),
    "CLIPTextEncodeHunyuanDiT": ("bert", "mt5xl"),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    "FluxGuidance": ("guidance",),
    "ModelSamplingSD3": ("shift",),
    "ModelSamplingAuraFlow": ("shift",),
    "ControlNetLoader": ("control_net_name",),
    "ControlNetApply": ("strength",),
    "ControlNetApplyAdvanced": ("strength", "start_percent", "end_percent"),
    "EmptyLatentImage": _LATENT,
    "EmptySD3LatentImage": _LATENT,
    "EmptyHunyuanLatentVideo": _VIDEO,
    "EmptyLTXVLatentVideo": _VIDEO,
    "LatentUpscale": ("upscale_method", "width", "height", "crop"),
    "LatentUpscaleBy": ("upscale_method", "scale_by"),
    "ImageScale": ("upscale_method", "width", "height", "crop"),
    "ImageScaleBy": ("upscale_method", "scale_by"),
    "ImageScaleToTotalPixels": ("upscale_method", "megapixels"),
    "UpscaleModelLoader": ("model_name",),
    "SaveImage": ("filename_prefix",),
    "LoadImage": ("image",),
    "PrimitiveInt": ("value",),
    "PrimitiveFloat": ("value",),
    "PrimitiveString": ("value",),
    "PrimitiveStringMultiline": ("value",),
    "StringConcatenate": ("string_a", "string_b", "delimiter"),
}
"""Class -> its widgets in order, without what controls a seed."""

_SEEDS: Final = frozenset(keys.SEED)
_NUMBERS: Final = frozenset(
    (
        *(*keys.SEED, *keys.STEPS, *keys.CFG, *keys.DENOISE, *keys.GUIDANCE, *keys.SHIFT, *keys.WIDTHS, *keys.HEIGHTS),
        *("batch_size", "length", "strength", "strength_model", "strength_clip", "start_at_step", "end_at_step"),
        *("scale_by", "stop_at_clip_layer", "start_percent", "end_percent"),
    )
)
_WORDS: Final = frozenset(
    (
        *("sampler_name", "scheduler", "text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "prompt"),
        *("ckpt_name", "unet_name", "vae_name", "lora_name", "control_net_name", "clip_name", "upscale_method"),
    )
)
_PROMPTS: Final = frozenset(("text", "text_g", "text_l", "clip_l", "clip_g", "t5xxl", "bert", "mt5xl", "prompt"))
"""Texts in which the editor takes out comments, and chooses among ``{a|b}``, before they are sent."""
_VERBATIM: Final = frozenset(("PrimitiveString", "PrimitiveStringMultiline", "StringConcatenate"))
_ROW: Final = ("seed", *_PASS, "denoise")


def named_widgets(node: JsonObject) -> JsonObject | None:
    """The values of a node under the names of its widgets; None when it has values whose names are not certain.

    A seed counts only where it is said to stay as it is: after a run, the widget shows the next one.
    """
    values = node.get("widgets_values")
    if isinstance(values, dict):
        is_fixed = values.get(_CONTROL_WIDGET) == _FIXED
        return {key: value for key, value in values.items() if key not in _SEEDS or is_fixed}
    if not isinstance(values, list) or not values:
        return {}
    kind = str(node.get("type"))
    own = _aligned(own_names(node), values)
    if own is None and kind in CORE:
        own = _aligned(CORE[kind], values)
    return own if own is None or kind in _VERBATIM else dict(_as_queued(own))


def _as_queued(widgets: JsonObject) -> Iterator[tuple[str, JsonValue]]:
    """The widgets as they are sent to the server: texts without comments; none of which a part is drawn by lot."""
    for key, value in widgets.items():
        if key not in _PROMPTS or not isinstance(value, str):
            yield key, value
        elif "{" not in (text := without_comments(value)):
            yield key, text


def without_comments(text: str) -> str:
    """The text without ``/* ... */`` and without what stands behind ``//`` in a line."""
    parts = []
    last_close = text.rfind("*/")
    at = 0
    while (slash := text.find("/", at)) >= 0:
        mark = text[slash : slash + 2]
        if mark == "//":
            line_end = _LINE_END.search(text, slash)
            end = len(text) if line_end is None else line_end.start()
        else:
            end = text.find("*/", slash + 2) + 2 if mark == "/*" and slash + 2 <= last_close else 0
        parts.append(text[at : slash if end else slash + 1])
        at = end or slash + 1
    return "".join([*parts, text[at:]])


_LINE_END: Final = re.compile("[\n\r\u2028\u2029]")


def certain_widgets(node: JsonObject) -> JsonObject:
    """Of a node whose widgets have no names: what can only be a seed, or a sampler's whole row of settings."""
    values = node.get("widgets_values")
    if not isinstance(values, list):
        return {}
    seeds = [at for at, value in enumerate(values[:-1]) if _is_number(value) and _is_control(values[at + 1])]
    for at in seeds:
        row = _aligned(_ROW, values[at : at + len(_ROW) + 1])
        if row is not None and row.get("sampler_name") in SAMPLERS and row.get("scheduler") in SCHEDULERS:
            return row
    return {"seed": values[seeds[0]]} if len(seeds) == 1 and values[seeds[0] + 1] == _FIXED else {}


def primitive_value(node: JsonObject, *, must_be_fixed: bool) -> JsonValue:
    """The value that a node of the editor puts into the widgets it is wired to; None when it changes with each run."""
    values = node.get("widgets_values")
    if not isinstance(values, list) or not values:
        return None
    stays = values[1] == _FIXED if len(values) > 1 else not must_be_fixed
    return values[0] if stays or not _is_number(values[0]) else None


def own_names(node: JsonObject) -> tuple[str, ...]:
    """The names that the inputs of a node give its widgets, in their order."""
    inputs = node.get("inputs")
    widgets = [entry.get("widget") for entry in inputs if isinstance(entry, dict)] if isinstance(inputs, list) else []
    names = (widget.get("name") for widget in widgets if isinstance(widget, dict))
    return tuple(name for name in names if isinstance(name, str) and name != _CONTROL_WIDGET)


def _aligned(names: tuple[str, ...], values: list[JsonValue]) -> JsonObject | None:
    """The values under their names; None unless each has one and looks like what the name promises."""
    found: JsonObject = {}
    at = 0
    for left, name in zip(range(len(names) - 1, -1, -1), names, strict=True):
        if at >= len(values) or not _fits(name, values[at]):
            return None
        value, at = values[at], at + 1
        following = values[at] if at < len(values) else None
        has_more = len(values) - at > left
        if _is_number(value) and (_is_control(following) or (isinstance(following, bool) and has_more)):
            at += 1
            if following == _FIXED:
                found[name] = value
        elif name not in _SEEDS:
            found[name] = value
            if isinstance(value, str) and isinstance(following, str) and following in _UPLOADS and has_more:
                at += 1
    return found if names and at == len(values) else None


def _fits(name: str, value: JsonValue) -> bool:
    if name in _NUMBERS:
        return _is_number(value)
    return isinstance(value, str) if name in _WORDS else True


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_control(value: JsonValue) -> bool:
    return isinstance(value, str) and value in _CONTROLS
