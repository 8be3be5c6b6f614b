"""The words of a pass: up through whatever joins, weights or guides conditionings, to the texts themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extractor.parsers.comfyui import keys, textkeys
from extractor.parsers.comfyui.choices import SAMPLERS, SCHEDULERS
from extractor.parsers.comfyui.graph import Link, Node
from extractor.parsers.comfyui.lists import from_list
from extractor.parsers.comfyui.names import IS_CONDITIONING, IS_PICTURE, SIDES
from extractor.parsers.comfyui.strings import composed, holds_apart, makes_text_at_run_time, stored_result
from extractor.parsers.comfyui.switches import as_bool, taken
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.wording import NOTHING, UNSTORED, Side, Wording, together
from extractor.text.coerce import to_number
from extractor.text.jsontext import JsonValue

_BOTH_SIDES: Final = frozenset((*keys.PIPES, *textkeys.BIPOLAR, "guider", "base_sampler"))
_NEGATIVE_BUNDLES: Final = _BOTH_SIDES | textkeys.NEGATIVE_BUNDLES
_LOADER_WIDGETS: Final = frozenset(("ckpt_name", "base_ckpt_name", "unet_name", "model_name"))
_NOT_WORDS: Final = frozenset((*keys.MODELS, *keys.CLIP_LINKS, "vae", "noise", "sigmas", "sampler", *keys.SEED))
_CFG: Final = frozenset(keys.CFG)
_CLIPS: Final = frozenset(textkeys.CLIPS)
_POSITIVE: Final = Side.POSITIVE
_NEGATIVE: Final = Side.NEGATIVE
_IN_PIPE: Final = Side.NEGATIVE_IN_PIPE
_SIDES_OF_PAIR: Final = (_POSITIVE, _NEGATIVE)
_PLAIN_ENCODER: Final = frozenset(("text", *textkeys.CLIPS))
_ENCODER: Final = _PLAIN_ENCODER.union(textkeys.ENCODER_WIDGETS)
_STYLER: Final = frozenset(("text_positive", "text_negative"))


@dataclass(slots=True)
class TextReader:
    """Reads the words of one graph."""

    walk: Walk

    def of_sampler(self, sampler: Node, side: Side) -> Wording:
        """The words that drive a sampler; `side` is POSITIVE or NEGATIVE."""
        if side is _NEGATIVE:
            side = _IN_PIPE
        sided = self._sided(sampler, None, side)
        if sided is not None:
            return sided
        passed = self._passed_on(sampler, side)
        if passed is None and side is _POSITIVE:
            passed = composed(self, sampler, side)
        return (passed or NOTHING).spoken()

    def read(self, link: Link, side: Side) -> Wording:
        """The words that a link stands for."""
        node = self.walk.graph.nodes[link[0]]
        if side is not _IN_PIPE and (wording := _of_plain_encoder(node)) is not None:
            return wording
        return self.walk.once(("text", link, side), NOTHING, self._read, node, link[1], side)

    def input(self, node: Node, key: str, side: Side) -> Wording:
        """The words of one input."""
        link = node.links.get(key)
        if link is not None:
            return self.read(link, side)
        value = node.literal(key)
        if isinstance(value, str):
            return Wording((value,))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Wording((str(value),), number=True)
        return NOTHING

    def _inputs(self, node: Node, names: list[str], side: Side) -> Wording:
        if len(names) == 1:
            return self.input(node, names[0], side)
        return together([self.input(node, key, side) for key in names])

    def _read(self, node: Node, slot: int, side: Side) -> Wording:
        if node.says(textkeys.ZERO_WORDS):
            return NOTHING
        branches = taken(self.walk, node) if node.is_switch else None
        if branches is not None:
            return self._switched(node, branches, side)
        if (pair := node.links.get(textkeys.PAIRED_LINK)) is not None:
            return self.read(pair, _SIDES_OF_PAIR[slot]) if 0 <= slot < len(_SIDES_OF_PAIR) else UNSTORED
        sided = self._sided(node, slot, side)
        if sided is not None:
            return sided
        if side is _IN_PIPE:
            return self._passed_on(node, side) or NOTHING
        selected = textkeys.SELECTED_BY_SLOT.get(node.kind, ())
        if 0 <= slot < len(selected):
            return self.input(node, selected[slot], side)
        return UNSTORED if slot > 0 and holds_apart(node) else self._of_no_side(node, side)

    def _of_no_side(self, node: Node, side: Side) -> Wording:
        if makes_text_at_run_time(node):
            return stored_result(self, node, side) or UNSTORED
        if node.opaque:
            return self._passed_on(node, side) or UNSTORED
        passed = self._passed_on(node, side)
        encoder = encodes(node) and not node.says(textkeys.AUXILIARY_TEXT_WORDS)
        if passed is not None and not encoder:
            return passed
        own = from_list(self, node, side) or composed(self, node, side)
        if own is None:
            return passed or self._anything_upstream(node, side)
        if encoder:
            own = own.spoken()
        if encoder and not own.texts:
            own = self._from_editor(node, own)
        return own if passed is None else together((passed, own))

    def _switched(self, node: Node, branches: tuple[str, ...], side: Side) -> Wording:
        """The words of the branch taken; when that is not known, only what all branches agree on."""
        found = {self.input(node, key, side) for key in branches}
        said = {wording for wording in found if wording.texts}
        if len(found) == 1:
            return found.pop()
        return said.pop() if len(said) == 1 else UNSTORED

    def _sided(self, node: Node, slot: int | None, side: Side) -> Wording | None:
        """The words of the inputs that are named after a side, or None when there are none."""
        positive, negative = sided_inputs(node)
        if not positive and not negative:
            return None
        if slot is not None and positive and negative:
            side = _side_of_slot(node, slot, side, positive[0], negative[0])
        wanted = positive if side is _POSITIVE else negative
        if not wanted:
            return NOTHING if _is_switched_off(node, side) else None
        plain = _NEGATIVE if side is _IN_PIPE else side
        if plain is _NEGATIVE and self._is_positive_too(node, wanted):
            return self._of_second(node)
        found = self._inputs(node, wanted, plain).spoken()
        if not _BOTH_SIDES.isdisjoint(node.links) and node.links.keys().isdisjoint(wanted):
            # A blank widget beside a bundle leaves the words that are in the bundle as they are.
            return found if any(map(str.strip, found.texts)) else None
        return found

    def _passed_on(self, node: Node, side: Side) -> Wording | None:
        """The words of the conditionings that a node hands on, or of a bundle that holds some; None without."""
        if side is not _IN_PIPE:
            conditionings = _conditioning_inputs(node)
            if conditionings:
                found = self._inputs(node, conditionings, side)
                self.walk.step(len(found.texts))
                return found
        bundles = _BOTH_SIDES if side is not _IN_PIPE else _NEGATIVE_BUNDLES
        inside = _POSITIVE if side is _POSITIVE else _IN_PIPE
        found_none: Wording | None = None
        for key, link in node.links.items():
            if key in bundles or (textkeys.EMBEDS in key and not _is_guidance_away(key)):
                wording = self.read(link, inside)
                if wording.texts:
                    return wording
                found_none = found_none or wording
        if side is not _POSITIVE:
            found_none = self._guided_away(node) or found_none
        return found_none

    def _guided_away(self, node: Node) -> Wording | None:
        """The words behind a link for normalised attention guidance: the first side of what is wired there."""
        for key, link in node.links.items():
            if textkeys.EMBEDS in key and _is_guidance_away(key):
                positive, negative = sided_inputs(self.walk.node(link))
                return self.read(link, _IN_PIPE if positive and negative and link[1] else _POSITIVE)
        return None

    def _is_positive_too(self, node: Node, negative: list[str]) -> bool:
        """Whether what is wired for the negative side is the very conditioning of the positive one."""
        links = node.links
        if not all(key in links for key in negative):
            return False
        positive = sided_inputs(node)[0] or _conditioning_inputs(node)
        said = {self._encoded_at(links[key], _POSITIVE) for key in positive if key in links}
        return bool(said) and all(self._encoded_at(links[key], _NEGATIVE) in said for key in negative)

    def _of_second(self, node: Node) -> Wording:
        """The words of the conditioning between both sides, if it is another one."""
        key = node.first_of(textkeys.SECOND_CONDITIONINGS)
        if key is None or key not in node.links or self._is_positive_too(node, [key]):
            return NOTHING
        return self.read(node.links[key], _NEGATIVE)

    def _encoded_at(self, link: Link, side: Side) -> Link:
        """The output at which a conditioning begins: up through the nodes that only add something to it."""
        seen = set()
        while link not in seen and self.walk.step():
            seen.add(link)
            node = self.walk.node(link)
            if node.says(textkeys.ZERO_WORDS):
                break
            positive, negative = sided_inputs(node)
            ways = _conditioning_inputs(node)
            if positive and negative:
                side = _side_of_slot(node, link[1], side, positive[0], negative[0])
                ways = positive if side is _POSITIVE else negative
            if len(ways) != 1 or ways[0] not in node.links:
                break
            link = node.links[ways[0]]
        return link

    def _anything_upstream(self, node: Node, side: Side) -> Wording:
        """For a node of which nothing is known: the first words behind any input that could bring some."""
        for key, link in node.links.items():
            if key not in _NOT_WORDS and not IS_PICTURE[key]:
                wording = self.read(link, side)
                if wording.texts and not wording.number and not any(map(_is_setting, wording.texts)):
                    return wording.inexact()
        other = sided_inputs(node)[1 if side is _POSITIVE else 0]
        if other:
            return self._inputs(node, other, side)
        if not encodes(node):
            return NOTHING
        widgets = (node.literal(key) for key in node.inputs)
        words = [value for value in widgets if isinstance(value, str) and (" " in value or "," in value)]
        if not words:
            return NOTHING
        return Wording((words[0],), exact=False) if len(words) == 1 else UNSTORED

    def _from_editor(self, node: Node, own: Wording) -> Wording:
        """The text that stands in the editor's widget, for an encoder whose executed text is stored nowhere."""
        for group in textkeys.TEXT_GROUPS:
            for key in group:
                if key in node.links:
                    text = self.walk.widgets.text(node.id, node.kind, key)
                    return own if text is None else Wording((text,), exact=False)
        return own


