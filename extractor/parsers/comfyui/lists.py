"""Nodes that make a list of texts, and those that give one of it by its index."""

from __future__ import annotations

import re
from typing import Final

from extractor.parsers.comfyui import keys, textkeys
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.strings import Reader
from extractor.parsers.comfyui.switches import family
from extractor.parsers.comfyui.values import scalar
from extractor.parsers.comfyui.wording import NOTHING, UNSTORED, Side, Wording
from extractor.text.coerce import to_int

_BETWEEN_BLOCKS: Final = re.compile("-++")
"""A line between the blocks of a text with a positive and a negative prompt in each."""
_HEADS: Final = ("positive:", "negative:")
_BLOCKS: Final = "text_data_opt"
"""A link with a text of such blocks, in place of a file that is not stored."""
_INDEX: Final = ("index",)
_INDEXING: Final = {"easy indexAnything": "any", "SelectNthItemOfAnyList": "any_list"}
"""Classes that give the item at their index (the first is 0) -> the link with the list."""


def from_list(reader: Reader, node: Node, side: Side) -> Wording | None:
    """The text that a node picks from a list, or that it hands on one by one; None for any other node.

    A list of more than one text of which the index is not known is a text that is not stored.
    """
    if _BLOCKS in node.inputs:
        return _of_block(reader, node, side)
    if node.kind in _INDEXING and (link := node.links.get(_INDEXING[node.kind])) is not None:
        listed = _listed(reader, reader.walk.node(link), side)
        return None if listed is None else _at(listed, scalar(reader.walk, node, _INDEX, to_int))
    listed = _listed(reader, node, side)
    if (listed is not None and len(listed) > 1) or _is_split(reader, node, side) or _gives_a_line(reader, node, side):
        return UNSTORED
    return None


def _gives_a_line(reader: Reader, node: Node, side: Side) -> bool:
    """Whether a node gives one line of a text of several, by a number."""
    if node.first_of(textkeys.INDEXES) is None or not keys.CLIP_LINKS.isdisjoint(node.links):
        return False
    held = (reader.input(node, key, side) for group in textkeys.TEXT_GROUPS for key in group if key in node.inputs)
    return any("\n" in text.strip() for wording in held for text in wording.texts)


def _is_split(reader: Reader, node: Node, side: Side) -> bool:
    key = node.first_of(textkeys.DELIMITERS) if node.says(textkeys.SPLIT_WORDS) else None
    if key is None:
        return False
    delimiter = reader.input(node, key, side).joined() or ","
    held = [reader.input(node, name, side).joined() or "" for name in node.inputs if name != key]
    return any(delimiter in text for text in held)


def _of_block(reader: Reader, node: Node, side: Side) -> Wording:
    text = reader.input(node, _BLOCKS, Side.POSITIVE).joined()
    pairs = [] if text is None else [_pair(block) for block in _blocks(text)]
    index = scalar(reader.walk, node, _INDEX, to_int)
    if index is None and len(pairs) == 1:
        index = 0
    place = 0 if side is Side.POSITIVE else 1
    return _at([UNSTORED if pair is None else Wording((pair[place],)) for pair in pairs], index)


def _blocks(text: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if _BETWEEN_BLOCKS.fullmatch(line.strip()):
            blocks.append([])
        else:
            blocks[-1].append(line)
    return ["\n".join(lines) for lines in blocks]


def _pair(block: str) -> tuple[str, str] | None:
    """What stands behind ``positive:`` and behind ``negative:``."""
    _, positive, rest = block.partition(_HEADS[0])
    said, negative, avoided = rest.partition(_HEADS[1])
    return (said.strip(), avoided.strip()) if positive and negative else None


def _at(listed: list[Wording], index: int | None) -> Wording:
    return listed[index] if index is not None and 0 <= index < len(listed) else UNSTORED


def _listed(reader: Reader, node: Node, side: Side) -> list[Wording] | None:
    """The texts that a node gives one by one, blank ones left out where it leaves them out; None: it gives one."""
    if not node.says(textkeys.LIST_WORDS):
        return None
    members = sorted(
        (len(suffix), suffix, key)
        for key in node.inputs
        for stem, suffix in (family(key),)
        if suffix and stem in textkeys.JOINED_STEMS
    )
    found = [reader.input(node, key, side) for _, _, key in members]
    return [text if text.texts else UNSTORED for text in found if text is NOTHING or (text.joined() or "").strip()]
