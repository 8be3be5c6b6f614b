"""The editor's graph as the server would have run it: flat, and only with what is certain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

from extractor.ledger import Ledger
from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.widgets import certain_widgets, named_widgets, primitive_value
from extractor.text.jsontext import JsonObject, JsonValue

_MUTED, _BYPASSED = 2, 4
"""Modes of nodes that take no part, and of those that hand on what comes in."""
_IDLE: Final = (_MUTED, _BYPASSED)
_RIM_IN, _RIM_OUT = "-10", "-20"
"""Ids of what stands for the inputs and for the outputs inside a subgraph."""
_PRIMITIVE: Final = "PrimitiveNode"
_PASSING: Final = frozenset(("Reroute", "Reroute (rgthree)", "SetNode", "easy setNode"))
_GETTING: Final = {"GetNode": "SetNode", "easy getNode": "easy setNode"}
"""Classes that take what a node of the other class was given under the same name."""
_REMARKS: Final = frozenset(("Note", "MarkdownNote", "Label (rgthree)", "Bookmark (rgthree)"))
_NOT_RUN: Final = _PASSING | _GETTING.keys() | _REMARKS | {_PRIMITIVE}
"""Classes that exist in the editor only."""
_SEEDS: Final = frozenset(keys.SEED)
_DEEPEST: Final = 16
"""Subgraphs inside subgraphs."""
_LONGEST_ID: Final = 64


class Converted(NamedTuple):
    """A workflow in the form of an executed graph."""

    members: JsonObject
    opaque: frozenset[str]
    """Ids of nodes with widgets whose names are not known."""


class _End(NamedTuple):
    """One end of a link: the node's id in its level, and the slot."""

    node: str
    slot: int


@dataclass(slots=True, eq=False)
class _Level:
    """The workflow itself, or one use of a subgraph."""

    prefix: str
    """What its ids begin with in the flat graph."""
    nodes: dict[str, JsonObject]
    links: dict[str, _End]
    """Id of a link -> the output it comes from."""
    ends: dict[int, _End] = field(default_factory=dict)
    """Output of a subgraph -> the output inside that it stands for."""
    everywhere: dict[_End, _End] = field(default_factory=dict)
    """Input -> the output that reaches it without a line."""
    setters: dict[tuple[str, str], str] = field(default_factory=dict)
    """(class, name of a variable) -> the id of the node that sets it."""
    outer: _Use | None = None
    inner: dict[str, _Level] = field(default_factory=dict)
    """The subgraphs used here, by the id of the node that stands for one."""
    depth: int = 0


@dataclass(slots=True, eq=False)
class _Use:
    """Where a subgraph is used."""

    level: _Level
    node: str
    """The id of the node that stands for it there."""
    entries: list[JsonObject]
    values: JsonObject
    """Of its widgets, those with a name."""


_Place: TypeAlias = tuple[_Level, _End]


def looks_like_workflow(value: JsonValue) -> bool:
    """Whether an object is a graph as the editor keeps it: most of its nodes have a type, and there are links."""
    if not isinstance(value, dict) or not isinstance(value.get("links"), list | dict):
        return False
    nodes = value.get("nodes")
    if not isinstance(nodes, list) or not nodes:
        return False
    whole = sum(isinstance(node, dict) and isinstance(node.get("type"), str) and "id" in node for node in nodes)
    return whole * 2 > len(nodes)


def convert(workflow: JsonObject, log: Ledger) -> Converted:
    """The executed form of a workflow for which `looks_like_workflow` holds.

    Links are followed through what only the editor knows: reroutes, primitives, set and get, outputs that reach
    every input of a type, bypassed nodes, subgraphs. A link that ends nowhere is left out, as is a value whose
    name or time is not certain.
    """
    return _Conversion(workflow, log).run()


