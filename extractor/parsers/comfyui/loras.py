"""LoRAs as the many loader and stack nodes store them. One whose strength is written as 0 was not applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.models import usable_name
from extractor.parsers.comfyui.switches import as_bool
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.values import scalar
from extractor.text.coerce import to_int, to_number, to_text
from extractor.text.jsontext import JsonValue, load_json
from extractor.vocabulary.models import graph_tags

_NAME_WORDS: Final = frozenset(("lora", "name", "file", "path"))
_WEIGHT_WORDS: Final = frozenset(("strength", "weight", "wt", "str", "scale"))
_CLIP_WORDS: Final = frozenset(("clip", "te", "cliptwo"))
_SWITCH_WORDS: Final = frozenset(("switch", "toggle", "on", "enabled", "enable", "active"))
_COUNTS: Final = ("lora_count", "num_loras", "lora_num")
_MODES: Final = ("input_mode", "mode")
_LIST_KEYS: Final = ("loras", "lora_list", "lora_stack_data")
_LISTS: Final = frozenset(_LIST_KEYS)

_ITEM_NAMES: Final = ("lora", "name", "lora_name", "file", "file_name", "model_name")
_ITEM_WEIGHTS: Final = ("strength", "weight", "strength_model", "model_strength", "strengthModel", "model_weight")
_ITEM_CLIP_WEIGHTS: Final = ("strengthTwo", "clipStrength", "strength_clip", "clip_strength", "clip_weight")
_ITEM_SWITCHES: Final = ("on", "active", "enabled")


class Lora(NamedTuple):
    """One LoRA that was applied."""

    name: str
    weight: int | float | None = None
    clip_weight: int | float | None = None


class _Slot(NamedTuple):
    """The widgets of one numbered place in a stack (or the only one of a plain loader), by their role."""

    names: list[str]
    weights: list[str]
    clip_weights: list[str]
    switches: list[str]


_NAMES, _WEIGHTS, _CLIP_WEIGHTS, _SWITCHES = range(4)
"""The places of the roles in it."""


def loras_of(walk: Walk, node: Node) -> list[Lora]:
    """The LoRAs that a node (an input of which is named after LoRAs) names and that are switched on."""
    found = [] if _LISTS.isdisjoint(node.inputs) else list(_listed(walk, node))
    if as_bool(node.literal("toggle")) is False:
        return found
    count_key = node.first_of(_COUNTS)
    count = None if count_key is None else to_int(node.literal(count_key))
    names = tuple(node.inputs)
    # Nodes of one class have the same names: 4 % of reading a graph.
    slots: list[tuple[int, _Slot]] = walk.once(("lora slots", names), [], _slots, names)
    for number, slot in slots:
        if count is None or number <= count:
            found += _of_slot(walk, node, slot)
    return found


def _slots(names: tuple[str, ...]) -> list[tuple[int, _Slot]]:
    """Widgets by the number in their names, in its order; 0 holds those without."""
    slots: dict[int, _Slot] = {}
    for key in names:
        role, number = _role(key)
        if role is not None:
            slot = slots.get(number)
            if slot is None:
                slot = slots[number] = _Slot([], [], [], [])
            slot[role].append(key)
    return [(number, slots[number]) for number in sorted(slots) if slots[number].names]


def _role(key: str) -> tuple[int | None, int]:
    """The place in `_Slot` of an input, and the number in its name."""
    words, number = _words(key)
    if not words.isdisjoint(_SWITCH_WORDS):
        return _SWITCHES, number
    if not words.isdisjoint(_WEIGHT_WORDS):
        return _WEIGHTS if words.isdisjoint(_CLIP_WORDS) else _CLIP_WEIGHTS, number
    return _NAMES if "lora" in words and words <= _NAME_WORDS else None, number


def _words(key: str) -> tuple[frozenset[str], int]:
    """``lora1_model_str`` is ({lora, model, str}, 1)."""
    number = 0
    words = []
    for word in key.lower().split("_"):
        stem = word.rstrip("0123456789")
        if stem != word:
            number = to_int(word[len(stem) :]) or 0
        if stem:
            words.append(stem)
    return frozenset(words), number


def _of_slot(walk: Walk, node: Node, slot: _Slot) -> Iterator[Lora]:
    if slot.switches and any(as_bool(node.literal(key)) is False for key in slot.switches):
        return
    for key in slot.names:
        value = node.inputs[key]
        if isinstance(value, dict) and "content" not in value:
            lora = _of_item(value)
            if lora is not None:
                yield lora
            continue
        link = node.links.get(key)
        if link is not None and any("lora" in name.lower() for name in walk.node(link).inputs):
            # Wired to another loader, which names its own.
            continue
        name = usable_name(scalar(walk, node, (key,), to_text))
        weights, clip_weights = _preferred(node, slot.weights)[:1], _clip_weights(node, slot)[:1]
        is_off = weights and all(to_number(node.literal(key)) == 0 for key in weights + clip_weights)
        if name is not None and not is_off:
            yield _lora(name, _first_number(walk, node, weights), _first_number(walk, node, clip_weights))


def _preferred(node: Node, weights: list[str]) -> list[str]:
    """Stacks with both a simple and an advanced weight say in `mode` which one counts."""
    if len(weights) < 2:
        return weights
    simple = any(node.literal(key) == "simple" for key in _MODES)
    return sorted(weights, key=lambda key: ("model" in key) is simple)


def _clip_weights(node: Node, slot: _Slot) -> list[str]:
    """A simple weight is that of both."""
    simple = len(slot.weights) > 1 and any(node.literal(key) == "simple" for key in _MODES)
    return [] if simple else slot.clip_weights


def _first_number(walk: Walk, node: Node, names: list[str]) -> int | float | None:
    return scalar(walk, node, (names[0],), to_number) if names else None


def _listed(walk: Walk, node: Node) -> Iterator[Lora]:
    """LoRAs kept as a list of objects, or as its JSON text."""
    for key in _LIST_KEYS:
        value = node.literal(key)
        if isinstance(value, str) and value.lstrip()[:1] == "[":
            value = load_json(value, walk.log, f"{node.kind} {key}")
        elif isinstance(value, str):
            yield from (
                Lora(claim.name, claim.weight, claim.strength_clip)
                for claim in graph_tags(value)
                if claim.name and (claim.weight != 0 or claim.strength_clip)
            )
        for item in value if isinstance(value, list) else ():
            lora = _of_item(item)
            if lora is not None:
                yield lora


def _of_item(item: JsonValue) -> Lora | None:
    if not isinstance(item, dict) or any(as_bool(item.get(key)) is False for key in _ITEM_SWITCHES):
        return None
    name = next((text for key in _ITEM_NAMES if (text := usable_name(to_text(item.get(key)))) is not None), None)
    if name is None:
        return None
    weight, clip_weight = _number_in(item, _ITEM_WEIGHTS), _number_in(item, _ITEM_CLIP_WEIGHTS)
    return None if weight == 0 and not clip_weight else _lora(name, weight, clip_weight)


def _number_in(item: dict[str, JsonValue], names: tuple[str, ...]) -> int | float | None:
    return next((number for key in names if (number := to_number(item.get(key))) is not None), None)


def _lora(name: str, weight: int | float | None, clip_weight: int | float | None) -> Lora:
    return Lora(name, weight, None if clip_weight == weight else clip_weight)
