"""InvokeAI: ``invokeai_metadata`` (3 and later), ``sd-metadata`` (2) and the command line ``Dream`` (1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final

from extractor.finding import Finding, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.flatjson import Fields, Keys, Tool, to_hash, to_name
from extractor.text.coerce import to_number, to_prompt
from extractor.text.jsontext import JsonObject

_GENERATOR: Final = "invokeai"

_PARTS: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "vae": ("vae", (), ()),
    "refiner_model": ("model", (), ()),
    "loras": ("lora", ("model", "lora"), ("weight",)),
    "controlnets": ("controlnet", ("control_model",), ("control_weight",)),
    "t2iAdapters": ("controlnet", ("t2i_adapter_model",), ("weight",)),
    "ipAdapters": ("ipadapter", ("ip_adapter_model",), ("weight",)),
}
"""Key -> (type of the resource, keys of the model inside an item or the item itself, keys of its weight)."""

_BRACKETS: Final = re.compile(r"\[([^\]]*+)\]")
"""For text that ends in a closing bracket, so that no opening one is searched in vain."""

_NAME_KEYS: Final = ("name", "model_name")


def _identified(model: Fields) -> tuple[str | None, str | None]:
    return model.take(to_name, *_NAME_KEYS), model.take(to_hash, "hash")


def _claim(item: Fields, kind: str, model_keys: tuple[str, ...], weight_keys: tuple[str, ...]) -> ResourceClaim | None:
    model = next((inner for key in model_keys if (inner := item.nested(key)) is not None), item)
    name, digest = _identified(model)
    if name is None and digest is None:
        return None
    return ResourceClaim(type=kind, name=name, hash=digest, weight=item.take(to_number, *weight_keys))


def _refine(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    model = fields.nested("model")
    if model is not None:
        finding.model, finding.model_hash = _identified(model)
    else:
        finding.model = fields.take(to_name, "model")
    for key, (kind, model_keys, weight_keys) in _PARTS.items():
        if isinstance(fields.rest.get(key), str):
            name = fields.take(to_name, key)
            claims = [ResourceClaim(type=kind, name=name)] if name is not None else []
        elif key in fields.rest:
            claims = fields.claims(key, partial(_claim, kind=kind, model_keys=model_keys, weight_keys=weight_keys))
        else:
            continue
        finding.resources += claims
        if kind == "vae" and claims:
            finding.vae = claims[0].name


MODERN: Final = Tool(
    generator=_GENERATOR,
    chunk="invokeai_metadata",
    markers=(
        frozenset(("positive_prompt", "generation_mode")),
        frozenset(("positive_prompt", "app_version")),
        frozenset(("positive_prompt", "rand_device")),
        frozenset(("positive_prompt", "cfg_rescale_multiplier")),
        frozenset(("positive_conditioning", "negative_conditioning", "scheduler")),
    ),
    keys={
        "version": ("app_version",),
        "prompt": ("positive_prompt", "positive_conditioning"),
        "negative_prompt": ("negative_prompt", "negative_conditioning"),
        "seed": ("seed",),
        "steps": ("steps",),
        "cfg_scale": ("cfg_scale", "guidance"),
        "sampler": ("scheduler",),
        "denoise": ("strength",),
        "width": ("width",),
        "height": ("height",),
    },
    refine=_refine,
)
"""Its ``clip_skip`` counts the layers left out (0 is none), not A1111's stop layer: it stays as it is."""


def _prompt_text(value: object) -> str | None:
    """A prompt of version 2: a text, or a list of weighted ones, which were written ``one:0.3 two:0.7``."""
    if not isinstance(value, list):
        return to_prompt(value)
    parts = [item for item in value if isinstance(item, dict) and isinstance(item.get("prompt"), str)]
    if len(parts) == 1:
        return to_prompt(parts[0]["prompt"])
    return " ".join(_weighted(part) for part in parts) or None


def _weighted(part: JsonObject) -> str:
    weight = to_number(part.get("weight"))
    text = str(part["prompt"]).strip()
    return text if weight is None else f"{text}:{weight}"


def split_negative(prompt: str) -> tuple[str, str | None]:
    """(prompt, negative) of ``a cat [blurry] on a roof``: what stands in brackets is not wanted."""
    closed = prompt.rfind("]") + 1
    pieces = _BRACKETS.split(prompt[:closed])
    if len(pieces) == 1:
        return prompt, None
    wanted = (*pieces[::2], prompt[closed:])
    return _joined(wanted), _joined(pieces[1::2])


def _joined(pieces: Iterable[str]) -> str:
    return " ".join(filter(None, map(str.strip, pieces)))


def _refine_old(fields: Fields, finding: Finding, _bundle: Bundle) -> None:
    prompt = fields.take(_prompt_text, "prompt")
    if prompt is not None:
        finding.prompt, finding.negative_prompt = split_negative(prompt)


_OLD_KEYS: Final[Keys] = {
    "version": ("app_version", "APP_VERSION"),
    "seed": ("seed",),
    "steps": ("steps",),
    "cfg_scale": ("cfg_scale",),
    "sampler": ("sampler", "sampler_name"),
    "width": ("width",),
    "height": ("height",),
    "denoise": ("strength",),
    "model": ("model_weights",),
    "model_hash": ("model_hash",),
}

SD_METADATA: Final = Tool(
    generator=_GENERATOR,
    chunk="sd-metadata",
    markers=(frozenset(("image", "model_weights")), frozenset(("image", "app_id"))),
    keys=_OLD_KEYS,
    inner="image",
    refine=_refine_old,
)

_DREAM: Final = Tool(generator=_GENERATOR, keys=_OLD_KEYS, refine=_refine_old)

DREAM_CHUNK: Final = "dream"

_SWITCHES: Final = {
    "-s": "steps",
    "-S": "seed",
    "-W": "width",
    "-H": "height",
    "-C": "cfg_scale",
    "-A": "sampler",
    "-f": "strength",
}
"""Switches of the Dream command that are fields; the others stay under their own names."""

_SWITCH: Final = re.compile(r"(?<!\S)(--[A-Za-z][A-Za-z0-9_-]*+|-[a-z]{2}(?!\S)|-[A-Za-z])")
"""``--seamless``, ``-cf 0.75``, ``-s 50`` and ``-s50``."""


def parse(bundle: Bundle) -> list[Finding]:
    """The command of version 1: ``"a cat [blurry]" -s 50 -S 123 -W 512 -H 512 -C 7.5 -A k_lms``."""
    findings = []
    for candidate in bundle.named(DREAM_CHUNK):
        command = _split_command(candidate.value, bundle.log.limits.settings)
        if candidate.claimed or command is None:
            continue
        candidate.claimed = True
        findings.append(_DREAM.read(command, candidate, bundle))
    return findings


def _split_command(text: str, limit: int) -> JsonObject | None:
    """The members of a command; what stands behind `limit` switches belongs to the last."""
    text = text.strip()
    if text[:1] != '"':
        return None
    end = text.find('" -')
    if end < 0:
        end = len(text) - 1
        if end < 1 or text[end] != '"':
            return None
    members: JsonObject = {"prompt": text[1:end].replace('\\"', '"')}
    pieces = _SWITCH.split(text[end + 1 :], limit)
    for switch, value in zip(pieces[1::2], pieces[2::2], strict=True):
        members.setdefault(_SWITCHES.get(switch, switch), value.strip() or True)
    return members
