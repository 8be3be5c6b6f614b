"""Everything beside the main model that took part: LoRAs, VAE, ControlNets, upscalers, embeddings, AIRs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from extractor.finding import ResourceClaim
from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.graph import Link, Node
from extractor.parsers.comfyui.loras import loras_of
from extractor.parsers.comfyui.models import usable_name
from extractor.parsers.comfyui.picture import picture_links
from extractor.parsers.comfyui.switches import all_links, as_bool, taken_links
from extractor.parsers.comfyui.text import TextReader
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.values import scalar
from extractor.parsers.comfyui.wording import Side
from extractor.text.coerce import to_number, to_text
from extractor.text.jsontext import JsonObject, JsonValue, load_json
from extractor.vocabulary.air import civitai_resource, parse_air
from extractor.vocabulary.models import graph_tags

AIR: Final = "urn:air:"
_EMBEDDING: Final = re.compile(r"embedding:([^\s,:()\[\]<>{}|]{1,200})(?::(\d{1,3}(?:\.\d{1,9})?))?", re.IGNORECASE)
_STRENGTHS: Final = (
    "strength_model",
    "strength",
    "weight",
    "model_weight",
    "lora_strength",
    "lora_model_strength",
    "model_strength",
)
_TAGGED_IN_ORDER: Final = ("populated_text", "text", "lora_syntax", "lora_text", "prompt", "string", "loras_string")
_TAGGED: Final = frozenset(_TAGGED_IN_ORDER)
_MODEL_NAME: Final = "model_name"
_NAMING: Final = frozenset((*keys.RESOURCE_NAMES, *keys.SECOND_MODEL_NAMES, _MODEL_NAME))
_LINKING: Final = frozenset(keys.RESOURCE_LINKS)
_NAMED: Final = _NAMING | _LINKING
_VAE_NAMES: Final = (*keys.VAE_NAMES, _MODEL_NAME)
_VAE_WIDGETS: Final = (*keys.VAE_NAMES, *keys.VAE_LINKS)
_VAE_LINKS: Final = frozenset((*keys.VAE_LINKS, *keys.PIPES))
_VAE_OWN: Final = frozenset(keys.VAE_NAMES)
_DECODING: Final = frozenset(keys.VAE_LINKS)
_PIPES: Final = frozenset(keys.PIPES)


@dataclass(slots=True)
class Collected:
    """Resources in the order in which they were applied."""

    walk: Walk
    reader: TextReader
    has_airs: bool
    """Whether there is an AIR anywhere in the text of the graph."""
    claims: list[ResourceClaim] = field(default_factory=list)
    civitai: dict[tuple[JsonValue, JsonValue], JsonObject] = field(default_factory=dict)
    """By type and version id (or the AIR itself)."""

    def add(self, kind: str, name: str, weight: float | None = None, clip: float | None = None) -> None:
        """Take one resource under the name it was stored with."""
        if not self.add_air(name, weight):
            self.claims.append(ResourceClaim(type=kind, name=name, weight=weight, strength_clip=clip))

    def add_air(self, text: str, weight: float | None = None) -> bool:
        """Take a resource that is named by an AIR; False when it is none."""
        if ":" not in text or (air := parse_air(text)) is None:
            return False
        item = civitai_resource(air, weight)
        known = self.civitai.setdefault((item.get("type"), item.get("modelVersionId") or air.text), item)
        if weight is not None:
            known.setdefault("weight", weight)
        return True

    def from_nodes(self, root: Node, said: Iterable[str]) -> None:
        """Take what the nodes upstream of `root` name; LoRA tags in a text of `said` are left to its reader."""
        graph = self.walk.graph
        lora_names = _named_after_loras(graph.names)
        any_named = not _NAMED.isdisjoint(graph.names)
        any_tagged = any(map(_may_load_tags, graph.nodes.values()))
        if not (lora_names or any_named or any_tagged or self.has_airs):
            return
        said = tuple(said)
        upstream = [node for node, _ in self.walk.sources_first(root, all_links, set())]
        strengths = self._strengths_of_guides(upstream)
        for node in upstream:
            if lora_names and not lora_names.isdisjoint(node.inputs):
                for lora in loras_of(self.walk, node):
                    self.add("lora", lora.name, lora.weight, lora.clip_weight)
            if any_tagged and _may_load_tags(node):
                self._from_tags(node, said)
            if any_named and not node.is_saver and not _NAMED.isdisjoint(node.inputs):
                self._from_widgets(node, strengths.get(node.id))
                self._from_links(node)
            if self.has_airs:
                self._from_airs(node)

    def _from_tags(self, node: Node, said: tuple[str, ...]) -> None:
        """``<lora:...>`` in the text of a node that loads what it finds there."""
        for key in _TAGGED_IN_ORDER:
            if key in node.inputs and not ("loras" in node.inputs and key == "text"):
                for text in self.reader.input(node, key, Side.POSITIVE).texts:
                    if not any(text.strip() in prompt for prompt in said):
                        self.claims += [tag for tag in graph_tags(text) if tag.weight != 0 or tag.strength_clip]

    def _strengths_of_guides(self, nodes: list[Node]) -> dict[str, float | None]:
        """By the loader's id: a ControlNet has its strength where it is applied."""
        strengths: dict[str, float | None] = {}
        if keys.GUIDE_LINKS.isdisjoint(self.walk.graph.names):
            return strengths
        for node in reversed(nodes):
            if keys.GUIDE_LINKS.isdisjoint(node.links):
                continue
            for key in keys.GUIDE_LINKS & node.links.keys():
                strength = scalar(self.walk, node, _STRENGTHS, to_number)
                strengths.setdefault(node.links[key][0], strengths.get(node.id) if strength is None else strength)
        return strengths

    def _from_widgets(self, node: Node, strength: float | None) -> None:
        if _NAMING.isdisjoint(node.inputs):
            return
        for key, (kind, weights, switches) in keys.RESOURCE_NAMES.items():
            if key in node.inputs and not any(as_bool(node.literal(switch)) is False for switch in switches):
                name = usable_name(scalar(self.walk, node, (key,), to_text))
                if name is not None:
                    weight = scalar(self.walk, node, weights, to_number) if weights else None
                    self.add(kind, name, strength if weight is None else weight)
        if "animatediff" in node.lower and (name := usable_name(to_text(node.literal(_MODEL_NAME)))) is not None:
            self.add("motion", name)
        if keys.RESCALES in node.inputs and (name := usable_name(to_text(node.literal(_MODEL_NAME)))) is not None:
            self.add("upscaler", name)
        for key in keys.SECOND_MODEL_NAMES:
            if key in node.inputs and (name := usable_name(to_text(node.literal(key)))) is not None:
                self.add("model", name)

    def _from_links(self, node: Node) -> None:
        """Names on loaders that only the input they are wired to tells apart."""
        if _LINKING.isdisjoint(node.links):
            return
        links = all_links(self.walk, node)
        for key, (kind, names) in keys.RESOURCE_LINKS.items():
            if key not in node.links or (link := node.links[key]) not in links:
                continue
            loader = self.walk.node(link)
            name = next((name for word in names if (name := usable_name(to_text(loader.literal(word))))), None)
            if name is not None:
                self.add(kind, name)

    def _from_airs(self, node: Node) -> None:
        """AIRs on selector nodes, plain or inside a JSON text."""
        for value in node.inputs.values():
            if isinstance(value, str) and AIR in value:
                if value.lstrip()[:1] in ("{", "["):
                    self.from_json(load_json(value, self.walk.log, node.kind))
                else:
                    self.add_air(value, scalar(self.walk, node, _STRENGTHS, to_number))

    def from_json(self, value: JsonValue) -> None:
        """Take every AIR in a JSON value, with the strength that stands beside it."""
        stack: list[tuple[JsonValue, float | None]] = [(value, None)]
        while stack and self.walk.step():
            value, weight = stack.pop()
            if isinstance(value, str):
                self.add_air(value, weight)
            elif isinstance(value, list):
                stack += [(item, weight) for item in reversed(value)]
            elif isinstance(value, dict):
                own = next((number for key in _STRENGTHS if (number := to_number(value.get(key))) is not None), None)
                stack += [(item, own) for item in reversed(value.values())]

    def embeddings(self, texts: Iterable[str]) -> None:
        """Take the ``embedding:NAME`` in texts, each once."""
        for text in dict.fromkeys(texts):
            if ":" in text and "embedding:" in text.lower():
                for name, weight in dict.fromkeys(match.groups() for match in _EMBEDDING.finditer(text)):
                    self.add("embed", name, to_number(weight))


