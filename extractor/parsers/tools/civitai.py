"""Civitai's own marks: blocks on an infotext's settings line, and the JSON of pictures made on the site."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from extractor.embedded import Carrier
from extractor.finding import Finding, Kind, ResourceClaim
from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import GRAPH_KEYS
from extractor.text.coerce import to_int, to_number, to_prompt, to_text
from extractor.text.jsontext import JsonObject, JsonValue, dump_json, load_json, load_object
from extractor.vocabulary.air import civitai_resource, parse_air
from extractor.vocabulary.samplers import canonical_sampler

GENERATOR: Final = "civitai"

RESOURCES_KEY: Final = "civitai resources"
OTHERS_KEY: Final = "other resources"
"""As `RESOURCES_KEY`, of what the site does not know: `extractor.writers.resources` writes it."""
METADATA_KEY: Final = "civitai metadata"
_EXTRA_METADATA: Final = "extraMetadata"
METADATA_CHUNK: Final = _EXTRA_METADATA.casefold()
"""Key, case folded, of a text that holds what else stands inside of the graph."""
_RESOURCE_STACK: Final = "resource-stack"
_TYPES: Final = {"checkpoint": "model", "embedding": "embed", "textualinversion": "embed", "hypernetwork": "hypernet"}
"""Civitai's type -> the type of a resource, where they differ."""

_STRUCT_FIELD: Final = re.compile(r"([A-Za-z]++) ?= ?([^,{}\s](?:[^,{}]*[^,{}\s])?)")
"""A member of a type that was printed with its fields: ``ImageJobNetworkParams { Strength = 0.4, Type = lora }``."""
_LONGEST_STRUCT: Final = 500

_MAX_ENCODINGS: Final = 3
"""How often JSON may be a string inside of JSON."""

_STRENGTHS: Final = ("strength_model", "strength", "lora_weight")
"""Inputs of a LoRA loader that hold its weight."""


def mark_on_site(findings: list[Finding], bundle: Bundle) -> list[Finding]:
    """The findings, said to be of Civitai's generator if the file has its mark: EXIF Artist exactly ``ai``."""
    if (
        findings
        and "artist" in bundle.marks
        and any(candidate.value == "ai" for candidate in bundle.named("artist", Carrier.EXIF))
    ):
        for finding in findings:
            finding.generator, finding.version = GENERATOR, None
    return findings


# ------------------------------------------------------------------------------------- blocks on the settings line


def read_blocks(folded: dict[str, str], finding: Finding, log: Ledger) -> None:
    """Read ``Civitai resources`` and ``Civitai metadata`` out of settings whose keys are case folded."""
    for key in (RESOURCES_KEY, OTHERS_KEY):
        if key in folded:
            for item in _objects(load_json(folded[key], log, key.capitalize()), log):
                _add_listed(item, finding)
    metadata = folded.get(METADATA_KEY)
    if metadata is not None:
        finding.extra = load_object(metadata, log, "Civitai metadata") or None


def _objects(value: JsonValue, log: Ledger) -> list[JsonObject]:
    """The objects of a list, as many as a file may have resources."""
    items = value if isinstance(value, list) else []
    if len(items) > log.limits.resources:
        log.limit("resources", f"a list of {len(items)} resources is not read to its end")
    return [item for item in items[: log.limits.resources] if isinstance(item, dict)]


def _add_listed(item: JsonObject, finding: Finding) -> None:
    """One item of a resources list: {type, modelVersionId, modelName, weight or strength, air}."""
    air_text = to_text(item.get("air"))
    air = parse_air(air_text) if air_text else None
    kind = to_text(item.get("type")) or (air.type if air else None)
    struct = dict(_STRUCT_FIELD.findall(kind[:_LONGEST_STRUCT])) if kind and kind.endswith("}") else {}
    kind = struct.get("Type", kind)
    version_id = to_int(item.get("modelVersionId"))
    if version_id is None and air is not None:
        version_id = air.model_version_id
    weight = to_number(item.get("weight"))
    if weight is None:
        weight = to_number(item.get("strength"))
    if weight is None:
        weight = to_number(struct.get("Strength"))
    entry: JsonObject = {"type": kind, "modelVersionId": version_id, "weight": weight}
    entry = {key: value for key, value in entry.items() if value is not None}
    if version_id is None and air is not None:
        entry["air"] = air.text
    if "modelVersionId" in entry or "air" in entry:
        finding.civitai_resources.append(entry)
    name = to_text(item.get("modelName"))
    if name is not None and kind is not None:
        kind = kind.casefold()
        finding.resources.append(
            ResourceClaim(
                type=_TYPES.get(kind, kind),
                name=name,
                hash=to_text(item.get("hash")),
                weight=weight,
                model_version_id=version_id,
            )
        )


# ------------------------------------------------------------------------------------------------- on-site JSON


