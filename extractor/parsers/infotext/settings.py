"""The settings of an infotext: ``Key: value, Key: "quoted, value", Key: {"json": 1}, ...``"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.parsers.infotext.keys import (
    NOISE_KEYS,
    REPEATED_KEYS,
    TEMPLATE_KEYS,
    count_known_keys,
    is_cut_key,
    is_known,
    key_at,
)
from extractor.text.coerce import to_number
from extractor.text.jsontext import load_json

_QUOTED: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKET_OR_STRING: Final = re.compile(r'[\[\]{}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BLANKS: Final = re.compile(r"[^\S\n]*+")
_SIZE: Final = re.compile(r"[0-9]{1,9}x[0-9]{1,9}")
_LONGEST_NUMBER: Final = 64
_MISSING_COMMA: Final = " Version: "
_USUAL: Final = re.compile(
    rf"\s*+(?!(?:{'|'.join(map(re.escape, sorted(NOISE_KEYS)))})\s*+:)([^,:\s][^,:]*+): "
    r"(?![,\s\"\[{])((?:[^,V]++|V(?!ersion: ))++)(?:,|\Z)|(.++)",
    re.DOTALL,
)
"""A pair that needs no second look, as its value is neither closed by itself nor holds the next pair; or the rest.

It takes twelve pairs in 8 microseconds instead of 20: a tenth of reading a small file of A1111 without its hash."""
_USUAL_LINE: Final = 10_000
"""Characters of a line, at most, that is first looked at for usual pairs."""
_PAIR_LINE: Final = re.compile(r"[A-Za-z][\w +./()-]{0,40}+: [^,\r\n]{0,200}+\r?\Z")
"""A line of its own for a key: value without a comma."""
_UNKNOWN_LINES: Final = 3
"""Lines with unknown keys, at most, in a row between those with known ones."""
_BEHIND_COLON: Final = frozenset(' \t\r"[{')
_OPENING: Final = frozenset('"[{')
_BARE_KEYS: Final = frozenset(("Tiling",))
"""Keys that writers put down alone, because the value is the same word."""


class Settings(NamedTuple):
    """What `read_settings` gives."""

    pairs: list[tuple[str, str]]
    """(key, unquoted value) as written."""
    stray: list[str]
    """The pieces that belong to none."""
    end: int
    """Where the line ends with which the settings end."""


def read_settings(text: str, log: Ledger, start: int = 0) -> Settings:
    """The settings that begin at `start` and go on for as long as each line begins with a known key.

    A value is a JSON string, a balanced ``{...}`` or ``[...]``, either of which may run over line ends, or text up to
    the next comma or line end. A piece without a colon is a key of its own (``Tiling``) or goes on with the value
    before it, unless that is a number.
    """
    reader = _Reader(text, log, start)
    reader.read()
    return Settings(reader.pairs, reader.stray, reader.stop)


def closed_by_itself(value: str, limits: Limits) -> bool:
    """Whether the value is one balanced ``{...}`` or ``[...]``, which is written without quotes."""
    return value[:1] in ("{", "[") and _balanced_end(value, 0, limits)[0] == len(value)


class _Reader:
    """Reads settings into pairs, line by line."""

    __slots__ = ("_keys", "_known", "_line", "_log", "_spare", "_start", "_value", "pairs", "stop", "stray")

    def __init__(self, text: str, log: Ledger, start: int) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.stray: list[str] = []
        self.stop = _line_end(text, start)
        """The end of the line that is being read."""
        self._line = text
        self._log = log
        self._start = start
        self._keys: set[str] = set()
        """Keys, case folded, of the lines above, which are `_known` pairs."""
        self._known = 0
        self._spare = 4 * (len(text) - start)
        """Characters that may be looked at in vain for the ends of brackets."""
        self._value: tuple[str, int, int] | None = None
        """The unquoted value that may still go on behind a comma: key, start, end."""

    def read(self) -> None:
        """Fill `pairs`, and `stray` with the pieces that have neither a key nor a value they belong to."""
        start = self._take_usual() if self.stop - self._start <= _USUAL_LINE else self._start
        taken = len(self.pairs) + (self._value is not None)
        for _ in range(self._log.limits.settings - taken):
            if start >= self.stop:
                start = self._next_line()
                if start < 0:
                    break
            start = self._read_pair(start)
        if 0 <= start < self.stop:
            self._log.limit("settings", "the rest of the settings is left out")
        self._flush()

    def _next_line(self) -> int:
        """Go on to the next line of settings; returns where its first pair begins, or -1 when there is none.

        A line that begins with no key may finish the value above: old versions wrote line ends as they are.
        """
        if self.stop == len(self._line):
            return -1
        self._keys.update(name.casefold() for name, _ in self.pairs[self._known :])
        self._known = len(self.pairs)
        if self._value is not None:
            self._keys.add(self._value[0].casefold())
        start = self.stop + 1
        stop = _line_end(self._line, start)
        key = key_at(self._line, start, stop)
        if key is None and self._goes_on_below(start, stop):
            self._flush()
        elif key is None and self._value is not None and not self._is_number():
            comma = self._line.find(",", start, stop)
            if comma < 0 or not self._is_new(key_at(self._line, comma + 1, stop)):
                return -1
            self._value = (*self._value[:2], comma)
            start = comma + 1
        elif self._is_new(key):
            self._flush()
        else:
            return -1
        self.stop = stop
        return start

    def _goes_on_below(self, start: int, stop: int) -> bool:
        """Whether the line is a pair of an unknown key, and settings with a known one follow in the next lines."""
        for _ in range(_UNKNOWN_LINES):
            if not _PAIR_LINE.match(self._line, start, stop) or stop == len(self._line):
                return False
            start, stop = stop + 1, _line_end(self._line, stop + 1)
            key = key_at(self._line, start, stop)
            if key is not None:
                return self._is_new(key)
        return False

    def _is_new(self, key: str | None) -> bool:
        """Whether a line may go on with the known key: it does not stand in the lines above."""
        return key is not None and (key in REPEATED_KEYS or key not in self._keys) and key not in TEMPLATE_KEYS

    def _take_usual(self) -> int:
        """Take the usual pairs at the beginning of the line; returns where the next piece begins."""
        pairs = _USUAL.findall(self._line, self._start, self.stop)
        rest: str = pairs.pop()[2] if pairs and pairs[-1][2] else ""
        if not 0 < len(pairs) < self._log.limits.settings:
            return self._start
        key, value, _ = pairs.pop()
        self.pairs = [(name.rstrip(), text.rstrip()) for name, text, _ in pairs]
        stop = self.stop - len(rest)
        end = stop - 1 if self._line[stop - 1] == "," else stop
        self._value = key.rstrip(), end - len(value), end
        return stop

    def _read_pair(self, start: int) -> int:
        """Take the pair or piece that begins at `start`; returns where the next one begins."""
        line = self._line
        comma = line.find(",", start, self.stop)
        if comma < 0:
            comma = self.stop
        colon = _key_end(line, start, comma)
        if colon < 0:
            self._bare(start, comma)
            return comma + 1
        key = line[start:colon].strip()
        begin = min(_behind_blanks(line, colon + 1), comma)
        if key in NOISE_KEYS:
            return self.stop
        if line[begin : begin + 1] in _OPENING:
            end = self._closed_end(begin)
            if end > begin:
                self._flush()
                self.pairs.append((key, _unquote(line[begin:end], self._log)))
                if end > self.stop:
                    self.stop = _line_end(line, end)
                end = _behind_blanks(line, end)
                return end + 1 if line.startswith(",", end) else end
        return self._open(key, begin, comma)

    def _open(self, key: str, begin: int, comma: int) -> int:
        """Hold a value that may go on behind the comma; returns where the next pair begins."""
        self._flush()
        missing = self._line.rfind(_MISSING_COMMA, begin, comma)
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
            comma = line.find(",", start, self.stop)
            if comma < 0 or not count_known_keys(line, comma + 1, self.stop, enough=1):
                self._log.add("cut-text", "the settings end in the middle of a value")
                return self.stop
        return -1


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _key_end(line: str, start: int, stop: int) -> int:
    """Where the colon behind the key of this piece stands, or -1."""
    colon = line.find(":", start, stop)
    if colon < 0:
        return -1
    key = line[start:colon].strip()
    if not key and (colon + 1 == stop or line[colon + 1].isspace()):
        return -1
    if key and (line[colon + 1 : colon + 2] in _BEHIND_COLON or colon + 1 == stop or is_known(key)):
        return colon
    colon = line.find(": ", colon + 1, stop)
    if colon < 0 and line[stop - 1] == ":":
        colon = stop - 1
    return colon


def _behind_blanks(line: str, start: int) -> int:
    match = _BLANKS.match(line, start)
    return match.end() if match else start


def _ends_value(line: str, end: int) -> bool:
    end = _behind_blanks(line, end)
    return end == len(line) or line[end] in ",\n" or line.startswith("Version:", end)


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


def _unquote(value: str, log: Ledger) -> str:
    """The text of a JSON string; brackets and broken strings stay as they are."""
    if value[0] != '"' or len(value) < 2 or value[-1] != '"':
        return value
    if "\\" not in value:
        return value[1:-1]
    text = load_json(value, Ledger(log.limits), "value")
    return text if isinstance(text, str) else value
