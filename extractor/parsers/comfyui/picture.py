"""The way of the picture: from the node that saved it up to the sampler that began it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from extractor.parsers.comfyui import keys, textkeys
from extractor.parsers.comfyui.choices import SAMPLERS
from extractor.parsers.comfyui.graph import Graph, Link, Node
from extractor.parsers.comfyui.names import IS_PICTURE, PICTURE_RANK
from extractor.parsers.comfyui.switches import all_links, taken_links
from extractor.parsers.comfyui.traversal import Follow, Walk
from extractor.text.coerce import to_int

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
_UNSAMPLES: Final = re.compile("unsampl|invers|reverse ?ode")
_LONGEST_MODE: Final = 40
"""Longer texts are no mode of a sampler."""
_REVERSES: Final = "flipsigmas"
"""In the class of a node that turns the steps of a sampler around."""
_OF_WORDS: Final = ("positive", "negative", "embeds")
"""In the names of links to conditionings, besides those of `keys.CONDITIONING`."""
_GUIDERS: Final = ("guider", "cfg_guider", "base_sampler")
_OUTPUT: Final = "image_output"
"""A widget by which nodes that do much else save, too."""
_SHOWS: Final = re.compile(textkeys.SHOWING_WORDS.pattern + "|compar")


_MOST_PICTURES: Final = 16
"""So many pictures of different passes are told apart in one graph."""

_Line: TypeAlias = "tuple[int, Node | None]"
"""(number of samplers, the first of them that makes a picture, else the first)"""


class Passes(NamedTuple):
    """The samplers on the way of one picture."""

    root: Node
    """The node the picture was saved (or shown) by."""
    base: Node | None = None
    """The sampler farthest up; None when nothing was sampled."""
    samplers: Sequence[Node] = ()
    """All samplers upstream, sources first."""


def find_passes(walk: Walk, savers: list[Node]) -> list[Passes]:
    """The ways to the saved pictures of different base passes, that with most passes first; none without a picture.

    A picture saved before and after its upscaling has the same base pass, one that was only loaded has none.
    """
    roots = _roots(walk, savers)
    if len(roots) > 1:
        roots.sort(key=_natural_order)
    for is_sampler, follow in ((samples, picture_links), (generates, picture_links), (samples, all_links)):
        lines, samplers = _lines(walk, roots, is_sampler, follow)
        ordered = sorted(roots, key=lambda root: -lines[root.id][0])
        pictures: dict[str, tuple[Node, Node]] = {}
        for root in ordered:
            base = lines[root.id][1]
            if base is not None:
                pictures.setdefault(base.id, (root, base))
        if pictures:
            known = set(samplers) if len(roots) > 1 and len(samplers) > 1 else None
            return [
                Passes(root, base, samplers if known is None else _upstream(walk, root, follow, known))
                for root, base in islice(pictures.values(), _MOST_PICTURES)
            ]
    return [Passes(root) for root in roots[:1]]


def _upstream(walk: Walk, root: Node, follow: Follow, samplers: set[Node]) -> list[Node]:
    return [node for node, _ in walk.sources_first(root, follow, set()) if node in samplers]


def _lines(
    walk: Walk, roots: list[Node], is_sampler: Callable[[Node], bool], follow: Follow
) -> tuple[dict[str, _Line], list[Node]]:
    """By a node's id, the longest line of samplers that ends there, and all samplers, sources first.

    Of equal lines it is the one that is linked first.
    """
    lines: dict[str, _Line] = {}
    samplers = []
    seen: set[str] = set()
    for root in roots:
        for node, links in walk.sources_first(root, follow, seen):
            count, base = 0, None
            for target, _ in links:
                line = lines.get(target)
                if line is not None and line[0] > count:
                    count, base = line
            if is_sampler(node):
                samplers.append(node)
                count += 1
                if base is None or (_only_prepares(walk, base) and not _only_prepares(walk, node)):
                    base = node
            lines[node.id] = (count, base)
    return lines, samplers


def samples(node: Node) -> bool:
    """Whether a node is a sampler by its shape: driven by a model or conditioning, with settings of a sampler."""
    if keys.DRIVERS.isdisjoint(node.links) or node.is_saver or node.lower.startswith(_NO_SAMPLERS):
        return False
    settings = 0
    for key in node.inputs:
        if key in _SETTINGS:
            settings |= _SETTINGS[key]
        elif "sampler" in key and isinstance(word := node.literal(key), str) and word in SAMPLERS:
            settings |= _SAMPLER
    if settings.bit_count() >= _ENOUGH_SETTINGS and settings & (_SEED | _SAMPLER):
        return True
    if settings & _STEPS and settings & _SAMPLER and not _PIPES.isdisjoint(node.links):
        return True
    return bool(settings & _SAMPLER) and "positive" in node.links and _carries_picture(node)


def _only_prepares(walk: Walk, sampler: Node) -> bool:
    """Whether a sampler has no words to follow, or says that it turns a picture back into noise."""
    return walk.once(("prepares", sampler.id), False, _prepares, walk, sampler)


def _prepares(walk: Walk, sampler: Node) -> bool:
    values = (sampler.literal(key) for key in sampler.inputs)
    if any(
        isinstance(value, str) and len(value) <= _LONGEST_MODE and _UNSAMPLES.search(value.lower()) for value in values
    ):
        return True
    sigmas = sampler.links.get("sigmas")
    if _UNSAMPLES.search(sampler.lower) or (sigmas is not None and _REVERSES in walk.node(sigmas).lower):
        return True
    return not has_words(walk, sampler)


def has_words(walk: Walk, sampler: Node) -> bool:
    """Whether a conditioning or a prompt reaches a sampler, or its guider, under a name that says so."""
    guiders = [walk.node(sampler.links[key]) for key in _GUIDERS if key in sampler.links]
    return any(map(_has_words, (sampler, *guiders)))


def _has_words(node: Node) -> bool:
    return any(
        _brings_words(key) if isinstance(value, list) else key in _PROMPT_WIDGETS and isinstance(value, str)
        for key, value in node.inputs.items()
    )


def _brings_words(key: str) -> bool:
    if key in keys.CONDITIONING_LINKS:
        return key not in _GUIDERS
    return keys.CONDITIONING.search(key) is not None or any(word in key for word in _OF_WORDS)


def generates(node: Node) -> bool:
    """Whether a node makes a picture alone, from a prompt on it (hosted models, all-in-one nodes)."""
    if _SEEDS.isdisjoint(node.inputs) or node.is_saver:
        return False
    return any(isinstance(node.literal(key), str) or key in node.links for key in _PROMPT_WIDGETS)


def find_savers(graph: Graph) -> list[Node]:
    """The nodes that write their linked picture to a file; each is marked as one."""
    named = [node for node in graph.nodes.values() if "save" in node.lower or "combine" in node.lower]
    savers = [node for node in named if node.says(_SAVES) and _carries_picture(node)]
    for node in savers:
        node.is_saver = True
    return savers


def picture_links(walk: Walk, node: Node) -> list[Link]:
    """The links through which the picture comes to a node, most direct first."""
    links = node.picture_links
    if links is None:
        links = taken_links(walk, node) if node.is_switch else None
        if links is None:
            links = _ranked_picture_links(walk, node)
        node.picture_links = links
    return links


def _ranked_picture_links(walk: Walk, node: Node) -> list[Link]:
    links = node.links
    ranked: list[tuple[int, Link]] = []
    for key, link in links.items():
        rank = PICTURE_RANK[key]
        if rank is not None:
            ranked.append((rank, link))
        elif key == "positive" and (stage := walk.node(link).links.get(_STAGE)) is not None:
            # Stable Cascade's second stage is given the first one's latent as conditioning.
            ranked.append((0, stage))
    if len(ranked) > 1:
        ranked.sort(key=itemgetter(0))
        if not _PIPES.isdisjoint(links) and any("control_net" in key.lower() for key in node.inputs):
            # The other pictures guide what is in the pipe.
            return [links[key] for key in keys.PIPES if key in links]
    return [link for _, link in ranked]


_PIPES: Final = frozenset(keys.PIPES)
_STAGE: Final = "stage_c"


def _carries_picture(node: Node) -> bool:
    return any(map(IS_PICTURE.__getitem__, node.links))


def _roots(walk: Walk, savers: list[Node]) -> list[Node]:
    """Nodes that end the way of a picture: savers, else previews, else ends with a picture, else samplers."""
    nodes = walk.graph.nodes.values()
    if _OUTPUT in walk.graph.names:
        savers = [node for node in nodes if node.is_saver or _saves_itself(node)]
    if savers:
        return savers
    used = {link[0] for node in nodes for link in node.links.values()}
    ends = [node for node in nodes if node.id not in used]
    previews = [node for node in ends if node.says(_SHOWS) and _carries_picture(node)]
    if previews:
        return previews
    makers = [node for node in ends if _carries_picture(node) or samples(node)]
    return makers or [node for node in nodes if samples(node) or generates(node)]


def _saves_itself(node: Node) -> bool:
    output = node.literal(_OUTPUT)
    return isinstance(output, str) and "save" in output.lower()


def _natural_order(node: Node) -> list[tuple[bool, int, str]]:
    """Ids in the order a person counts: ``9``, ``10``, ``10:2``, ``a``."""
    parts = node.id.split(":")
    return [(number is None, number or 0, part) for part in parts for number in (to_int(part),)]
