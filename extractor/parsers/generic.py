"""The fallback: a flat JSON object, ``key: value`` text or one chunk per key with the usual words, of no known tool."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from extractor.embedded import Carrier
from extractor.finding import Finding, Kind, ResourceClaim
from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import GRAPH_KEYS, Fields, Keys, to_hash, to_name
from extractor.text.coerce import to_number, to_text
from extractor.text.jsontext import JsonObject

_GENERATOR: Final = "unknown"

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "prompt": ("prompt", "positive prompt", "positive", "text prompt", "include in image"),
    "negative_prompt": ("negative prompt", "negative", "uc", "exclude from image"),
    "seed": ("seed", "noise seed"),
    "steps": (
        "steps",
        "num inference steps",
        "num infer steps",
        "number of inference steps",
        "inference steps",
        "sampling steps",
        "num steps",
        "sample steps",
    ),
    "cfg_scale": ("cfg scale", "cfg", "guidance scale", "guidance", "scale"),
    "sampler": ("sampler", "sampler name", "sampling method", "sample method", "sampler index"),
    "scheduler": ("scheduler", "scheduler name", "schedule", "schedule type", "noise schedule"),
    "size": ("size", "resolution", "image size"),
    "width": ("width", "image width"),
    "height": ("height", "image height"),
    "model": (
        "model",
        "model name",
        "base model",
        "checkpoint",
        "ckpt",
        "ckpt name",
        "sd model name",
        "stable diffusion model",
        "engine",
    ),
    "model_hash": ("model hash", "base model hash", "sd model hash"),
    "vae": ("vae", "vae name", "sd vae name"),
    "denoise": ("denoise", "denoising strength", "strength"),
    "clip_skip": ("clip skip",),
}
"""Field -> words for it; keys meet them by their letters and digits alone, in any case."""

_FIELD_OF: Final = {word.replace(" ", ""): name for name, words in _WORDS.items() for word in words}
_WORD_LENGTH: Final = 40
_SAMPLING: Final = ("seed", "steps", "cfg_scale", "sampler")
SAMPLING_WORDS: Final = frozenset((*_SAMPLING, "prompt", "negative_prompt", "scheduler", "denoise", "clip_skip"))
"""Fields whose words hardly stand before a value in other texts."""
_NEEDED: Final = 2
"""Of `_SAMPLING`, beside a prompt: fewer prove nothing."""

_LABEL: Final = re.compile(r"(^|[\n;,|])[ \t]{0,8}+([A-Za-z][A-Za-z0-9 _-]{0,31}+):")
"""A label of ``key: value`` text, at the beginning or behind a separator."""
_SEPARATORS: Final = "\n;|,"
_LINE_SEPARATORS: Final = "\n;"
_SOFT_SEPARATOR: Final = ","
"""Behind it only a known label counts: prompts are full of commas."""


def parse(bundle: Bundle) -> list[Finding]:
    """Findings of the texts that no tool has claimed, when each holds a prompt and two sampling values."""
    return _parse_texts(bundle, _members) or _parse_chunks(bundle)


def parse_lines(bundle: Bundle) -> list[Finding]:
    """Findings of texts that begin with a label and end each value at a line break or a semicolon.

    An infotext does neither, yet ``steps: 20`` on a line of its own looks like one: this comes before it.
    """
    return _parse_texts(bundle, _line_members)


def _parse_texts(bundle: Bundle, members_of: Callable[[Candidate], JsonObject | None]) -> list[Finding]:
    findings = []
    for candidate in bundle.unclaimed():
        members = members_of(candidate)
        finding = _finding(members, candidate, bundle) if members else None
        if finding is not None:
            candidate.claimed = True
            findings.append(finding)
    return findings


def _parse_chunks(bundle: Bundle) -> list[Finding]:
    candidates = [candidate for candidate in bundle.unclaimed() if candidate.text.carrier is Carrier.CHUNK]
    if len(candidates) <= _NEEDED:
        return []
    candidates = [
        candidate for candidate in candidates if field_of(candidate.key) is not None and candidate.value[:1] != "{"
    ]
    members: JsonObject = {}
    for candidate in candidates:
        members.setdefault(candidate.text.key, candidate.value)
    finding = _finding(members, candidates[0], bundle) if len(candidates) > _NEEDED else None
    if finding is None:
        return []
    for candidate in candidates:
        candidate.claimed = True
    return [finding]


def _members(candidate: Candidate) -> JsonObject | None:
    beginning = candidate.value.lstrip()[:1]
    if beginning == "{":
        return None if candidate.key in GRAPH_KEYS else candidate.json_object()
    return None if beginning == "<" or ":" not in candidate.value else _labelled(candidate, _SEPARATORS)


def _line_members(candidate: Candidate) -> JsonObject | None:
    label, colon, _ = candidate.value[:_WORD_LENGTH].lstrip().partition(":")
    return _labelled(candidate, _LINE_SEPARATORS) if colon and field_of(label) is not None else None


def _labelled(candidate: Candidate, separators: str) -> JsonObject:
    """The members of ``key: value`` text with one of `separators` between them; of a repeated key the first."""
    text = candidate.value
    members: JsonObject = {}
    label, begin = "", 0
    log = candidate.log
    for left, match in zip(range(log.left("labels"), -1, -1), _LABEL.finditer(text), strict=False):
        if not left:
            log.limit("labels", f"{candidate.text.source}: the labels after these are not read")
            break
        log.spend("labels", 1)
        if match[1] not in separators or (match[1] == _SOFT_SEPARATOR and not field_of(match[2])):
            continue
        if label:
            members.setdefault(label, text[begin : match.start()].strip())
        label, begin = match[2].strip(), match.end()
    if label:
        members.setdefault(label, text[begin:].strip())
    return members


def field_of(key: str) -> str | None:
    """The field of `Finding` that a key means, by its letters and digits alone; None for other words."""
    if len(key) > _WORD_LENGTH:
        return None
    word = key if key.isalnum() else "".join(filter(str.isalnum, key))
    return _FIELD_OF.get(word.casefold())


def _finding(members: JsonObject, candidate: Candidate, bundle: Bundle) -> Finding | None:
    if len(members) > bundle.log.limits.settings:
        bundle.log.limit("settings", f"{candidate.text.source}: an object of {len(members)} members not read")
        return None
    keys = _keys(members)
    if "prompt" not in keys or len(keys.keys() & set(_SAMPLING)) < _NEEDED:
        return None
    trial = Ledger(bundle.log.limits)
    fields = Fields(dict(members), _GENERATOR, trial)
    finding = Finding(generator=_GENERATOR, kind=Kind.GENERIC, text=candidate.text)
    fields.fill(finding, keys)
    if not finding.prompt or sum(getattr(finding, name) is not None for name in _SAMPLING) < _NEEDED:
        return None
    _add_lists(fields, finding)
    finding.other = fields.left()
    bundle.log.adopt(trial)
    return finding


def _keys(members: JsonObject) -> Keys:
    """The table that these keys make."""
    keys: dict[str, list[str]] = {}
    for key in members:
        name = field_of(key)
        if name is not None:
            keys.setdefault(name, []).append(key)
    return {name: tuple(found) for name, found in keys.items()}


def _add_lists(fields: Fields, finding: Finding) -> None:
    """The lists of Civitai's own meta object, which tools also write to a file beside the image."""
    if "resources" in fields.rest:
        finding.resources = fields.claims("resources", _resource)
    hashes = fields.rest.get("hashes")
    if isinstance(hashes, dict):
        finding.hashes = {key: digest for key, value in hashes.items() if (digest := to_hash(value)) is not None}
        if len(finding.hashes) == len(hashes):
            del fields.rest["hashes"]
    listed = fields.rest.get("civitaiResources")
    if isinstance(listed, list) and all(isinstance(item, dict) for item in listed):
        finding.civitai_resources = [item for item in listed if isinstance(item, dict)]
        del fields.rest["civitaiResources"]


def _resource(item: Fields) -> ResourceClaim | None:
    kind = item.take(to_text, "type")
    name = item.take(to_name, "name")
    digest = item.take(to_hash, "hash")
    if kind is None or (name is None and digest is None):
        return None
    return ResourceClaim(type=kind, name=name, hash=digest, weight=item.take(to_number, "weight"))