def _of_plain_encoder(node: Node) -> Wording | None:
    """The text of by far the most encoders: those with nothing beside it but what encodes it, and how.

    To know them at sight saves 4 % of reading a graph.
    """
    text = node.inputs.get("text")
    if not isinstance(text, str) or not node.links or node.says(textkeys.SPECIAL_WORDS):
        return None
    present = node.inputs.keys()
    if present <= _PLAIN_ENCODER:
        return Wording((text,))
    if present <= _ENCODER and node.links.keys() <= _CLIPS and text.strip() and not node.says(textkeys.LINE_WORDS):
        return Wording((text,), exact=False)
    return None


def encodes(node: Node) -> bool:
    """Whether a node turns text into conditioning."""
    return not keys.CLIP_LINKS.isdisjoint(node.links) or "encode" in node.lower


def sided_inputs(node: Node) -> tuple[list[str], list[str]]:
    """The inputs of a node that bring positive texts or conditionings, and those that bring negative ones."""
    if node.sides is None:
        found: tuple[list[str], list[str]] = ([], [])
        for key in node.inputs:
            for side in SIDES[key]:
                if key in node.links or _is_worded(key, node.literal(key)):
                    found[side].append(key)
        # Beside what is wired, a widget is a setting or what it was before.
        positive, negative = ([key for key in names if key in node.links] or names for names in found)
        node.sides = (positive, negative)
    return node.sides


