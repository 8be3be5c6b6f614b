"""Where a file keeps its graphs: as a text of their own, behind a label, or side by side in one object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from extractor.embedded import XMP_PACKET
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.comfyui.editor import convert, looks_like_workflow
from extractor.parsers.comfyui.graph import looks_like_graph
from extractor.text.jsontext import JsonObject, JsonValue, load_json, load_object, looks_like_object

_MARK: Final = "class_type"
_NODES: Final = "nodes"
_LINKS: Final = "links"
"""What stands in the editor's graphs, the former in all."""
_LONGEST_LABEL: Final = 40
_EXECUTED: Final = ("prompt", "output")
"""Members that hold the executed graph: of a request, of what the editor's own export gives."""
_WORKFLOW: Final = "workflow"
_EXTRA_DATA: Final = ("extra_data", "extra_pnginfo")
"""The way to the workflow in a request to the server."""


class StoredGraph(NamedTuple):
    """One graph as it was executed, or as it stood in the editor."""

    candidate: Candidate
    members: JsonObject
    """The graph in API form, with whatever stands among its nodes."""
    workflow: Callable[[], JsonObject | None]
    """Reads the editor's graph that belongs to it."""
    opaque: AbstractSet[str] | None = None
    """Of a graph that was converted from the editor's: the ids of nodes with widgets without names."""


def stored_graphs(bundle: Bundle) -> Iterator[StoredGraph]:
    """All executed graphs of a file, or else the editor's. Their texts, and those with the editor's, are claimed."""
    found_one = False
    for stored in _executed_graphs(bundle):
        found_one = True
        yield stored
    if not found_one:
        yield from _editor_graphs(bundle)


def _editor_graphs(bundle: Bundle) -> Iterator[StoredGraph]:
    left = bundle.log.limits.graphs
    for candidate in bundle.candidates:
        text = candidate.value
        if _NODES not in text or _LINKS not in text or candidate.key == XMP_PACKET or candidate.claimed:
            continue
        value = _object_in(candidate)
        workflow = value
        if value is not None and not looks_like_workflow(value):
            workflow = _nested(_wrapped_workflow(value), candidate)
        if workflow is None or not looks_like_workflow(workflow):
            continue
        if not left:
            bundle.log.limit("graphs", "the graphs after these are not read")
            return
        left -= 1
        candidate.claimed = True
        members, opaque = convert(workflow, bundle.log)
        yield StoredGraph(candidate, members, lambda: None, opaque)


def _executed_graphs(bundle: Bundle) -> Iterator[StoredGraph]:
    editors: list[Candidate] | None = None
    left = bundle.log.limits.graphs
    for candidate in bundle.candidates:
        if _MARK not in candidate.value or candidate.key == XMP_PACKET:
            continue
        value = _object_in(candidate)
        if value is None:
            continue
        if looks_like_graph(value):
            found, workflow = value, None
        else:
            inside = (nested for key in _EXECUTED if (nested := _nested(value.get(key), candidate)) is not None)
            graph = next(filter(looks_like_graph, inside), None)
            if graph is None:
                continue
            found, workflow = graph, _wrapped_workflow(value)
        if not left:
            bundle.log.limit("graphs", "the graphs after these are not read")
            return
        left -= 1
        candidate.claimed = True
        if editors is None:
            editors = list(filter(_is_workflow, bundle.candidates))
        others = [editor for editor in editors if editor is not candidate]
        for other in others:
            other.claimed = True
        yield StoredGraph(candidate, found, _reader(candidate, workflow, others))


def _reader(candidate: Candidate, workflow: JsonValue, editors: list[Candidate]) -> Callable[[], JsonObject | None]:
    if workflow is not None:
        return lambda: _nested(workflow, candidate)
    return lambda: next((value for editor in editors if (value := _object_in(editor)) is not None), None)


def _wrapped_workflow(value: JsonObject) -> JsonValue:
    workflow = value.get(_WORKFLOW)
    for key in _EXTRA_DATA:
        inner = value.get(key)
        value = inner if isinstance(inner, dict) else {}
    return value.get(_WORKFLOW) if workflow is None else workflow


def _is_workflow(candidate: Candidate) -> bool:
    """Whether a text is the editor's graph, by its key or label and its look."""
    named = candidate.key.rpartition(":")[2] == _WORKFLOW
    if not named and not candidate.is_object:
        named = _label(candidate.value).lower() == _WORKFLOW
    return named and _NODES in candidate.value


def _object_in(candidate: Candidate) -> JsonObject | None:
    """The object a text is, as it stands, in a JSON string or after a label (``prompt:{...}``, ``Workflow: {...}``)."""
    if candidate.is_object:
        return candidate.json_object()
    if candidate.value.startswith('"'):
        return _nested(load_json(candidate.value, candidate.log.aside(), candidate.text.source), candidate)
    label = _label(candidate.value)
    if not label:
        return None
    return load_object(candidate.value[len(label) + 1 :], candidate.log, candidate.text.source)


def _label(text: str) -> str:
    """Letters before a colon that a blank or an object follows; empty when the text does not begin so."""
    head, colon, _ = text[:_LONGEST_LABEL].partition(":")
    after = text[len(head) + 1 : len(head) + 2]
    return head if colon and head.isalpha() and after in (" ", "{") else ""


def _nested(value: JsonValue, candidate: Candidate) -> JsonObject | None:
    """A member that is an object, or the JSON text of one."""
    if isinstance(value, str) and looks_like_object(value):
        return load_object(value, candidate.log, candidate.text.source)
    return value if isinstance(value, dict) else None
