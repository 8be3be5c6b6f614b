"""The generation size: that of the latent the base pass began with."""

from __future__ import annotations

import re
from typing import Final

from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.picture import picture_links
from extractor.parsers.comfyui.switches import as_bool
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.values import scalar
from extractor.text.coerce import to_int

_SIZE_TEXTS: Final = frozenset(keys.SIZE_TEXTS)
_WIDTHS: Final = frozenset(keys.WIDTHS)
_SWAPS: Final = frozenset(keys.SWAPS)
_PROPORTIONS: Final = frozenset(key for key, _ in keys.PROPORTIONS)
_PAIR: Final = re.compile(r"(?<!\d)(\d{2,5})[ ]{0,3}[xX×*][ ]{0,3}(\d{2,5})(?!\d)")


def generation_size(walk: Walk, sampler: Node) -> str | None:
    """``WxH``, or None when a picture of unknown size was the start or the size was computed."""
    node = sampler
    seen: set[str] = set()
    while node.id not in seen and walk.step():
        seen.add(node.id)
        links = picture_links(walk, node)
        if node is sampler and links:
            # A width on a sampler that is given a latent is that of something it does afterwards.
            node = walk.node(links[0])
            continue
        size = _written_pair(node)
        if size is None:
            width, height = node.first_of(keys.WIDTHS), node.first_of(keys.HEIGHTS)
            if width is not None and height is not None:
                size = _size_of(walk, node, width, height)
                if size is None:
                    return None
        if size is not None:
            return f"{size[0]}x{size[1]}"
        if not links or (node.opaque and node is not sampler) or not keys.RESIZERS.isdisjoint(node.inputs):
            return None
        node = walk.node(links[0])
    return None


def _size_of(walk: Walk, node: Node, width_key: str, height_key: str) -> tuple[int, int] | None:
    if not _PROPORTIONS.isdisjoint(node.inputs) and _keeps_proportions(node):
        return None
    width = _side(walk, node, width_key, 0)
    height = _side(walk, node, height_key, 1)
    if not width or not height or width < 0 or height < 0:
        return None
    across, down = node.links.get(width_key), node.links.get(height_key)
    crossed = across is not None and down is not None and across[0] == down[0] and across[1] > down[1]
    return (height, width) if crossed or _swapped(node) else (width, height)


def _keeps_proportions(node: Node) -> bool:
    return any(node.literal(key) in values for key, values in keys.PROPORTIONS)


def _side(walk: Walk, node: Node, key: str, axis: int) -> int | None:
    """One side; behind a link a size picker may keep both sides in a text."""
    link = node.links.get(key)
    if link is None:
        return to_int(node.literal(key))
    picker = walk.node(link)
    pair = _written_pair(picker)
    if pair is not None:
        return pair[axis]
    names = keys.HEIGHTS if axis else keys.WIDTHS
    if _swapped(picker) and not _WIDTHS.isdisjoint(picker.inputs):
        names = keys.WIDTHS if axis else keys.HEIGHTS
        return scalar(walk, picker, names, to_int)
    return scalar(walk, node, (key, *names), to_int)


def _written_pair(node: Node) -> tuple[int, int] | None:
    """Both sides out of a text such as ``portrait - 832x1216 (2:3)``, unless the node overrides it."""
    if _SIZE_TEXTS.isdisjoint(node.inputs):
        return None
    for key in filter(node.inputs.__contains__, keys.SIZE_TEXTS):
        value = node.literal(key)
        match = _PAIR.search(value) if isinstance(value, str) else None
        if match is not None:
            width = to_int(node.literal("width_override")) or int(match[1])
            height = to_int(node.literal("height_override")) or int(match[2])
            return (height, width) if _swapped(node) else (width, height)
    return None


def _swapped(node: Node) -> bool:
    return not _SWAPS.isdisjoint(node.inputs) and any(as_bool(node.literal(key)) is True for key in keys.SWAPS)