def _is_worded(key: str, value: JsonValue) -> bool:
    """Whether the widget of a side holds words, and no setting that is named after that side."""
    if not isinstance(value, str) or _is_setting(value):
        return False
    words = {word.rstrip("0123456789") for word in key.lower().replace(" ", "_").split("_")}
    if not words.isdisjoint(textkeys.SETTING_WORDS):
        return False
    beside = words.difference(*textkeys.SIDES, ("",))
    return not beside or not beside.isdisjoint(textkeys.WORDING_WORDS) or " " in value or "," in value


def _is_switched_off(node: Node, side: Side) -> bool:
    """Whether a widget for the words of this side says that there are none, and no bundle may bring them."""
    place = 0 if side is _POSITIVE else 1
    return _NEGATIVE_BUNDLES.isdisjoint(node.links) and any(
        place in SIDES[key] and ((value := node.literal(key)) is False or _is_setting_word(value))
        for key in node.inputs
    )


def _is_setting_word(value: JsonValue) -> bool:
    return isinstance(value, str) and _is_setting(value)


def _is_setting(text: str) -> bool:
    """Whether a text is a number, a flag, or a word of a choice list."""
    return to_number(text) is not None or as_bool(text) is not None or text in SAMPLERS or text in SCHEDULERS


def _is_guidance_away(key: str) -> bool:
    return textkeys.NAG in key.lower().split("_")


def _side_of_slot(node: Node, slot: int, side: Side, positive: str, negative: str) -> Side:
    """Nodes that hand on a pair give the positive side first; a model comes before both."""
    if side is _IN_PIPE or not _LOADER_WIDGETS.isdisjoint(node.inputs):
        return side
    if not (positive in node.links and negative in node.links) and not node.inputs.keys() >= _STYLER:
        return side
    first = 1 if "model" in node.links else 0
    if slot == first:
        return _POSITIVE
    return _NEGATIVE if slot == first + 1 else side


def _conditioning_inputs(node: Node) -> list[str]:
    """Linked conditionings in the order in which they are joined: ``conditioning_to`` before ``_from``."""
    found = [key for key in node.links if IS_CONDITIONING[key]]
    if not found:
        return found
    negative = sided_inputs(node)[1]
    found = [key for key in found if key not in negative]
    found.sort(key=lambda key: not key.endswith("_to"))
    # What a guider weighs against the first conditioning is no second half of the prompt.
    return found[:1] if not _CFG.isdisjoint(node.inputs) else found
