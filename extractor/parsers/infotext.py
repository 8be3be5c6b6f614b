"""The A1111 parameters text (infotext), taken apart: prompt, negative prompt, and ``Key: value`` settings.

    {prompt}
    Negative prompt: {negative prompt}
    Steps: 20, Sampler: Euler a, Model: "a, b", Hashes: {"model": "..."}, ...

Only the structure counts: a prompt may hold every word that is used here. Each function costs time linear in its
text; the searches go through `str` methods, and what is looked at piece by piece is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from extractor.coerce import to_number
from extractor.jsontext import load_json
from extractor.limits import Limits
from extractor.parsers.infotext_keys import NOISE_KEYS, TEMPLATE_LABELS, is_cut_key, is_known
from extractor.warning import WarningLog

NEGATIVE_MARKER: Final = "Negative prompt:"

_STEPS: Final = "Steps: "
_STARTS_WITH_STEPS: Final = re.compile(r"\s*+steps:\s*+[0-9]", re.IGNORECASE)
_PROBED_PIECES: Final = 64
"""Pieces of a line that are looked at for known keys."""
_KNOWN_NEEDED: Final = 3
"""Known keys that make a line the settings."""
_JAMMED_TRIES: Final = 8
"""Places at which the settings of a text without line ends are looked for."""
_LONGEST_KEY: Final = 80
_LONGEST_NUMBER: Final = 64
_JAM_RUN: Final = " .,\t\r\n"

_QUOTED: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET_OR_STRING: Final = re.compile(r'[\[\]{}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_PLAIN_PAIR: Final = re.compile(r'\s*+([^\s,:][^,:]*+): ([^\s,"\[{][^,]*+)')
"""The usual pair, in one step. Others are looked at part by part."""
_BLANKS: Final = re.compile(r"\s*+")
_SIZE: Final = re.compile(r"[0-9]{1,9}x[0-9]{1,9}")
_MISSING_COMMA: Final = " Version: "
_BEHIND_COLON: Final = frozenset(' \t\r"[{')
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


def split_infotext(text: str, log: WarningLog) -> Infotext | None:
    """Take an infotext apart; None when it has no settings (then it may be anything)."""
    place = _find_settings(text, log)
    if place is None:
        return None
    start, end, jammed = place
    infotext = split_prompts(text[:start], jammed=jammed)
    settings = _Settings(text[start:end], log)
    settings.read()
    infotext.settings = settings.pairs
    if infotext.negative_prompt:
        infotext.negative_prompt, templates = _cut_templates(infotext.negative_prompt, log)
        infotext.settings += templates
    tail = text[end:].strip()
    if tail:
        tail = _read_tail(tail, infotext.settings, log)
    infotext.tail = "\n".join(part for part in (", ".join(settings.stray), tail) if part)
    return infotext


def is_settings_line(line: str) -> bool:
    """Whether the whole line is taken for settings."""
    return _settings_start(line, 0, len(line)) == (0, False)


def closed_by_itself(value: str, limits: Limits) -> bool:
    """Whether the value is one balanced ``{...}`` or ``[...]``, which is written without quotes."""
    return value[:1] in ("{", "[") and _balanced_end(value, 0, limits)[0] == len(value)


# ------------------------------------------------------------------------------------------------ finding the line


def _find_settings(text: str, log: WarningLog) -> tuple[int, int, bool] | None:
    """(start, end, jammed) of the last line that looks like settings."""
    extras: tuple[int, int, bool] | None = None
    end = len(text)
    for _ in range(log.limits.infotext_lines):
        colon = text.rfind(":", 0, end)
        if colon < 0:
            return extras
        start = text.rfind("\n", 0, colon) + 1
        stop = text.find("\n", colon, end)
        stop = end if stop < 0 else stop
        found = _settings_start(text, start, stop)
        if found is not None:
            return found[0], stop, found[1]
        if extras is None and text.startswith("Postprocess ", start) and is_known(text[start:colon]):
            # What the Extras tab did; it counts alone only when the text has no settings of a generation.
            extras = start, stop, False
        end = start
    log.limit("infotext_lines", f"no settings in the last {log.limits.infotext_lines} lines of a text")
    return extras


def _settings_start(text: str, start: int, stop: int) -> tuple[int, bool] | None:
    """(where the settings of this line begin, whether prompts stand before them in the line)."""
    if text.startswith(_STEPS, start) and text[start + len(_STEPS) : start + len(_STEPS) + 1].isdecimal():
        return start, False
    if text.find(":", start, stop) < 0:
        return None
    if _STARTS_WITH_STEPS.match(text, start, stop):
        return start, False
    line = text[start:stop]
    if line.startswith(_TEMPLATE_STARTS):
        return None
    jam = _jammed_settings(line)
    if jam is None and _known_keys(line, 0) < _KNOWN_NEEDED:
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


def _known_keys(line: str, start: int) -> int:
    """How many different known keys the pieces from `start` begin with; counting stops when they suffice."""
    known: set[str] = set()
    for _ in range(_PROBED_PIECES):
        comma = line.find(",", start)
        stop = len(line) if comma < 0 else comma
        colon = line.find(":", start, stop)
        if start < colon < start + _LONGEST_KEY:
            key = line[start:colon].strip()
            if is_known(key):
                known.add(key.casefold())
        if comma < 0 or len(known) == _KNOWN_NEEDED:
            break
        start = comma + 1
    return len(known)


def _jammed_settings(line: str) -> int | None:
    """Where in a line, behind a full stop, comma or blank, settings begin with ``Steps: ``."""
    at = len(line)
    for _ in range(_JAMMED_TRIES):
        at = line.rfind(_STEPS, 0, at)
        if at <= 0:
            return None
        digit = line[at + len(_STEPS) : at + len(_STEPS) + 1]
        if digit.isdecimal() and line[at - 1] in _JAM_RUN and _known_keys(line, at) == _KNOWN_NEEDED:
            return at
    return None


def _all_pairs(text: str) -> bool:
    """Whether every piece between commas has a key, so that settings began before."""
    pieces = text.split(",", _PROBED_PIECES)
    return len(pieces) <= _PROBED_PIECES and all(": " in piece for piece in pieces if piece.strip())


# -------------------------------------------------------------------------------------------------------- prompts


def split_prompts(head: str, *, jammed: bool = False) -> Infotext:
    """Prompt and negative prompt. The marker stands at the start of a line, or anywhere if the text is `jammed`."""
    head = head.strip()
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
    return prompt.rstrip(_JAM_RUN).strip() if jammed else prompt.strip()


# ----------------------------------------------------------------------------------------- lines of their own


def _cut_templates(block: str, log: WarningLog) -> tuple[str, list[tuple[str, str]]]:
    """The block without its ``Template: ...`` lines, each of which goes on until the next label; and those."""
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


def _cut_hashes(block: str, log: WarningLog) -> tuple[str, list[tuple[str, str]]]:
    """The block without the ``, Hashes: {...}`` that an extension appends to whatever the text ends with."""
    hashes: list[tuple[str, str]] = []
    while block.endswith("}"):
        at = block.rfind(_APPENDED_HASHES)
        value = block[at + len(_APPENDED_HASHES) - 1 :]
        if at < 0 or not closed_by_itself(value, log.limits):
            break
        hashes.insert(0, ("Hashes", value))
        block = block[:at].rstrip()
    return block, hashes


def _read_tail(tail: str, settings: list[tuple[str, str]], log: WarningLog) -> str:
    """Add the settings that stand in lines behind the settings line; returns what is none."""
    tail, templates = _cut_templates(tail, log)
    tail, hashes = _cut_hashes(tail, log)
    rest = []
    for line in tail.split("\n", log.limits.infotext_lines):
        if line.startswith("Postprocess ") and "\n" not in line:
            extras = _Settings(line, log)
            extras.read()
            settings += extras.pairs
            rest += extras.stray
        else:
            rest.append(line)
    settings += templates + hashes
    return "\n".join(rest).strip()


# ------------------------------------------------------------------------------------------------- the settings line


class _Settings:
    """Reads one settings line into pairs."""

    __slots__ = ("_line", "_log", "_spare", "_value", "pairs", "stray")

    def __init__(self, line: str, log: WarningLog) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.stray: list[str] = []
        self._line = line
        self._log = log
        self._spare = 4 * len(line)
        """Characters that may be looked at in vain for the ends of brackets."""
        self._value: tuple[str, int, int] | None = None
        """The unquoted value that may still go on behind a comma: key, start, end."""

    def read(self) -> None:
        """Fill `pairs`, and `stray` with the pieces that have neither a key nor a value they belong to."""
        length = len(self._line)
        start = 0
        for _ in range(self._log.limits.settings):
            if start >= length:
                break
            start = self._read_pair(start)
        else:
            if start < length:
                self._log.limit("settings", "the rest of the settings is left out")
        self._flush()

    def _read_pair(self, start: int) -> int:
        """Take the pair or piece that begins at `start`; returns where the next one begins."""
        line = self._line
        plain = _PLAIN_PAIR.match(line, start)
        if plain is not None:
            key = plain[1].rstrip()
            begin, comma = plain.span(2)
        else:
            comma = line.find(",", start)
            comma = len(line) if comma < 0 else comma
            colon = _key_end(line, start, comma)
            if colon < 0:
                self._bare(start, comma)
                return comma + 1
            key = line[start:colon].strip()
            begin = min(_behind_blanks(line, colon + 1), comma)
        if key in NOISE_KEYS:
            return len(line)
        if line[begin : begin + 1] in _OPENING:
            end = self._closed_end(begin)
            if end > begin:
                self._flush()
                self.pairs.append((key, _unquote(line[begin:end], self._log)))
                end = _behind_blanks(line, end)
                return end + 1 if line.startswith(",", end) else end
        self._flush()
        missing = line.find(_MISSING_COMMA, begin, comma)
        stop = comma if missing < 0 else missing
        self._value = key, begin, stop
        return stop + 1

    def _flush(self) -> None:
        """Keep the open value."""
        if self._value is not None:
            key, start, end = self._value
            self.pairs.append((key, self._line[start:end].strip()))
            self._value = None

    def _bare(self, start: int, stop: int) -> None:
        """A piece without a key: a key of its own, the rest of the value before, or a key that was cut off."""
        piece = self._line[start:stop].strip()
        if not piece:
            return
        last = stop == len(self._line)
        if last and is_cut_key(piece) and piece not in _BARE_KEYS:
            self._log.add("cut-text", f"the settings end in the middle of a key: {piece}")
            self.stray.append(piece)
        elif is_known(piece):
            self._flush()
            self.pairs.append((piece, piece))
        elif self._value is not None and not self._is_number():
            self._value = (*self._value[:2], stop)
        elif piece.startswith(":") and piece[1:2].isspace():
            self.stray.append(piece)
        else:
            self._flush()
            self.pairs.append((piece, piece))

    def _is_number(self) -> bool:
        """Whether the open value is complete: nothing behind a comma belongs to a number."""
        if self._value is None:
            return False
        _, start, end = self._value
        if end - start > _LONGEST_NUMBER:
            return False
        value = self._line[start:end].strip()
        return to_number(value) is not None or _SIZE.fullmatch(value) is not None

    def _closed_end(self, start: int) -> int:
        """Behind the quote or bracket that closes the value, or -1 when it is no such value."""
        line = self._line
        if self._spare <= 0:
            return -1
        if line[start] == '"':
            match = _QUOTED.match(line, start)
            end, reached = (match.end(), match.end()) if match else (-1, len(line))
        else:
            end, reached = _balanced_end(line, start, self._log.limits)
        if end > 0 and _ends_value(line, end):
            return end
        self._spare -= reached - start
        if reached == len(line) and end < 0:
            comma = line.find(",", start)
            if comma < 0 or not _known_keys(line, comma + 1):
                self._log.add("cut-text", "the settings end in the middle of a value")
                return len(line)
        return -1


_OPENING: Final = frozenset('"[{')
_BARE_KEYS: Final = frozenset(("Tiling",))
"""Keys that writers put down alone, because the value is the same word."""


def _key_end(line: str, start: int, stop: int) -> int:
    """Where the colon behind the key of this piece stands, or -1."""
    colon = line.find(":", start, stop)
    if colon < 0:
        return -1
    key = line[start:colon]
    if line[colon + 1 : colon + 2] in _BEHIND_COLON or colon + 1 == stop or is_known(key.strip()):
        return colon if key.strip() else -1
    colon = line.find(": ", colon + 1, stop)
    if colon < 0 and line[stop - 1] == ":":
        colon = stop - 1
    return colon


def _behind_blanks(line: str, start: int) -> int:
    match = _BLANKS.match(line, start)
    return match.end() if match else start


def _ends_value(line: str, end: int) -> bool:
    end = _behind_blanks(line, end)
    return end == len(line) or line[end] == "," or line.startswith("Version:", end)


def _balanced_end(text: str, start: int, limits: Limits) -> tuple[int, int]:
    """(behind the bracket that closes the one at `start`, or -1; how far the text was looked at)."""
    depth = 0
    for count, match in enumerate(_BRACKET_OR_STRING.finditer(text, start)):
        token = match[0]
        if token in ("[", "{"):
            depth += 1
        elif token in ("]", "}"):
            depth -= 1
            if depth == 0:
                return match.end(), match.end()
        if depth > limits.json_depth or count > limits.json_values:
            return -1, match.end()
    return -1, len(text)


def _unquote(value: str, log: WarningLog) -> str:
    """The text of a JSON string; brackets and broken strings stay as they are."""
    if value[0] != '"' or len(value) < 2 or value[-1] != '"':
        return value
    if "\\" not in value:
        return value[1:-1]
    text = load_json(value, WarningLog(log.limits), "value")
    return text if isinstance(text, str) else value
