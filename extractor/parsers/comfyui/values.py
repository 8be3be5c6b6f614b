"""Scalar settings, through links: a literal, or what the linked node stores under the same or a neutral name."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final, TypeVar

from extractor.parsers.comfyui.choices import SAMPLERS, SCHEDULERS
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.keys import PIPES, SAMPLER, SCHEDULER
from extractor.parsers.comfyui.switches import as_bool, shown, taken, taken_links
from extractor.parsers.comfyui.traversal import Walk
from extractor.text.jsontext import JsonValue

T = TypeVar("T")

NEUTRAL: Final = (
    "value",
    "Value",
    "int",
    "integer",
    "float",
    "number",
    "Number",
    "string",
    "text",
    "STRING",
    "any",
    "anything",
    "source",
    "input",
    "*",
    "",
    "expression",
    *PIPES,
)
"""Names under which nodes that only hold or hand on one value keep it."""
_OPERANDS: Final = (
    frozenset(("a", "b")),
    frozenset(("integer", "multiple")),
    frozenset(("value", "b")),
    frozenset(("int", "b")),
)
"""Nodes that calculate; their result is not stored."""
_ROLLS: Final = (frozenset(("minimum", "maximum", "seed")), frozenset(("min", "max", "seed")))
"""Nodes that roll a number: their seed is not that of the picture."""
_CONVERTED: Final = ("a", "int_", "float_", "text_")
"""The only input of nodes that change the type of a value."""
_CHOICES: Final = ((SAMPLERS, SAMPLER), (SCHEDULERS, SCHEDULER))
"""Words of a choice list, and the settings that they are for."""
_SLIDERS: Final = (("Xi", "Xf", "isfloatX"), ("Yi", "Yf", "isfloatY"))
"""By output slot: where sliders keep their value as an integer and as a float, and which of them counts."""


def scalar(walk: Walk, node: Node, keys: tuple[str, ...], convert: Callable[[JsonValue], T | None]) -> T | None:
    """The first of `keys` that the node has, converted; links are followed to where the value is stored."""
    key = node.first_of(keys)
    if key is None:
        return None
    return _behind(walk, node, key, keys, convert) if key in node.links else convert(node.literal(key))


def _behind(
    walk: Walk, node: Node, key: str | None, keys: tuple[str, ...], convert: Callable[[JsonValue], T | None]
) -> T | None:
    """`scalar` of the input `key`, which is a link."""
    seen = set()
    while key is not None and walk.step():
        link = node.links.get(key)
        if link is None:
            return convert(node.literal(key))
        node = walk.node(link)
        if node.id in seen:
            return None
        seen.add(node.id)
        chosen = _flagged(node, keys)
        if chosen is not None:
            return convert(chosen)
        key = _storing_key(walk, node, link[1], keys)
    return None


def _storing_key(walk: Walk, node: Node, slot: int, keys: tuple[str, ...]) -> str | None:
    """The input of a linked node that holds the value."""
    branches = taken(walk, node) if node.is_switch else None
    if branches is not None:
        return branches[0] if len(branches) == 1 else None
    if (source := shown(node)) is not None:
        return source
    if node.opaque:
        return node.first_of(keys)
    present = node.inputs.keys()
    if _has_all_of_one(_ROLLS, present):
        return None
    key = node.first_of(keys)
    if key is not None:
        return key
    if _has_all_of_one(_OPERANDS, present):
        return None
    if 0 <= slot < len(_SLIDERS) and present >= set(_SLIDERS[slot]):
        whole, broken, is_broken = _SLIDERS[slot]
        return broken if as_bool(node.literal(is_broken)) else whole
    return node.first_of(NEUTRAL if len(present) > 1 else (*NEUTRAL, *_CONVERTED))


def _flagged(node: Node, keys: tuple[str, ...]) -> str | None:
    """The word of a choice list that a node of nothing but flags says: the only one that is set."""
    known = next((words for words, names in _CHOICES if keys[0] in names), None)
    if known is None:
        return None
    values = node.inputs.values()
    if not values or not all(isinstance(value, bool) for value in values):
        return None
    on = [key for key, value in node.inputs.items() if value]
    return on[0] if len(on) == 1 and on[0] in known else None


def _has_all_of_one(groups: tuple[frozenset[str], ...], present: AbstractSet[str]) -> bool:
    return any(group <= present for group in groups)


def nearest(
    walk: Walk,
    start: Node,
    keys: tuple[str, ...],
    through: frozenset[str],
    convert: Callable[[JsonValue], T | None],
) -> T | None:
    """`scalar` of the node itself, else of the nearest node upstream along the links named in `through`."""
    key = start.first_of(keys)
    if key is not None:
        value = _behind(walk, start, key, keys, convert) if key in start.links else convert(start.literal(key))
        if value is not None:
            return value
    if walk.graph.names.isdisjoint(keys):
        return None
    nodes = walk.graph.nodes
    seen = {start.id}
    queue = [start]
    for node in queue:
        links = taken_links(walk, node) if node.is_switch else None
        if links is None:
            links = [link for key, link in node.links.items() if key in through]
        if not walk.step(1 + len(links)):
            return None
        for target, _ in links:
            if target not in seen:
                seen.add(target)
                value = scalar(walk, nodes[target], keys, convert)
                if value is not None:
                    return value
                queue.append(nodes[target])
    return None
