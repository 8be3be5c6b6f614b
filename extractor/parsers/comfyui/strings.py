"""The text of one node: its own widgets, joined, replaced and chosen as the node does when it runs."""

from __future__ import annotations

import re
from typing import Final, Protocol

from extractor.parsers.comfyui import keys, textkeys
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.switches import as_bool, family, shown
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.wording import NOTHING, UNSTORED, Side, Wording, in_one_text, together
from extractor.text.coerce import to_number
from extractor.text.jsontext import JsonValue

_CHARACTERS_PER_STEP: Final = 64
"""Texts that are put together are charged to the step budget by their length."""
_GROUP_OF: Final = {key: number for number, group in enumerate(textkeys.TEXT_GROUPS) for key in group}
_REPLACING: Final = (*textkeys.REPLACEMENTS, *textkeys.PATTERNS)
_FOUND: Final = frozenset(pair[0] for pair in _REPLACING)
_CLIPS: Final = frozenset(textkeys.CLIPS)
_BOOKKEEPING: Final = frozenset(
    (*textkeys.DELIMITERS, *textkeys.CLIPS, "inputcount", "return_list", "clean_whitespace")
)
_BLANKS: Final = re.compile(r"\s{2,}")
_COMMAS: Final = re.compile(",{2,}")
_PLAIN: Final = re.compile(r"[\w ,;:'\"<>=!@#%&~`/-]*+")
"""A regular expression that stands for itself."""


class Reader(Protocol):
    """What follows the links of a node to the texts behind them."""

    walk: Walk

    def input(self, node: Node, key: str, side: Side) -> Wording:
        """The words of one input."""


def composed(reader: Reader, node: Node, side: Side) -> Wording | None:
    """The text a node holds or puts together; None when none of its inputs is one."""
    text = stored_result(reader, node, side)
    if text is not None:
        return text
    setting, value, operands = textkeys.REPLACING
    if setting in node.inputs and node.literal(setting) == value and all(key in node.inputs for key in operands):
        return _tidied(node, _put(reader, node, side, _part(reader, node, operands[0], side), operands[1:]))
    delimiter = _delimiter(reader, node, side)
    if delimiter is None:
        text = _held(reader, node, side) or _joined(reader, node, side, "\n" if _has_clip(node) else "")
    else:
        text = _joined(reader, node, side, delimiter) or _held(reader, node, side)
    if text is None or not text.texts:
        return text
    if node.says(textkeys.TEMPLATE_WORDS) and any(map(_is_template, text.texts)):
        return UNSTORED
    if node.says(textkeys.LINE_WORDS) and any("\n" in one.strip() for one in text.texts):
        return UNSTORED
    return _tidied(node, _replaced(reader, node, side, _with_trigger_words(reader, node, side, text)))


def stored_result(reader: Reader, node: Node, side: Side) -> Wording | None:
    """What the node came to when it ran, where it keeps that; None when it does not."""
    inputs = node.inputs
    if textkeys.STORED_RESULT in inputs:
        return reader.input(node, textkeys.STORED_RESULT, side)
    source = shown(node)
    if source is not None:
        text = reader.input(node, source, side)
        if text.texts and text.stored:
            return text
        # What is shown may be of the run before; it serves only where the text is nowhere else.
        said = (value for key in textkeys.SHOWN_TEXTS if isinstance(value := node.literal(key), str) and value)
        value = next(said, None)
        if value is not None:
            return Wording((value,), number=to_number(value) is not None)
        if text is not NOTHING:
            return text
    return _toggled(node.literal(textkeys.TOGGLED)) if textkeys.TOGGLED in inputs else None


def makes_text_at_run_time(node: Node) -> bool:
    """Whether the node gives another text than the one on it: a language model, a captioner, a file reader."""
    if not textkeys.RUN_TIME_SETTINGS.isdisjoint(key.rpartition(".")[2] for key in node.inputs):
        return True
    if _has_clip(node):
        return False
    if not textkeys.INSTRUCTIONS.isdisjoint(node.inputs):
        return True
    return node.says(textkeys.RUN_TIME_WORDS)


def _has_clip(node: Node) -> bool:
    return not _CLIPS.isdisjoint(node.links)


def _is_template(text: str) -> bool:
    """Whether a wildcard node would fill something in."""
    return text.count("__") > 1 or ("{" in text and "|" in text)


def _held(reader: Reader, node: Node, side: Side) -> Wording | None:
    blank = None
    for number in sorted({_GROUP_OF[key] for key in node.inputs if key in _GROUP_OF}):
        present = [key for key in textkeys.TEXT_GROUPS[number] if key in node.inputs]
        parts = [_part(reader, node, key, side) for key in present]
        said = [part for part in parts if not part.stored or any(map(str.strip, part.texts))]
        if said:
            found = together(said)
            return found if _holds_only(node, present) else found.inexact()
        blank = blank or next((part for part in parts if part.texts), None)
    return _prompt_of_another_name(reader, node, side) or blank


def _prompt_of_another_name(reader: Reader, node: Node, side: Side) -> Wording | None:
    """The text of the only input with the name of a prompt."""
    names = [key for key in node.inputs if names_prompt(key)]
    found = [part.inexact() for key in names if any(map(str.strip, (part := _part(reader, node, key, side)).texts))]
    return found[0] if len(found) == 1 else None


