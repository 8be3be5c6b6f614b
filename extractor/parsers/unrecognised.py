"""Texts that look like generation data and that no parser has taken: said, so that nothing vanishes silently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from extractor.embedded import XMP_PACKET
from extractor.finding import Finding
from extractor.parsers.bundle import Bundle, Candidate
from extractor.parsers.flatjson import GRAPH_KEYS, Tool
from extractor.parsers.generic import SAMPLING_WORDS, field_of

_PAIR: Final = re.compile(r"(?<![A-Za-z0-9_])([A-Za-z][A-Za-z0-9_ -]{0,31})[\"']?\s{0,8}[:=]\s{0,8}[\"']?([+-]?[0-9])?")
"""The key of ``key: value``, ``key=value`` and ``"key": value``, and the beginning of a number."""
_WORDED: Final = frozenset(("prompt", "negative_prompt", "sampler", "scheduler"))
"""Fields whose value is no number."""
_NEEDED: Final = 3
"""Different words of sampling with a value each: captions have fewer."""
_GRAPH_MARKS: Final = (('"class_type"', '"inputs"'), ('"nodes"', '"links"'))
"""What stands in executed graphs, and in those of the editor."""


def warn_unrecognised(bundle: Bundle, tools: Sequence[Tool], findings: Sequence[Finding]) -> None:
    """Leave the warning ``unrecognised-text`` for each text of the bundle that looks like generation data.

    Graphs and projects beside data that was read are those of the same picture, and no loss.
    """
    for candidate in bundle.candidates:
        if candidate.claimed or candidate.key == XMP_PACKET:
            continue
        graph = _is_graph(candidate)
        if findings and (graph or candidate.key in GRAPH_KEYS):
            continue
        if graph or _is_of_tool(candidate, tools) or _has_pairs(candidate, bundle):
            source = candidate.text.source
            bundle.log.add("unrecognised-text", f"{source}: looks like generation data, but in no form that is known")


def _is_graph(candidate: Candidate) -> bool:
    return any(all(mark in candidate.value for mark in marks) for marks in _GRAPH_MARKS)


def _is_of_tool(candidate: Candidate, tools: Iterable[Tool]) -> bool:
    """Whether a text that begins like an object, but is none, holds the keys that a tool is known by."""
    if not candidate.is_object:
        return False
    markers = (marker for tool in tools for marker in tool.markers)
    return any(all(f'"{key}"' in candidate.value for key in marker) for marker in markers)


def _has_pairs(candidate: Candidate, bundle: Bundle) -> bool:
    found: set[str] = set()
    log = bundle.log
    for _, match in zip(range(log.left("labels")), _PAIR.finditer(candidate.value), strict=False):
        log.spend("labels", 1)
        words = match[1].split()
        name = next((name for at in range(len(words)) if (name := field_of("".join(words[at:])))), None)
        if name in SAMPLING_WORDS and (match[2] or name in _WORDED):
            found.add(name)
            if len(found) == _NEEDED:
                return True
    return False
