"""The executed graph as it stands in the file: nodes, their inputs, the links between them. Never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeGuard

from extractor.ledger import Ledger
from extractor.parsers.comfyui import keys
from extractor.text.jsontext import JsonObject, JsonValue

Link: TypeAlias = "tuple[str, int]"
"""(node id, output slot)"""

_NO_INPUTS: Final[Mapping[str, JsonValue]] = {}


class Node:
    """One node of the graph, with what its shape tells of it."""

    __slots__ = ("id", "inputs", "is_saver", "is_switch", "kind", "links", "lower", "picture_links", "sides")

    def __init__(self, node_id: str, kind: str, inputs: Mapping[str, JsonValue]) -> None:
        self.id = node_id
        self.kind = kind
        """Its ``class_type``."""
        self.lower = kind.lower()
        """`kind`, lower case."""
        self.inputs = inputs
        self.links: dict[str, Link] = {}
        """Those inputs that are links to a node of the graph, in the file's order."""
        self.is_saver = False
        """See `picture.find_savers`."""
        self.is_switch = "switch" in self.lower
        """Whether it may hand on one of several inputs."""
        self.picture_links: list[Link] | None = None
        """See `picture.picture_links`."""
        self.sides: tuple[list[str], list[str]] | None = None
        """See `text.sided_inputs`."""

    def says(self, words: re.Pattern[str]) -> bool:
        """Whether one of the words is in the name of its class."""
        return self.kind not in keys.PLAIN_CLASSES and words.search(self.lower) is not None

    def first_of(self, keys: Iterable[str]) -> str | None:
        """The first of `keys` that is an input."""
        inputs = self.inputs
        for key in keys:
            if key in inputs:
                return key
        return None

    def literal(self, key: str) -> JsonValue:
        """The value of an input that is no link; None when there is none. Widget wrappers are taken off."""
        value = self.inputs.get(key)
        if isinstance(value, list):
            return None if key in self.links else value
        return unwrapped(value) if isinstance(value, dict) else value


@dataclass(slots=True)
class Graph:
    """All nodes by id."""

    nodes: Mapping[str, Node]
    names: AbstractSet[str]
    """The names of all inputs of all nodes: what is none of them need not be looked for. Saves 6 %."""


def unwrapped(value: JsonValue) -> JsonValue:
    """The value inside ``{"__value__": v}`` (a list that must not look like a link) or ``{"content": text}``."""
    if isinstance(value, dict):
        if "__value__" in value:
            return value["__value__"]
        if "content" in value:
            return value["content"]
    return value


def looks_like_graph(value: JsonValue) -> bool:
    """Whether an object is a graph in API form: most of its members are objects with a ``class_type``."""
    if not isinstance(value, dict):
        return False
    missing = (len(value) + 1) // 2 or 1
    for member in value.values():
        if isinstance(member, dict) and "class_type" in member:
            missing -= 1
            if not missing:
                return True
    return False


def build_graph(members: JsonObject, log: Ledger) -> Graph | None:
    """The graph of an object for which `looks_like_graph` holds; members that are no nodes are left out."""
    if len(members) > log.left("graph_nodes"):
        log.limit("graph_nodes", f"a ComfyUI graph of {len(members)} nodes is not read")
        return None
    log.spend("graph_nodes", len(members))
    nodes: dict[str, Node] = {}
    for node_id, member in members.items():
        if isinstance(member, dict):
            kind, inputs = member.get("class_type"), member.get("inputs")
            if isinstance(kind, str):
                nodes[node_id] = Node(node_id, kind, inputs if isinstance(inputs, dict) else _NO_INPUTS)
    _set_links(nodes)
    names = set[str]().union(*[node.inputs for node in nodes.values()])
    if not keys.SWITCH_MARKS.isdisjoint(names):
        _mark_switches(nodes)
    return Graph(nodes, names)


def _set_links(nodes: Mapping[str, Node]) -> None:
    """A link is a list of exactly two: the id of a node, and a slot number. Any other list is a value."""
    for node in nodes.values():
        for key, value in node.inputs.items():
            if isinstance(value, list) and len(value) == 2:
                target, slot = value
                if _is_int(target):
                    target = str(target)
                if isinstance(target, str) and target in nodes and _is_int(slot):
                    node.links[key] = (target, slot)


def _is_int(value: JsonValue) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _mark_switches(nodes: Mapping[str, Node]) -> None:
    for node in nodes.values():
        if not keys.SWITCH_MARKS.isdisjoint(node.inputs):
            node.is_switch = True