def _may_load_tags(node: Node) -> bool:
    return ("model" in node.links or "lora" in node.lower) and not _TAGGED.isdisjoint(node.inputs)


def _named_after_loras(names: AbstractSet[str]) -> set[str]:
    return {name for name in names if "lora" in name.lower()} if "lora" in " ".join(names).lower() else set()


def decoding_vae(walk: Walk, root: Node) -> str | None:
    """The name of the VAE that decoded the saved picture; None when it is the checkpoint's own."""
    graph = walk.graph
    if graph.names.isdisjoint(_VAE_NAMES) and not any(map(_may_hold_vae, graph.nodes.values())):
        return None
    for node in walk.nearest_first(root, picture_links):
        decodes = not _DECODING.isdisjoint(node.links)
        # A sampler with a pipe, or with a name of its own, may have decoded itself.
        if decodes or not _PIPES.isdisjoint(node.links) or (not node.is_saver and not _VAE_OWN.isdisjoint(node.inputs)):
            loaders = walk.nearest_first(node, _towards_vae)
            names = (_vae_name(walk, loader) for loader in loaders if _DECODING.isdisjoint(loader.links))
            name = next((name for name in names if name is not None), None)
            if decodes or name is not None:
                return name
    return None


def _may_hold_vae(node: Node) -> bool:
    return not _DECODING.isdisjoint(node.inputs) and any(
        key not in node.links for key in _DECODING & node.inputs.keys()
    )


def _vae_name(walk: Walk, loader: Node) -> str | None:
    words = (*_VAE_WIDGETS, _MODEL_NAME) if "vae" in loader.lower else _VAE_WIDGETS
    return usable_name(scalar(walk, loader, words, to_text))


def _towards_vae(walk: Walk, node: Node) -> Collection[Link]:
    chosen = taken_links(walk, node) if node.is_switch else None
    return [link for key, link in node.links.items() if key in _VAE_LINKS] if chosen is None else chosen