class _Conversion:
    """One conversion: its bounds and what was put together so far."""

    def __init__(self, workflow: JsonObject, log: Ledger) -> None:
        self.log = log
        self.steps = log.limits.graph_steps
        self.nodes_left = log.left("graph_nodes")
        self.definitions = {name: _level("", subgraph) for name, subgraph in _definitions(workflow)}
        self.top = _level("", workflow)
        self.top.everywhere = dict(_everywhere(workflow))
        self.members: JsonObject = {}
        self.opaque: set[str] = set()

    def run(self) -> Converted:
        """All nodes of all levels that take part, under ids such as ``30:6``."""
        levels = [self.top]
        for level in levels:
            self.nodes_left -= len(level.nodes)
            if self.nodes_left < 0 or level.depth > _DEEPEST:
                self.log.limit("graph_nodes", "the ComfyUI workflow is not read, or only in part")
                levels = levels[: levels.index(level)]
                break
            levels += self._opened(level)
        for level in levels:
            for node_id, node in level.nodes.items():
                if node.get("mode") not in _IDLE and node_id not in level.inner and _kind(node) not in _NOT_RUN:
                    self._add(level, node_id, node)
        return Converted(self.members, frozenset(self.opaque))

    def _opened(self, level: _Level) -> Iterator[_Level]:
        for node_id, node in level.nodes.items():
            definition = self.definitions.get(_kind(node))
            if definition is not None and node.get("mode") not in _IDLE:
                use = _Use(level, node_id, _entries(node), named_widgets(node) or {})
                inner = replace(
                    definition, prefix=f"{level.prefix}{node_id}:", outer=use, inner={}, depth=level.depth + 1
                )
                level.inner[node_id] = inner
                self.steps -= _size(node)
                yield inner

    def _add(self, level: _Level, node_id: str, node: JsonObject) -> None:
        name = level.prefix + node_id
        self.steps -= _size(node)
        if self.steps <= 0:
            return
        inputs = named_widgets(node)
        if inputs is None:
            inputs = certain_widgets(node)
            self.opaque.add(name)
        for slot, entry in enumerate(_entries(node)):
            key = entry.get("name")
            source = _wired(level, _End(node_id, slot), entry)
            if isinstance(key, str) and source is not None:
                inputs.pop(key, None)
                value = self._resolved((level, source), key)
                if value is not None:
                    inputs[key] = value
        self.members[name] = {"class_type": _kind(node), "inputs": inputs}

    def _resolved(self, place: _Place, key: str) -> JsonValue:
        """What reaches an input named `key`: a link to a node that runs, or a value; None when it is not known."""
        seen: set[tuple[str, _End]] = set()
        while self.steps > 0:
            self.steps -= 1
            level, end = place
            if (level.prefix, end) in seen:
                self.log.add("graph-cycle", "the ComfyUI workflow has a cycle")
                return None
            seen.add((level.prefix, end))
            if end.node == _RIM_IN and level.outer is not None:
                following = _outside(level.outer, end.slot, key)
            else:
                node = level.nodes.get(end.node)
                if node is None or node.get("mode") == _MUTED:
                    return None
                if node.get("mode") != _BYPASSED and end.node not in level.inner and _kind(node) not in _NOT_RUN:
                    return [level.prefix + end.node, end.slot]
                self.steps -= _size(node)
                following = _through(level, end, node, key)
            if not isinstance(following, tuple):
                return following
            place = following
        self.log.limit("graph_steps", "the links of a ComfyUI workflow are followed only in part")
        return None


def _through(level: _Level, end: _End, node: JsonObject, key: str) -> _Place | JsonValue:
    """The place behind a node that does not run itself, or the value it holds."""
    if node.get("mode") == _BYPASSED:
        return _in(level, _passed_by_type(level, end, node))
    inner = level.inner.get(end.node)
    if inner is not None:
        return _in(inner, inner.ends.get(end.slot))
    kind = _kind(node)
    if kind == _PRIMITIVE:
        return primitive_value(node, must_be_fixed=key in _SEEDS)
    if kind in _GETTING:
        return _set_under(level, _GETTING[kind], _variable(node))
    return _in(level, _first_input(level, end.node, node)) if kind in _PASSING else None


def _in(level: _Level, end: _End | None) -> _Place | None:
    return None if end is None else (level, end)


def _outside(use: _Use, slot: int, key: str) -> _Place | JsonValue:
    """What reaches an input of a subgraph where it is used: the place it is wired to, or the value of its widget."""
    if not 0 <= slot < len(use.entries):
        return None
    entry = use.entries[slot]
    source = _wired(use.level, _End(use.node, slot), entry)
    if source is not None:
        return use.level, source
    widget = entry.get("widget")
    name = widget.get("name") if isinstance(widget, dict) else None
    # What controls a seed is not stored where the subgraph is used.
    return use.values.get(name) if isinstance(name, str) and key not in _SEEDS else None


def _wired(level: _Level, target: _End, entry: JsonObject) -> _End | None:
    """The output that an input is wired to, with a line or without; None when it is not."""
    link = entry.get("link")
    if link is None:
        return level.everywhere.get(target)
    return level.links.get(str(link), _NOWHERE)


