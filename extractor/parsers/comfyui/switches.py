"""Nodes that hand on one of their inputs: switches (a selector beside branches, whatever their class) and displays."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from extractor.parsers.comfyui import textkeys
from extractor.parsers.comfyui.graph import Link, Node
from extractor.parsers.comfyui.keys import CLIP_LINKS, MODELS, SWITCH_PAIRS, SWITCH_SELECTORS, VAE_LINKS
from extractor.parsers.comfyui.traversal import Walk
from extractor.text.coerce import to_int
from extractor.text.jsontext import JsonValue

_TRUE: Final = frozenset(("true", "on", "yes", "enable", "enabled"))
_FALSE: Final = frozenset(("false", "off", "no", "disable", "disabled", "none"))
_NEVER_SHOWN: Final = frozenset((*CLIP_LINKS, *MODELS, *VAE_LINKS))
_VALUES: Final = ("value", "boolean", "bool", "int", "number", "Value", "Number")


def taken(walk: Walk, node: Node) -> tuple[str, ...] | None:
    """The inputs that count: None for a node that is no switch, several when the selector is not known."""
    return walk.once(("switch", node.id), None, _taken, walk, node) if node.is_switch else None


def shown(node: Node) -> str | None:
    """The link of which a node shows what came through it, and hands that on; None for any other node."""
    for text, source in textkeys.SHOWN_RESULTS:
        if text in node.inputs and source in node.links:
            return source
    if len(node.links) != 1 or not node.says(textkeys.SHOWING_WORDS):
        return None
    key = next(iter(node.links))
    return None if key in _NEVER_SHOWN else key


def taken_links(walk: Walk, node: Node) -> list[Link] | None:
    """The links of the inputs that count, or None for a node that is no switch."""
    keys = taken(walk, node) if node.is_switch else None
    return None if keys is None else [node.links[key] for key in keys if key in node.links]


def all_links(walk: Walk, node: Node) -> Collection[Link]:
    """All links of a node, of a switch those of the inputs that count."""
    chosen = taken_links(walk, node) if node.is_switch else None
    return node.links.values() if chosen is None else chosen


def _taken(walk: Walk, node: Node) -> tuple[str, ...] | None:
    for pair in SWITCH_PAIRS:
        if pair[0] in node.inputs or pair[1] in node.inputs:
            state = as_bool(_selector(walk, node))
            if state is None:
                return tuple(key for key in pair if key in node.inputs)
            return (pair[0 if state else 1],)
    branches = _numbered_branches(node)
    if not branches:
        return None
    if node.first_of(SWITCH_SELECTORS) is None:
        # rgthree's Any Switch and its like hand on the first input that is wired.
        return (branches[0][1],) if "switch" in node.lower else None
    return _by_selector(branches, _selector(walk, node))


def _by_selector(branches: list[tuple[str, str]], selector: JsonValue) -> tuple[str, ...]:
    state = as_bool(selector) if not isinstance(selector, int) or isinstance(selector, bool) else None
    wanted = {"a" if state else "b"} if state is not None else {str(to_int(selector))}
    chosen = tuple(key for suffix, key in branches if suffix in wanted)
    return chosen or tuple(key for _, key in branches)


def _numbered_branches(node: Node) -> list[tuple[str, str]]:
    """(number or letter, key) of the inputs that differ only in it: the family with most members."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, value in node.inputs.items():
        if key in node.links or isinstance(value, str):
            stem, suffix = family(key)
            if suffix:
                found.setdefault(stem, []).append((suffix, key))
    members = max(found.values(), key=len, default=[])
    return sorted(members, key=lambda member: (len(member[0]), member[0]))


def family(key: str) -> tuple[str, str]:
    """An input's name without the number or letter at its end, and that: ``text_a`` is ``text`` and ``a``."""
    stem = key.rstrip("0123456789")
    if stem != key:
        return stem.rstrip("_"), key[len(stem) :].lstrip("0") or "0"
    if len(key) > 2 and key[-2] == "_" and key[-1].isalpha():
        return key[:-2], key[-1].lower()
    return key, ""


def _selector(walk: Walk, node: Node) -> JsonValue:
    """The selector's value, through links."""
    keys: tuple[str, ...] = SWITCH_SELECTORS
    seen = set()
    while node.id not in seen and walk.step():
        seen.add(node.id)
        key = node.first_of(keys)
        if key is None:
            return None
        if key not in node.links:
            return node.literal(key)
        node = walk.node(node.links[key])
        keys = _VALUES
    return None


def as_bool(value: JsonValue) -> bool | None:
    """True or false as widgets spell them; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    return None
