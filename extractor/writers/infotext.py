"""The A1111 parameters text and `Meta`: ``parse(format(parse(text))) == parse(text)`` for every text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from extractor.extraction.pasted import parse_infotext
from extractor.extraction.stack import with_room
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS
from extractor.parsers.infotext.a1111 import KEY_PREFIX, TAIL_KEY, reads_as_field
from extractor.parsers.infotext.keys import NEGATIVE_MARKER, REPEATED_KEYS
from extractor.parsers.infotext.settings import closed_by_itself
from extractor.parsers.infotext.split import is_settings_line, split_infotext
from extractor.record import Meta
from extractor.writers.resources import lacking_resources

_HEAD_KEYS: Final = (
    "Steps",
    "Sampler",
    "Schedule type",
    "CFG scale",
    "Seed",
    "Size",
    "Model hash",
    "Model",
    "VAE hash",
    "VAE",
    "Denoising strength",
    "Clip skip",
)
"""The order in which A1111 begins; all others follow as the file had them."""

_PADDING: Final = ("Steps", "Sampler", "CFG scale", "Seed", "Size", "Model")
"""Keys written without a value where too few settings are left for the line to be recognised."""


def format_infotext(meta: Meta) -> str:
    """The A1111 parameters text of generation data, as its web page pastes it.

    LoRAs that the prompt does not name are tags at its end. What `Meta` has no setting for (`character_prompts`) is
    left out; resources without one stand in the block that Civitai's own pictures have.

    Raises:
        TypeError: `meta` is no `Meta`.
    """
    if not isinstance(meta, Meta):
        raise TypeError(f"meta must be Meta, not {type(meta).__name__}")
    return with_room(lambda: _format(meta))


def _format(meta: Meta) -> str:
    settings = _settings(meta)
    text = _compose(meta, settings)
    lacking = lacking_resources(meta, parse_infotext(text))
    if lacking.tags:
        prompt = " ".join(filter(None, (_plain(meta.prompt), *lacking.tags)))
        meta = meta.model_copy(update={"prompt": prompt})
    blocks: dict[str, str | list[str]] = {key: _plain(value) for key, value in lacking.blocks.items()}
    return _compose(meta, settings | blocks) if lacking.tags or blocks else text


def _settings(meta: Meta) -> dict[str, str | list[str]]:
    """Key -> value, unquoted, in the order they are written; a list for a key that stands there several times."""
    others = {key: _said(key, value) for key, value in (meta.model_extra or {}).items() if _is_key(key, value)}
    typed: dict[str, object] = {
        "Steps": meta.steps,
        "Sampler": meta.sampler,
        "Schedule type": others.get("Schedule type") or _schedule(meta),
        "CFG scale": meta.cfg_scale,
        "Seed": meta.seed,
        "Size": meta.size,
        "Model hash": meta.model_hash,
        "Model": meta.model,
        "VAE": meta.vae,
        "Denoising strength": others.get("Denoising strength") or (meta.denoise if meta.denoise != 1 else None),
        "Clip skip": meta.clip_skip,
    }
    values = others | {key: _plain(value) for key, value in typed.items() if value is not None}
    ordered = {key: values[key] for key in _HEAD_KEYS if key in values} | values
    return {key: value for key, value in ordered.items() if value}


def _is_key(key: str, value: object) -> bool:
    """Whether a key of the meta object can be one of the settings line, and not be read as one of its fields."""
    if key == TAIL_KEY or any(mark in key for mark in (",", "\n", ": ")):
        return False
    return not reads_as_field(key, _plain(value))


def _said(key: str, value: object) -> str | list[str]:
    if key.casefold() in REPEATED_KEYS and isinstance(value, list):
        return [text for text in map(_plain, value) if text]
    return _plain(value)


def _schedule(meta: Meta) -> object:
    """As A1111 shows it where the sampler's name has it too, else the word, which A1111 and Forge know as well."""
    joined = isinstance(meta.scheduler, str) and _plain(meta.sampler).endswith(f" {meta.scheduler.capitalize()}")
    return meta.scheduler.capitalize() if joined and meta.scheduler else meta.scheduler


def _compose(meta: Meta, settings: Mapping[str, str | list[str]]) -> str:
    head = [_plain(meta.prompt)] if meta.prompt else []
    if meta.negative_prompt is not None:
        head.append(f"{NEGATIVE_MARKER} {_plain(meta.negative_prompt)}".rstrip())
    tail = _plain((meta.model_extra or {}).get(TAIL_KEY))
    line = ", ".join(_pairs(settings))
    text = "\n".join(head)
    if not line and not tail and meta.prompt is not None and split_infotext(text, Ledger()) is None:
        return text
    if not is_settings_line(line):
        used = {key.casefold() for key in settings}
        padding = [f"{key}: " for key in _PADDING if key.casefold() not in used]
        line = ", ".join([*padding, line] if line else padding)
    text = "\n".join([*head, line, tail] if tail else [*head, line])
    read = split_infotext(text, Ledger())
    if read is None or (read.prompt, read.negative_prompt or "", read.tail) == (
        *(_plain(prompt).strip() for prompt in (meta.prompt, meta.negative_prompt)),
        tail,
    ):
        return text
    # A line of the prompt or the tail would be taken for settings, if it stood beside them.
    return "\n".join([*head, "", line, "", tail] if tail else [*head, "", line])


def _pairs(settings: Mapping[str, str | list[str]]) -> Iterable[str]:
    for key, value in settings.items():
        plain = key.removeprefix(KEY_PREFIX) if key.startswith(KEY_PREFIX) else key
        for item in value if isinstance(value, list) else (value,):
            yield f"{plain}: {_quote(item)}"


def _quote(value: str) -> str:
    """A value that would not read back as it stands becomes a JSON string."""
    if value[0] in "[{" and "\n" not in value and closed_by_itself(value, DEFAULT_LIMITS):
        return value
    if value[0] not in '"[{' and not any(mark in value for mark in ",:\n\r") and value == value.strip():
        return value
    return json.dumps(value, ensure_ascii=False)


def _plain(value: object) -> str:
    """A value as text: that of an infotext as it is, JSON of other tools as JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False, default=str)