_NOWHERE: Final = _End("", 0)


def _first_input(level: _Level, node_id: str, node: JsonObject) -> _End | None:
    entries = _entries(node)
    return _wired(level, _End(node_id, 0), entries[0]) if entries else None


def _passed_by_type(level: _Level, end: _End, node: JsonObject) -> _End | None:
    """The input that a bypassed node hands on: that of the same place if it has the type, else the first that has."""
    outputs = node.get("outputs")
    output = outputs[end.slot] if isinstance(outputs, list) and 0 <= end.slot < len(outputs) else None
    kind = output.get("type") if isinstance(output, dict) else None
    entries = _entries(node)
    places = [end.slot, *range(len(entries))]
    for slot in places:
        if 0 <= slot < len(entries) and kind is not None and entries[slot].get("type") == kind:
            return _wired(level, _End(end.node, slot), entries[slot])
    return None


def _set_under(level: _Level | None, kind: str, name: str | None) -> _Place | None:
    """Where the value of a variable comes from: set in the same level, else in one around it."""
    while level is not None and name is not None:
        setter = level.setters.get((kind, name))
        if setter is not None:
            return _in(level, _first_input(level, setter, level.nodes[setter]))
        level = level.outer.level if level.outer is not None else None
    return None


def _variable(node: JsonObject) -> str | None:
    """The name of the variable that a node sets or gets."""
    values = node.get("widgets_values")
    name = values[0] if isinstance(values, list) and values else None
    return name if isinstance(name, str) else None


def _size(node: JsonObject) -> int:
    """The steps it takes to look through a node."""
    parts = (node.get("inputs"), node.get("widgets_values"))
    return 1 + sum(len(part) for part in parts if isinstance(part, list | dict))


def _kind(node: JsonObject) -> str:
    kind = node.get("type")
    return kind if isinstance(kind, str) else ""


def _entries(node: JsonObject) -> list[JsonObject]:
    """The inputs of a node, in the order of their slots."""
    inputs = node.get("inputs")
    return [entry if isinstance(entry, dict) else {} for entry in inputs] if isinstance(inputs, list) else []


def _definitions(workflow: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """The subgraphs of a workflow by their ids, which are the types of the nodes that stand for them."""
    definitions = workflow.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for subgraph in subgraphs if isinstance(subgraphs, list) else ():
        name = subgraph.get("id") if isinstance(subgraph, dict) else None
        if isinstance(subgraph, dict) and isinstance(name, str):
            yield name, subgraph


def _level(prefix: str, graph: JsonObject) -> _Level:
    nodes = graph.get("nodes")
    level = _Level(prefix, {}, {})
    for node in nodes if isinstance(nodes, list) else ():
        node_id = str(node.get("id")) if isinstance(node, dict) else ""
        if isinstance(node, dict) and 0 < len(node_id) <= _LONGEST_ID:
            level.nodes[node_id] = node
            if _kind(node) in _PASSING and node.get("mode") not in _IDLE and (name := _variable(node)) is not None:
                level.setters.setdefault((_kind(node), name), node_id)
    links = graph.get("links")
    links = list(links.values()) if isinstance(links, dict) else links
    for link in links if isinstance(links, list) else ():
        fields = list(map(link.get, _LINK_FIELDS)) if isinstance(link, dict) else link
        if isinstance(fields, list) and len(fields) >= len(_LINK_FIELDS) and isinstance(fields[2], int):
            origin = _End(str(fields[1]), fields[2])
            level.links[str(fields[0])] = origin
            if str(fields[3]) == _RIM_OUT and isinstance(fields[4], int):
                level.ends[fields[4]] = origin
    return level


_LINK_FIELDS: Final = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
_REACHING: Final = ("downstream", "downstream_slot", "upstream", "upstream_slot")


def _everywhere(workflow: JsonObject) -> Iterator[tuple[_End, _End]]:
    """The links that ``Anything Everywhere`` nodes stand for, as the editor stores them."""
    extra = workflow.get("extra")
    reaching = extra.get("ue_links") if isinstance(extra, dict) else None
    for link in reaching if isinstance(reaching, list) else ():
        if isinstance(link, dict):
            node, slot, origin, output = map(link.get, _REACHING)
            if isinstance(slot, int) and isinstance(output, int):
                yield _End(str(node), slot), _End(str(origin), output)