def parse(bundle: Bundle) -> list[Finding]:
    """The on-site JSON of a file: a graph with ``extraMetadata``, ``extra.airs`` or a ``resource-stack`` node.

    The graph in the same text is claimed too, so that no parser takes it for a flat object.
    """
    findings = []
    for candidate in bundle.unclaimed():
        if candidate.key == METADATA_CHUNK:
            prompt = bundle.first("prompt")
            graph = prompt.json_object() if prompt is not None else None
            metadata = _unpack(candidate.value, bundle.log)
        elif _may_be_on_site(candidate):
            graph = candidate.json_object()
            if graph is None or _MEMBERS.isdisjoint(graph):
                continue
            metadata = _unpack(graph.get(_EXTRA_METADATA), bundle.log)
        else:
            continue
        finding = _finding(candidate, graph or {}, metadata or {}, bundle.log)
        if finding is not None:
            candidate.claimed = True
            findings.append(finding)
    return findings


_MEMBERS: Final = frozenset((_EXTRA_METADATA, "extra", _RESOURCE_STACK))
_EXECUTED: Final = "class_type"
"""In graphs that are decoded in any case: to look at their members spares three searches of the text."""
_MARKS: Final = tuple(f'"{mark}"' for mark in (_EXTRA_METADATA, "airs", _RESOURCE_STACK))


def _may_be_on_site(candidate: Candidate) -> bool:
    """Whether an object is worth decoding: a graph is large, others are decoded in any case."""
    if not candidate.is_object:
        return False
    text = candidate.value
    return candidate.key not in GRAPH_KEYS or _EXECUTED in text or any(mark in text for mark in _MARKS)


def _unpack(value: JsonValue, log: Ledger) -> JsonObject | None:
    """An object that may be a string of JSON, once or twice over."""
    for _ in range(_MAX_ENCODINGS):
        if not isinstance(value, str):
            break
        value = load_json(value, log, _EXTRA_METADATA)
    return value if isinstance(value, dict) else None


def _finding(candidate: Candidate, graph: JsonObject, metadata: JsonObject, log: Ledger) -> Finding | None:
    extra = graph.get("extra")
    airs = extra.get("airs") if isinstance(extra, dict) else None
    if not metadata and not isinstance(airs, list) and _RESOURCE_STACK not in graph:
        return None
    finding = Finding(generator=GENERATOR, kind=Kind.STRUCTURED, text=candidate.text)
    rest = dict(metadata)
    if to_text(metadata.get("prompt")) is not None:
        _read_fields(rest, graph, finding, log)
    _read_resources(rest, graph, airs if isinstance(airs, list) else [], finding, log)
    finding.extra = rest or None
    return finding


_FIELDS: Final = {
    "prompt": ("prompt", to_prompt),
    "negativePrompt": ("negative_prompt", to_prompt),
    "steps": ("steps", to_int),
    "cfgScale": ("cfg_scale", to_number),
    "seed": ("seed", to_int),
    "clipSkip": ("clip_skip", to_int),
    "denoise": ("denoise", to_number),
}
"""Key of the metadata -> field of the finding and its type."""


def _read_fields(rest: JsonObject, graph: JsonObject, finding: Finding, log: Ledger) -> None:
    """Move what has a field of its own out of `rest`; what does not parse stays there, with a warning."""
    for key, (name, convert) in _FIELDS.items():
        value = rest.get(key)
        if value is None:
            continue
        converted = convert(value)
        if converted is None:
            log.add("bad-value", f"{_EXTRA_METADATA}: {key} is {dump_json(value)[:100]}")
            continue
        setattr(finding, name, converted)
        del rest[key]
    sampler = to_text(rest.get("sampler"))
    if sampler is not None:
        del rest["sampler"]
        finding.sampler, finding.scheduler = canonical_sampler(sampler, _scheduler_of(sampler, graph))
    width, height = to_int(rest.get("width")), to_int(rest.get("height"))
    if width and height:
        finding.size = f"{width}x{height}"
        del rest["width"], rest["height"]


def _scheduler_of(sampler: str, graph: JsonObject) -> str | None:
    """The scheduler of the graph's samplers of this name, when they agree."""
    found = {to_text(inputs.get("scheduler")) for inputs in _all_inputs(graph) if inputs.get("sampler_name") == sampler}
    return found.pop() if len(found) == 1 else None


def _all_inputs(graph: JsonObject) -> list[JsonObject]:
    inputs = (node.get("inputs") for node in graph.values() if isinstance(node, dict))
    return [values for values in inputs if isinstance(values, dict)]


def _read_resources(rest: JsonObject, graph: JsonObject, airs: list[JsonValue], finding: Finding, log: Ledger) -> None:
    """Items for every listed version id and every AIR; those of one id are completed by each other when joined."""
    for item in _objects(rest.pop("resources", None), log):
        _add_listed(item, finding)
    weights: dict[str, float | int | None] = {}
    for inputs in _all_inputs(graph):
        for value in inputs.values():
            if isinstance(value, str) and parse_air(value) is not None:
                numbers = (to_number(inputs.get(key)) for key in _STRENGTHS)
                weights.setdefault(value.strip(), next((number for number in numbers if number is not None), None))
    for air in airs:
        if isinstance(air, str):
            weights.setdefault(air.strip(), None)
    for text, weight in islice(weights.items(), log.limits.resources):
        named = parse_air(text)
        if named is not None:
            finding.civitai_resources.append(civitai_resource(named, weight))
