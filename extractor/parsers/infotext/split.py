"""The A1111 parameters text (infotext), taken apart: prompt, negative prompt, and ``Key: value`` settings.

    {prompt}
    Negative prompt: {negative prompt}
    Steps: 20, Sampler: Euler a, Model: "a, b", Hashes: {"model": "..."}, ...

The settings are one line, or several where a quoted value holds line ends or a tool wrapped them. Only the structure
counts: a prompt may hold every word that is used here. Each function costs time linear in its text; the searches go
through `str` methods, and what is looked at piece by piece is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from extractor.ledger import Ledger
from extractor.parsers.infotext.keys import (
    COMMON_KEYS,
    KNOWN_NEEDED,
    NEGATIVE_MARKER,
    PROBED_PIECES,
    STEPS,
    TEMPLATE_ENDING,
    TEMPLATE_LABELS,
    begins_like_settings,
    is_known,
    key_at,
)
from extractor.parsers.infotext.labels import with_line_ends, without_labels
from extractor.parsers.infotext.settings import closed_by_itself, read_settings
from extractor.text.coerce import to_number

_STARTS_WITH_STEPS: Final = re.compile(r"\s*+steps:\s*+[0-9]", re.IGNORECASE)
_JAMMED_TRIES: Final = 8
"""Places at which the settings of a text without line ends are looked for."""
_JAM_MARKS: Final = (".", ",")
_JAM_RUN: Final = " .,\t\r\n"

_NO_KEYS: Final[frozenset[str]] = frozenset()
_NUMERIC: Final = frozenset(("steps", "seed", "cfg scale", "clip skip"))
_APPENDED_HASHES: Final = ", Hashes: {"
_TEMPLATE_STARTS: Final = tuple(label + ":" for label in TEMPLATE_LABELS)


@dataclass(slots=True)
class Infotext:
    """The parts of an infotext."""

    prompt: str
    """Without outer white space."""
    negative_prompt: str | None
    """None when the marker is absent; empty when nothing follows it."""
    settings: list[tuple[str, str]] = field(default_factory=list)
    """(key, unquoted value) as written, in file order, repeats and empty values kept."""
    tail: str = ""
    """Text after and within the settings that is no setting."""


def split_infotext(text: str, log: Ledger) -> Infotext | None:
    """Take an infotext apart; None when it has no settings (then it may be anything)."""
    if "\n" not in text:
        if "\r" in text:
            return _with_old_line_ends(text, log)
        text = with_line_ends(text)
    text = without_labels(text)
    place = _find_settings(text, log)
    if place is None:
        return None
    start, jammed = place
    if not jammed:
        start = _first_line(text, start, log)
    infotext = split_prompts(text[:start], jammed=jammed)
    infotext.settings, stray, end = read_settings(text, log, start)
    if infotext.negative_prompt:
        infotext.negative_prompt, templates = _cut_templates(infotext.negative_prompt, log)
        infotext.settings += templates
    tail = text[end:].strip()
    if tail:
        tail = _read_tail(tail, infotext.settings, log)
    infotext.tail = "\n".join(part for part in (", ".join(stray), tail) if part)
    return infotext


def _with_old_line_ends(text: str, log: Ledger) -> Infotext | None:
    """As `split_infotext`, of a text whose lines end with a carriage return alone."""
    found = split_infotext(text.replace("\r", "\n"), log)
    if found is not None:
        found.prompt = found.prompt.replace("\n", "\r")
        found.negative_prompt = found.negative_prompt and found.negative_prompt.replace("\n", "\r")
    return found


def split_unset(text: str, log: Ledger) -> Infotext:
    """The prompts of a text without settings; the lines of a template are settings all the same."""
    infotext = split_prompts(text)
    if infotext.negative_prompt:
        infotext.negative_prompt, infotext.settings = _cut_templates(infotext.negative_prompt, log)
    return infotext


def is_settings_line(line: str) -> bool:
    """Whether the whole line is taken for settings."""
    return _settings_start(line, 0, len(line)) == (0, False)


# ------------------------------------------------------------------------------------------------ finding the line


def has_settings(text: str, log: Ledger) -> bool:
    """Whether an infotext's settings stand in the text."""
    return _find_settings(text, log) is not None


