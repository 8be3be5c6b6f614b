"""The way of the picture: from the node that saved it up to the sampler that began it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from extractor.coerce import to_int
from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.graph import Link, Node
from extractor.parsers.comfyui.switches import taken_links
from extractor.parsers.comfyui.walk import Walk

_SEED, _STEPS, _CFG, _SAMPLER, _SCHEDULER, _DENOISE = (1 << place for place in range(6))
_ENOUGH_SETTINGS: Final = 3
_SETTINGS: Final[dict[str, int]] = {
    key: setting
    for setting, names in (
        (_SEED, (*keys.SEED, "noise")),
        (_STEPS, (*keys.STEPS, "sigmas")),
        (_CFG, (*keys.CFG, "guider")),
        (_SAMPLER, keys.SAMPLER),
        (_SCHEDULER, keys.SCHEDULER),
        (_DENOISE, keys.DENOISE),
    )
    for key in names
}
"""Input -> the setting of a sampler it is."""
_SEEDS: Final = frozenset(key for key, setting in _SETTINGS.items() if setting == _SEED)
_PROMPT_WIDGETS: Final = ("prompt", "positive_prompt", "text_prompt", "prompt_text", "positive", "text")
_SAVES: Final = re.compile("save|video ?combine")
_NO_SAMPLERS: Final = ("unsampl", "bnk_unsampl", "context")
"""Beginnings of classes that have all of a sampler but turn a picture into noise, or only hold the settings."""
_SHOWS: Final = re.compile("view|compar|show|display")


@dataclass(frozen=True, slots=True)
class Passes:
    """The samplers on the way of one picture."""

    root: Node
    """The node the picture was saved (or shown) by."""
    base: Node | None = None
    """The sampler farthest up; None when nothing was sampled."""
    samplers: tuple[Node, ...] = ()
    """All samplers upstream, sources first."""


def find_passes(walk: Walk) -> Passes | None:
    """The way to the saved picture; None when no node makes or takes one.

    Of several saved pictures it is the one with most passes: a picture saved before and after its upscaling
    has the same base pass, one that was only loaded has none.
    """
    roots = _roots(walk)
    if not roots:
        return None
    if len(roots) > 1:
        roots.sort(key=_natural_order)
    for is_sampler, follow in ((samples, picture_links), (generates, picture_links), (samples, _all_links)):
        lines = _Lines(walk, is_sampler, follow)
        best = max(roots, key=lambda root: lines.of(root)[0])
        base = lines.of(best)[1]
        if base is not None:
            return Passes(best, base, lines.samplers_of(best))
    return Passes(roots[0])


@dataclass(slots=True)
class _Lines:
    """The longest line of samplers that ends in a node; of equals the one that is linked first."""

    walk: Walk
    is_sampler: Callable[[Node], bool]
    follow: Callable[[Walk, Node], Collection[Link]]
    found: dict[str, tuple[int, Node | None]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    samplers: dict[str, Node] = field(default_factory=dict)
    """All that were met, sources first."""
    roots: int = 0
    """From how many nodes the walk began."""

    def of(self, root: Node) -> tuple[int, Node | None]:
        """(number of samplers, the first of them)"""
        found = self.found
        if root.id in found:
            return found[root.id]
        self.roots += 1
        for node in self.walk.sources_first(root, self.follow, self.seen):
            count, base = 0, None
            for target, _ in self.follow(self.walk, node):
                line = found.get(target)
                if line is not None and line[0] > count:
                    count, base = line
            if self.is_sampler(node):
                self.samplers[node.id] = node
                count, base = count + 1, base or node
            found[node.id] = (count, base)
        return found[root.id]

    def samplers_of(self, root: Node) -> tuple[Node, ...]:
        """All samplers upstream of a node, sources first."""
        if self.roots == 1 or len(self.samplers) == 1:
            return tuple(self.samplers.values())
        nodes = self.walk.sources_first(root, self.follow, set())
        return tuple(node for node in nodes if node.id in self.samplers)


def samples(node: Node) -> bool:
    """Whether a node is a sampler by its shape: driven by a model or conditioning, with settings of a sampler."""
    if keys.DRIVERS.isdisjoint(node.links) or is_saver(node) or node.lower.startswith(_NO_SAMPLERS):
        return False
    settings = 0
    for key in node.inputs:
        if key in _SETTINGS:
            settings |= _SETTINGS[key]
    if settings.bit_count() >= _ENOUGH_SETTINGS and settings & (_SEED | _SAMPLER):
        return True
    return bool(settings & _SAMPLER) and "positive" in node.links and _carries_picture(node)


def generates(node: Node) -> bool:
    """Whether a node makes a picture alone, from a prompt on it (hosted models, all-in-one nodes)."""
    if _SEEDS.isdisjoint(node.inputs) or is_saver(node):
        return False
    return any(isinstance(node.literal(key), str) or key in node.links for key in _PROMPT_WIDGETS)


def is_saver(node: Node) -> bool:
    """Whether a node writes its linked picture to a file."""
    if node.is_saver is None:
        node.is_saver = _SAVES.search(node.lower) is not None and _carries_picture(node)
    return node.is_saver


def picture_links(walk: Walk, node: Node) -> list[Link]:
    """The links through which the picture comes to a node, most direct first."""
    links = node.picture_links
    if links is None:
        links = taken_links(walk, node)
        if links is None:
            links = _ranked_picture_links(walk, node)
        node.picture_links = links
    return links


def _ranked_picture_links(walk: Walk, node: Node) -> list[Link]:
    ranked: list[tuple[int, Link]] = []
    for key, link in node.links.items():
        rank = _RANKS[key] if key in _RANKS else _rank_by_words(key)
        if rank is not None:
            ranked.append((rank, link))
        elif key == "positive" and (stage := walk.node(link).links.get("stage_c")) is not None:
            # Stable Cascade's second stage is given the first one's latent as conditioning.
            ranked.append((0, stage))
    if len(ranked) > 1:
        ranked.sort(key=itemgetter(0))
        if "control_net" in node.names and not _PIPES.isdisjoint(node.links):
            # The other pictures guide what is in the pipe.
            return [node.links[key] for key in keys.PIPES if key in node.links]
    return [link for _, link in ranked]


def _rank_by_words(key: str) -> int | None:
    lower = key.lower()
    if keys.PICTURE_WORDS.search(lower) is not None and keys.NOT_PICTURE_WORDS.search(lower) is None:
        return keys.FIRST_OTHER_RANK
    return None


_PIPES: Final = frozenset(keys.PIPES)
_NO_PICTURES: Final = frozenset(("negative", "vae", *keys.DRIVERS, *keys.MODELS, *keys.CLIP_LINKS))
_RANKS: Final[dict[str, int | None]] = {**{key: _rank_by_words(key) for key in _NO_PICTURES}, **keys.PICTURES}
"""The ranks of the usual inputs, so that no words have to be looked for in them."""


def _carries_picture(node: Node) -> bool:
    for key in node.links:  # noqa: SIM110 - asked of every node
        if is_picture_input(key):
            return True
    return False


def is_picture_input(key: str) -> bool:
    """Whether an input of this name brings pixels or a latent."""
    rank = _RANKS[key] if key in _RANKS else _rank_by_words(key)
    return rank is not None and rank <= keys.FIRST_OTHER_RANK


def _all_links(walk: Walk, node: Node) -> Collection[Link]:
    chosen = taken_links(walk, node)
    return node.links.values() if chosen is None else chosen


def _roots(walk: Walk) -> list[Node]:
    """Nodes that end the way of a picture: savers, else previews, else ends with a picture, else samplers."""
    nodes = walk.graph.nodes.values()
    savers = [node for node in nodes if is_saver(node) or ("image_output" in node.inputs and _saves_itself(node))]
    if savers:
        return savers
    used = {link[0] for node in nodes for link in node.links.values()}
    ends = [node for node in nodes if node.id not in used]
    previews = [node for node in ends if _SHOWS.search(node.lower) is not None and _carries_picture(node)]
    if previews:
        return previews
    makers = [node for node in ends if _carries_picture(node) or samples(node)]
    return makers or [node for node in nodes if samples(node) or generates(node)]


def _saves_itself(node: Node) -> bool:
    output = node.literal("image_output")
    return isinstance(output, str) and "save" in output.lower()


def _natural_order(node: Node) -> list[tuple[bool, int, str]]:
    """Ids in the order a person counts: ``9``, ``10``, ``10:2``, ``a``."""
    parts = node.id.split(":")
    return [(number is None, number or 0, part) for part in parts for number in (to_int(part),)]
