"""The executed graph as it stands in the file: nodes, their inputs, the links between them. Never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from extractor.jsontext import JsonObject, JsonValue
from extractor.warning import WarningLog

Link: TypeAlias = "tuple[str, int]"
"""(node id, output slot)"""

_NO_INPUTS: Final[Mapping[str, JsonValue]] = {}


class Node(NamedTuple):
    """One node of the graph."""

    id: str
    kind: str
    """Its ``class_type``."""
    lower: str
    """`kind`, lower case."""
    inputs: Mapping[str, JsonValue]
    links: Mapping[str, Link]
    """Those inputs that are links to a node of the graph, in the file's order."""

    def literal(self, key: str) -> JsonValue:
        """The value of an input that is no link; None when there is none. Widget wrappers are taken off."""
        if key in self.links:
            return None
        return unwrapped(self.inputs.get(key))


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes by id."""

    nodes: Mapping[str, Node] = field(default_factory=dict)


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
    if not isinstance(value, dict) or not value:
        return False
    nodes = sum(1 for member in value.values() if isinstance(member, dict) and "class_type" in member)
    return nodes > 0 and 2 * nodes >= len(value)


def build_graph(members: JsonObject, log: WarningLog) -> Graph | None:
    """The graph of an object for which `looks_like_graph` holds; members that are no nodes are left out."""
    if len(members) > log.limits.graph_nodes:
        log.limit("graph_nodes", f"a ComfyUI graph of {len(members)} nodes is not read")
        return None
    kinds = {
        node_id: kind
        for node_id, member in members.items()
        if isinstance(member, dict) and isinstance(kind := member.get("class_type"), str)
    }
    nodes = {}
    for node_id, kind in kinds.items():
        member = members[node_id]
        given = member.get("inputs") if isinstance(member, dict) else None
        inputs = given if isinstance(given, dict) else _NO_INPUTS
        nodes[node_id] = Node(node_id, kind, kind.lower(), inputs, _links(inputs, kinds))
    return Graph(nodes)


def _links(inputs: Mapping[str, JsonValue], kinds: Mapping[str, str]) -> dict[str, Link]:
    """A link is a list of exactly two: the id of a node, and a slot number. Any other list is a value."""
    links = {}
    for key, value in inputs.items():
        if isinstance(value, list) and len(value) == 2:
            target, slot = value
            if type(target) is int:
                target = str(target)
            if type(slot) is int and isinstance(target, str) and target in kinds:
                links[key] = (target, slot)
    return links
