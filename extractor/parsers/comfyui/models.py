"""The models behind a sampler: up its model input to the loaders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.graph import Link, Node
from extractor.parsers.comfyui.names import IS_PICTURE
from extractor.parsers.comfyui.switches import as_bool, taken_links
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.values import scalar
from extractor.text.coerce import to_text
from extractor.vocabulary.models import CHECKPOINT_EXTENSIONS, MODEL_EXTENSIONS, is_no_name

_RANK: Final = {key: rank for rank, key in enumerate(keys.MODELS)}
_OTHER_LINKS: Final = frozenset((*keys.SETTINGS, *keys.CONDITIONING_LINKS, *keys.CLIP_LINKS)).difference(keys.PIPES)
_WAYS: Final = frozenset((*keys.MODELS, *keys.PIPES))
_MERGED: Final = "ckpt_name"
"""Stem of the numbered names on a node that merges models."""


def model_names(walk: Walk, base: Node, samplers: Sequence[Node]) -> tuple[str | None, list[str]]:
    """The model of the base pass, then what was merged into it and the models of the other passes, as stored."""
    seen: set[str] = set()
    own = _names_upstream(walk, base, seen)
    names = dict.fromkeys(own)
    for sampler in samplers:
        starts = [] if sampler is base else [sampler]
        for key in keys.REFINERS:
            if key in sampler.links:
                starts.append(walk.node(sampler.links[key]))
        for start in starts:
            names.update(dict.fromkeys(_names_upstream(walk, start, seen)))
    return (own[0] if own else None), [name for name in names if name not in own[:1]]


def _names_upstream(walk: Walk, sampler: Node, seen: set[str]) -> list[str]:
    """The names on loaders that are not `seen` yet: where the named ways lead to none, those on any other."""
    is_first = not seen
    found = _names_behind(walk, sampler, seen, _towards_model)
    return found or (_names_behind(walk, sampler, set(), _anywhere) if is_first else [])


def _names_behind(walk: Walk, sampler: Node, seen: set[str], ways: Callable[[Walk, Node], list[Link]]) -> list[str]:
    found: dict[str, None] = {}
    seen.add(sampler.id)
    stack = [sampler]
    while stack and walk.step():
        node = stack.pop()
        if "model" not in node.links:
            names = _checkpoints_on(node) if _is_patched(node) else _names_on(walk, node)
            if names:
                found.update(dict.fromkeys(names))
                continue
        for link in reversed(ways(walk, node)):
            if link[0] not in seen:
                seen.add(link[0])
                stack.append(walk.node(link))
    return list(found)


def _names_on(walk: Walk, node: Node) -> list[str]:
    """The names on a loader: several when it merges checkpoints."""
    merged = [
        usable_name(to_text(node.literal(key)))
        for key in node.inputs
        if key[:-1] == _MERGED and as_bool(node.literal(f"switch_{key[-1]}")) is not False
    ]
    return list(filter(None, merged or (model_name(walk, node),)))


def _checkpoints_on(node: Node) -> list[str]:
    """The models that a node puts into the pipe it hands on."""
    if not _RANK.keys().isdisjoint(node.links):
        return []
    names = (usable_name(to_text(node.literal(key))) for key in keys.CHECKPOINT_NAMES if key in node.inputs)
    return [name for name in names if name is not None]


def model_name(walk: Walk, node: Node) -> str | None:
    """The name on a loader: under one of the usual names, else any widget with the name of a model file."""
    for key in keys.MODEL_NAMES:
        if key in node.inputs:
            name = usable_name(scalar(walk, node, (key,), to_text))
            if name is not None:
                return name
    for key in sorted(node.inputs, key=_is_low):
        value = node.literal(key)
        if isinstance(value, str) and value.lower().endswith(CHECKPOINT_EXTENSIONS):
            lower = key.lower()
            if keys.NOT_MODEL_NAME_WORDS.search(lower) is None:
                return value
    return None


def usable_name(name: str | None) -> str | None:
    """The name, unless it is one of the words for none."""
    if name is None or is_no_name(name):
        return None
    last = name.strip().replace("\\", "/").rpartition("/")[2]
    return None if last.startswith(".") and not last.lower().endswith(MODEL_EXTENSIONS) else name


def _is_patched(node: Node) -> bool:
    """Whether a model comes in here, alone or in a pipe: a name on such a node is that of something else."""
    return any(key in _WAYS and isinstance(value, list) for key, value in node.inputs.items())


def _towards_model(walk: Walk, node: Node) -> list[Link]:
    """Inputs that only sound like a model come after those that are one, before pipes."""
    chosen = taken_links(walk, node) if node.is_switch else None
    if chosen is not None:
        return chosen
    links = node.links
    if len(links) < 2:
        return list(links.values())
    named = _named_ways(node) or _other_ways(node)
    return list(map(links.__getitem__, named))


def _anywhere(walk: Walk, node: Node) -> list[Link]:
    """All links that could bring a model, those first that are named after one."""
    chosen = taken_links(walk, node) if node.is_switch else None
    if chosen is not None:
        return chosen
    return [node.links[key] for key in dict.fromkeys(_named_ways(node) + _other_ways(node))]


def _named_ways(node: Node) -> list[str]:
    links = node.links
    named = sorted(filter(_RANK.__contains__, links), key=_RANK.__getitem__)
    if not named:
        named = sorted(filter(_sounds_like_model, links), key=_is_low) or [key for key in keys.PIPES if key in links]
    return named


def _other_ways(node: Node) -> list[str]:
    """Links of names that say nothing."""
    return sorted((key for key in node.links if not _brings_another(key)), key=_is_low)


def _brings_another(key: str) -> bool:
    """Whether the name of a link says that it brings something else than a model."""
    lower = key.lower()
    return (
        key in _OTHER_LINKS
        or IS_PICTURE[key]
        or keys.NOT_MODEL_WORDS.search(lower) is not None
        or keys.NOT_MODEL_LINK_WORDS.search(lower) is not None
    )


def _is_low(key: str) -> bool:
    """Of a pair of models, that for high noise comes first."""
    return keys.LOW_NOISE.search(key) is not None


def _sounds_like_model(key: str) -> bool:
    lower = key.lower()
    return "model" in lower and keys.NOT_MODEL_WORDS.search(lower) is None