def _find_settings(text: str, log: Ledger) -> tuple[int, bool] | None:
    """(start of the last line that looks like settings, whether prompts stand before them in the line).

    Without such a line: where the last lines begin that do so together, or what the Extras tab did begins.
    """
    together: tuple[int, bool] | None = None
    extras: tuple[int, bool] | None = None
    keys = _NO_KEYS
    end = below = len(text)
    for _ in range(log.left("infotext_lines")):
        log.spend("infotext_lines", 1)
        colon = text.rfind(":", 0, end)
        if colon < 0:
            return together or extras
        start = text.rfind("\n", 0, colon) + 1
        stop = text.find("\n", colon, end)
        stop = end if stop < 0 else stop
        found = _settings_start(text, start, stop)
        if found is not None:
            return found
        if extras is None and text.startswith("Postprocess ", start) and is_known(text[start:colon]):
            # What the Extras tab did; it counts alone only when the text has no settings of a generation.
            extras = start, False
        if together is None:
            more = _keys_alone(text[start:stop], log)
            follows = stop + 1 >= below and more.isdisjoint(keys)
            keys = more | keys if follows and more else more
            if len(keys) >= KNOWN_NEEDED and not keys <= COMMON_KEYS:
                together = start, False
        end = below = start
    log.limit("infotext_lines", "the lines before the last ones are not searched for settings")
    return together or extras


def _keys_alone(line: str, log: Ledger) -> frozenset[str]:
    """The keys, case folded, of a line of nothing but known settings; none for any other line."""
    if key_at(line, 0, len(line)) is None or line.startswith(_TEMPLATE_STARTS):
        return _NO_KEYS
    pairs, stray, _ = read_settings(line, Ledger(log.limits))
    if stray or not all(is_known(key) and _is_plain(key, value, line) for key, value in pairs):
        return _NO_KEYS
    return frozenset(key.casefold() for key, _ in pairs)


def _is_plain(key: str, value: str, line: str) -> bool:
    """Whether a pair is no words of a prompt: a number where one belongs, no commas that are not quoted."""
    if key.casefold() in _NUMERIC:
        return not value or to_number(value) is not None
    return "," not in value or '"' in line


def _first_line(text: str, start: int, log: Ledger) -> int:
    """Where the first line of the settings begins, of which a line begins at `start`.

    Lines above belong to them if they are settings too, none of which stands below; or if a quoted value of theirs
    ends below.
    """
    taken: set[str] | None = None
    while True:
        above = text.rfind("\n", 0, max(start - 1, 0)) + 1
        keys = _keys_of(text, above, start - 1, log) if start else _NO_KEYS
        if keys and taken is None:
            taken = {key.casefold() for key, _ in read_settings(text, Ledger(log.limits), start).pairs}
        if keys and taken is not None and keys.isdisjoint(taken) and log.left("infotext_lines") > 0:
            log.spend("infotext_lines", 1)
            taken |= keys
            start = above
            continue
        opening = _open_line(text, start, log)
        if opening < 0:
            return start
        start = opening


def _keys_of(text: str, start: int, stop: int, log: Ledger) -> frozenset[str]:
    """The known keys of a line of settings; none for any other line."""
    if text.startswith(NEGATIVE_MARKER, start) or text.find(":", start, stop) < 0:
        return _NO_KEYS
    line = text[start:stop]
    if not is_settings_line(line):
        return _keys_alone(line, log)
    pairs = read_settings(line, Ledger(log.limits)).pairs
    return frozenset(key.casefold() for key, _ in pairs if is_known(key))


def _open_line(text: str, start: int, log: Ledger) -> int:
    """Where the line of settings begins in which a quote opens that closes at `start` or behind it, or -1."""
    quote = text.rfind('"', 0, start)
    while quote >= 0 and log.left("infotext_lines") > 0:
        log.spend("infotext_lines", 1)
        above = text.rfind("\n", 0, quote) + 1
        if text.find(f"\n{NEGATIVE_MARKER}", above, start) >= 0:
            return -1
        stop = text.find("\n", quote, start)
        if is_settings_line(text[above : stop if stop >= 0 else start]):
            return above if read_settings(text, Ledger(log.limits), above).end >= start else -1
        quote = text.rfind('"', 0, above)
    return -1


def _settings_start(text: str, start: int, stop: int) -> tuple[int, bool] | None:
    """(where the settings of this line begin, whether prompts stand before them in the line)."""
    if text.startswith(STEPS, start) and text[start + len(STEPS) : start + len(STEPS) + 1].isdecimal():
        return start, False
    if text.find(":", start, stop) < 0:
        return None
    if _STARTS_WITH_STEPS.match(text, start, stop):
        return start, False
    line = text[start:stop]
    if line.startswith(_TEMPLATE_STARTS):
        return None
    jam = _jammed_settings(line)
    if jam is None and not begins_like_settings(line, 0):
        return None
    first = line.partition(",")[0]
    key, colon, value = first.partition(":")
    if jam is not None:
        own_key = is_known(key.strip()) and (jam > len(first) or value.lstrip().startswith('"'))
        if not own_key and not _all_pairs(line[:jam]):
            return start + jam, True
    if line.startswith(NEGATIVE_MARKER):
        return None
    return (start, False) if colon else None


