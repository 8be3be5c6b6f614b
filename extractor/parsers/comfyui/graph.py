"""The executed graph as it stands in the file: nodes, their inputs, the links between them. Never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, TypeAlias

from extractor.ledger import Ledger
from extractor.parsers.comfyui import keys
from extractor.text.jsontext import JsonObject, JsonValue

Link: TypeAlias = "tuple[str, int]"
"""(node id, output slot)"""

_NO_INPUTS: Final[Mapping[str, JsonValue]] = {}


class Node:
    """One node of the graph, with what its shape tells of it."""

    __slots__ = ("id", "inputs", "is_saver", "is_switch", "kind", "links", "lower", "opaque", "picture_links", "sides")

    def __init__(self, node_id: str, kind: str, inputs: Mapping[str, JsonValue]) -> None:
        self.id = node_id
        self.kind = kind
        """Its ``class_type``."""
        self.lower = kind.lower()
        """`kind`, lower case."""
        self.inputs = inputs
        self.links: dict[str, Link] = {}
        """Those inputs that are links to a node of the graph, in the file's order."""
        self.opaque = False
        """Whether it has settings of which nothing is known."""
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


def build_graph(members: JsonObject, log: Ledger, opaque: AbstractSet[str] = frozenset()) -> Graph | None:
    """The graph of an object for which `looks_like_graph` holds; members that are no nodes are left out.

    `opaque` are the ids of nodes with settings of which nothing is known.
    """
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
    for node_id in opaque & nodes.keys():
        nodes[node_id].opaque = True
    names = _names(nodes)
    together = " ".join(names)
    if "." in together:
        _cut_to_last_parts(nodes)
    _set_links(nodes)
    if "pipe" in together or keys.LONE_PIPE in names:
        _rename_pipes(nodes)
        names = _names(nodes)
    elif "." in together:
        names = _names(nodes)
    if not keys.SWITCH_MARKS.isdisjoint(names):
        _mark_switches(nodes)
    return Graph(nodes, names)


def _set_links(nodes: Mapping[str, Node]) -> None:
    """A link is a list of exactly two: the id of a node, and a slot number. Any other list is a value."""
    for node in nodes.values():
        links = node.links
        for key, value in node.inputs.items():
            if type(value) is list and len(value) == 2:
                target, slot = value
                if type(slot) is int:  # True is none
                    if type(target) is int:
                        target = str(target)
                    if type(target) is str and target in nodes:
                        links[key] = (target, slot)


def _names(nodes: Mapping[str, Node]) -> set[str]:
    return set[str]().union(*[node.inputs for node in nodes.values()])


def _cut_to_last_parts(nodes: Mapping[str, Node]) -> None:
    """Name what a choice adds (``model.prompt``) by the last part (``prompt``), where nothing else has that name."""
    for node in nodes.values():
        inputs = node.inputs
        renamed: dict[str, JsonValue] = {}
        for key, value in inputs.items():
            last = key.rpartition(".")[2]
            renamed[key if last in inputs or last in renamed or not last.isidentifier() else last] = value
        node.inputs = renamed


def _rename_pipes(nodes: Mapping[str, Node]) -> None:
    """Give links to bundles of other names (``models_pipe``, ``data`` alone) usual names that are free."""
    for node in nodes.values():
        links = node.links
        if len(links) == 1 and keys.LONE_PIPE in links:
            unusual = [keys.LONE_PIPE]
        else:
            unusual = [key for key in links if "pipe" in key and key not in keys.PIPES and _names_pipe(key)]
        if unusual:
            free = (name for name in keys.PIPES if name not in node.inputs)
            names = dict(zip(unusual, free, strict=False))
            node.inputs = {names.get(key, key): value for key, value in node.inputs.items()}
            node.links = {names.get(key, key): link for key, link in links.items()}


def _names_pipe(key: str) -> bool:
    return any(word.rstrip("0123456789").endswith("pipe") for word in key.split("_"))


def _mark_switches(nodes: Mapping[str, Node]) -> None:
    for node in nodes.values():
        if not keys.SWITCH_MARKS.isdisjoint(node.inputs):
            node.is_switch = True