def names_prompt(key: str) -> bool:
    """Whether an input of this name holds a prompt (``global_prompt``, ``mainPrompt``)."""
    lower = key.lower()
    return lower.endswith(keys.PROMPT_NAME_END) and keys.NOT_PROMPT_WORDS.search(lower) is None


def _part(reader: Reader, node: Node, key: str, side: Side) -> Wording:
    """A text input; a link to something without a text is one that was made at run time."""
    found = reader.input(node, key, side)
    return UNSTORED if not found.texts and key in node.links else found


def _joined(reader: Reader, node: Node, side: Side, delimiter: str) -> Wording | None:
    """Numbered or lettered texts put together, as all concatenating nodes do."""
    stem, members = _longest_family(node)
    if not members:
        return None
    parts = [_part(reader, node, key, side) for key in members]
    if _is_on(node, "clean_whitespace"):
        parts = [part._replace(texts=tuple(map(str.strip, part.texts))) for part in parts]
    limit = reader.walk.log.limits.graph_text
    text = in_one_text(parts, delimiter, skip_blank=textkeys.JOINED_STEMS[stem], limit=limit)
    if text is None:
        return _too_long(reader)
    reader.walk.step(sum(map(len, text.texts)) // _CHARACTERS_PER_STEP)
    return text if _holds_only(node, members) else text.inexact()


def holds_apart(node: Node) -> bool:
    """Whether a node has several texts and nothing that would join them: a later output gives one of them."""
    if _has_clip(node) or any(key in node.inputs for key in textkeys.DELIMITERS):
        return False
    return len(_longest_family(node)[1]) > 1


def _longest_family(node: Node) -> tuple[str, list[str]]:
    families: dict[str, list[tuple[int, str, str]]] = {}
    for key in node.inputs:
        stem, suffix = family(key)
        if suffix and stem in textkeys.JOINED_STEMS:
            families.setdefault(stem, []).append((len(suffix), suffix, key))
    stem = max(families, key=lambda stem: len(families[stem]), default="")
    return stem, [key for _, _, key in sorted(families.get(stem, ()))]


def _delimiter(reader: Reader, node: Node, side: Side) -> str | None:
    for key in textkeys.DELIMITERS:
        if key in node.inputs:
            return (reader.input(node, key, side).joined() or "").replace("\\n", "\n").replace("\\t", "\t")
    if _is_on(node, textkeys.LINE_BREAKS):
        return "\n"
    return ", " if _is_on(node, textkeys.TIDIES) else textkeys.UNWRITTEN_DELIMITERS.get(node.kind)


def _is_on(node: Node, widget: str) -> bool:
    return widget in node.inputs and as_bool(node.literal(widget)) is True


def _holds_only(node: Node, used: list[str]) -> bool:
    """Whether nothing on the node could change the texts that were read."""
    return all(key in used or key in _BOOKKEEPING for key in node.inputs)


def _toggled(value: JsonValue) -> Wording | None:
    """The active entries of a list of {text, active}."""
    if not isinstance(value, list):
        return None
    words = [
        item["text"]
        for item in value
        if isinstance(item, dict) and isinstance(item.get("text"), str) and as_bool(item.get("active")) is not False
    ]
    return Wording((", ".join(map(str, words)),))


def _too_long(reader: Reader) -> Wording:
    reader.walk.log.limit("graph_text", "a text put together in a ComfyUI graph is not read")
    return UNSTORED


def _with_trigger_words(reader: Reader, node: Node, side: Side, text: Wording) -> Wording:
    triggers = [key for key in node.links if key.startswith(textkeys.TRIGGER_STEM)]
    if not triggers:
        return text
    parts = [reader.input(node, key, side) for key in triggers]
    known = [part for part in parts if part.texts]
    limit = reader.walk.log.limits.graph_text
    whole = in_one_text([*known, text], ", ", skip_blank=True, limit=limit)
    return _too_long(reader) if whole is None else whole.inexact()


def _replaced(reader: Reader, node: Node, side: Side, text: Wording) -> Wording:
    if _FOUND.isdisjoint(node.inputs):
        return text
    for pair in _REPLACING:
        if pair[0] in node.inputs and pair[1] in node.inputs:
            text = _put(reader, node, side, text, pair)
    return text


def _put(reader: Reader, node: Node, side: Side, text: Wording, pair: tuple[str, ...]) -> Wording:
    """The text with the one of `pair` replaced by the other."""
    find = reader.input(node, pair[0], side).joined()
    replace = reader.input(node, pair[1], side).joined()
    if not find or replace is None:
        return text
    slashed = len(find) > 2 and find[0] == find[-1] == "/"
    if slashed or (pair in textkeys.PATTERNS and _PLAIN.fullmatch(find) is None):
        return text._replace(stored=False)
    return _replace(reader, text, find, replace)


def _tidied(node: Node, text: Wording) -> Wording:
    if not _is_on(node, textkeys.TIDIES):
        return text
    blanks = (_BLANKS.sub(" ", old).replace(" ,", ",") for old in text.texts)
    return text._replace(texts=tuple(_COMMAS.sub(",", old).strip() for old in blanks))


def _replace(reader: Reader, text: Wording, find: str, replace: str) -> Wording:
    limits = reader.walk.log.limits
    grown = sum(len(old) + old.count(find) * len(replace) for old in text.texts)
    if grown > limits.graph_text:
        return _too_long(reader)
    reader.walk.step(grown // _CHARACTERS_PER_STEP)
    return text._replace(texts=tuple(old.replace(find, replace) for old in text.texts))
