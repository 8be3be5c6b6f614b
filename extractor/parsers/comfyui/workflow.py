"""The editor's graph, opened only when the executed one refers to a text that is stored nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from extractor.text.jsontext import JsonObject, JsonValue


@dataclass(slots=True)
class Widgets:
    """Widget values of the workflow's top-level nodes. Those of subgraph definitions are only templates."""

    load: Callable[[], JsonObject | None]
    """Reads the workflow; called at most once."""
    _nodes: dict[tuple[str, str], JsonObject] | None = None

    def text(self, node_id: str, kind: str, key: str) -> str | None:
        """The text widget `key` of the node with this id and class, unless blank."""
        if ":" in node_id:
            # A node inside a subgraph or group is none of the top level.
            return None
        if self._nodes is None:
            self._nodes = _by_identity(self.load())
        node = self._nodes.get((node_id, kind))
        value = None if node is None else _widget(node, key)
        return value if isinstance(value, str) and value.strip() else None


def _by_identity(workflow: JsonObject | None) -> dict[tuple[str, str], JsonObject]:
    nodes = workflow.get("nodes") if workflow is not None else None
    found: dict[tuple[str, str], JsonObject] = {}
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict):
            node_id, kind = node.get("id"), node.get("type")
            if isinstance(node_id, str | int) and isinstance(kind, str):
                found.setdefault((str(node_id), kind), node)
    return found


def _widget(node: JsonObject, key: str) -> JsonValue:
    """By name where names are stored (an object, or inputs that say which widget they are), else the first."""
    values = node.get("widgets_values")
    if isinstance(values, dict):
        return values.get(key)
    if not isinstance(values, list) or not values:
        return None
    names = _widget_names(node.get("inputs"))
    index = names.index(key) if key in names else 0
    return values[index] if index < len(values) else None


def _widget_names(inputs: JsonValue) -> list[JsonValue]:
    if not isinstance(inputs, list):
        return []
    widgets = [entry.get("widget") for entry in inputs if isinstance(entry, dict)]
    return [widget.get("name") for widget in widgets if isinstance(widget, dict)]