def _jammed_settings(line: str) -> int | None:
    """Where in a line, behind a full stop, comma or blank, settings begin with ``Steps: ``."""
    at = len(line)
    for _ in range(_JAMMED_TRIES):
        at = line.rfind(STEPS, 0, at)
        if at <= 0:
            return None
        digit = line[at + len(STEPS) : at + len(STEPS) + 1]
        if digit.isdecimal() and line[at - 1] in _JAM_RUN and begins_like_settings(line, at):
            return at
    return None


def _all_pairs(text: str) -> bool:
    """Whether the text before ``Steps: `` is settings too: pieces with a key each, and no prompts."""
    if not text.rstrip().endswith(",") or NEGATIVE_MARKER in text:
        return False
    pieces = text.split(",", PROBED_PIECES)
    return len(pieces) <= PROBED_PIECES and all(": " in piece for piece in pieces if piece.strip())


# -------------------------------------------------------------------------------------------------------- prompts


def split_prompts(head: str, *, jammed: bool = False) -> Infotext:
    """Prompt and negative prompt. The marker stands at the start of a line, or anywhere if the text is `jammed`."""
    head = head.lstrip()
    at = 0 if head.startswith(NEGATIVE_MARKER) else head.find("\n" + NEGATIVE_MARKER)
    in_line = at < 0 and jammed
    if in_line:
        at = _jammed_marker(head)
    if at < 0:
        return Infotext(_trim(head, jammed), None)
    negative = head[head.index(":", at) + 1 :]
    return Infotext(_trim(head[:at], in_line), _trim(negative, jammed))


def _jammed_marker(head: str) -> int:
    at = head.find(NEGATIVE_MARKER)
    while at > 0 and head[at - 1] not in _JAM_RUN:
        at = head.find(NEGATIVE_MARKER, at + 1)
    return at


def _trim(prompt: str, jammed: bool) -> str:
    """A mark that touches what follows in a jammed text stands for a line end; before a blank it is the prompt's."""
    return prompt[:-1].strip() if jammed and prompt.endswith(_JAM_MARKS) else prompt.strip()


# ----------------------------------------------------------------------------------------- lines of their own


def _cut_templates(block: str, log: Ledger) -> tuple[str, list[tuple[str, str]]]:
    """The block without its ``Template: ...`` lines, each of which goes on until the next label; and those."""
    if TEMPLATE_ENDING not in block:
        return block, []
    lines = "\n" + block
    starts: list[tuple[int, str]] = []
    for label in TEMPLATE_LABELS:
        at = lines.find(f"\n{label}:")
        while at >= 0 and len(starts) < log.limits.settings:
            starts.append((at, label))
            at = lines.find(f"\n{label}:", at + 1)
    if not starts:
        return block, []
    starts.sort()
    ends = [at for at, _ in starts[1:]] + [len(lines)]
    templates: list[tuple[str, str]] = []
    for (at, label), end in zip(starts, ends, strict=True):
        value, hashes = _cut_hashes(lines[at + len(label) + 2 : end].strip(), log)
        templates += [(label, value), *hashes]
    return lines[: starts[0][0]].strip(), templates


def _cut_hashes(block: str, log: Ledger) -> tuple[str, list[tuple[str, str]]]:
    """The block without the ``, Hashes: {...}`` that an extension appends to whatever the text ends with."""
    hashes: list[tuple[str, str]] = []
    end = len(block)
    while block.endswith("}", 0, end) and len(hashes) < log.limits.settings:
        at = block.rfind(_APPENDED_HASHES, 0, end)
        value = block[at + len(_APPENDED_HASHES) - 1 : end]
        if at < 0 or not closed_by_itself(value, log.limits):
            break
        hashes.append(("Hashes", value))
        end = at
        while end > 0 and block[end - 1].isspace():
            end -= 1
    return block[:end], hashes[::-1]


def _read_tail(tail: str, settings: list[tuple[str, str]], log: Ledger) -> str:
    """Add the settings that stand in lines behind the settings line; returns what is none."""
    rest = []
    for line in tail.split("\n", log.limits.infotext_lines):
        if line.lstrip().startswith("Postprocess ") and "\n" not in line:
            pairs, stray, _ = read_settings(line, log)
            settings += pairs
            rest += stray
        else:
            rest.append(line)
    tail, templates = _cut_templates("\n".join(rest).strip(), log)
    tail, hashes = _cut_hashes(tail, log)
    settings += templates + hashes
    return tail.strip()
