"""All parsers in their order, and the one call that runs them over a file's texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from extractor.embedded import Carrier, Text
from extractor.finding import Finding, Kind
from extractor.ledger import Ledger
from extractor.parsers import beside, flatjson, generic
from extractor.parsers.bundle import OBJECT, Bundle, Candidate
from extractor.parsers.infotext import a1111
from extractor.parsers.tools import (
    civitai,
    drawthings,
    easydiffusion,
    fooocus,
    huggingface,
    invokeai,
    mflux,
    midjourney,
    novelai,
    stabilitymatrix,
    swarmui,
    tensorart,
    wan2gp,
)
from extractor.parsers.unrecognised import warn_unrecognised
from extractor.text.jsontext import JsonObject, split_json

_SIDECAR: Final = Carrier.SIDECAR
_CHUNK: Final = Carrier.CHUNK
_NOT_HERE: Final = (_SIDECAR, Carrier.BEHIND)
"""Carriers of texts that are no sources of the file itself."""
_PNG: Final = "png"
_QUOTES: Final = ('"', "[")
_CONTENT: Final = "parameters"


class Parser(NamedTuple):
    """One parser, and what tells at a glance that a file has nothing for it."""

    parse: Callable[[Bundle], list[Finding]]
    marks: frozenset[str] | None = None
    """`Bundle.marks` without one of which it finds nothing; None: it looks at every text."""


TOOLS: Final = (
    swarmui.TOOL,
    novelai.ENVELOPE,
    drawthings.TOOL,
    novelai.COMMENT,
    invokeai.MODERN,
    invokeai.SD_METADATA,
    stabilitymatrix.TOOL,
    tensorart.TOOL,
    fooocus.RUINED,
    fooocus.MRE,
    fooocus.FOOOCUS,
    wan2gp.TOOL,
    mflux.TOOL,
    easydiffusion.TOOL,
    huggingface.TOOL,
    beside.A1111_API,
)
"""Tools whose data is one JSON object; the first that recognises an object has it."""


def _parse_tools(bundle: Bundle) -> list[Finding]:
    return flatjson.parse(bundle, TOOLS)


def _parse_graphs(bundle: Bundle) -> list[Finding]:
    """ComfyUI's graphs. To start without its two dozen modules saves 5 % of showing a file that has none."""
    if not any(_may_be_graph(candidate.value) for candidate in bundle.candidates):
        return []
    from extractor.parsers import comfyui

    return comfyui.parse(bundle)


def _may_be_graph(text: str) -> bool:
    """Whether what every executed graph has stands in a text, or what every graph of the editor has."""
    return "class_type" in text or ("nodes" in text and "links" in text)


def _parse_wrapped(bundle: Bundle) -> list[Finding]:
    """Data that stands in a member of an object (``{"parameters": "..."}``), as some tools copy a file's texts."""
    findings = []
    for candidate in bundle.unclaimed():
        data = _wrapper(candidate) if candidate.key not in flatjson.GRAPH_KEYS else None
        found = _run(_WRAPPED, beside.inner_texts(candidate.text, data), bundle.log) if data else []
        for finding in found:
            candidate.claimed = True
            finding.text = candidate.text
        findings += found
    return findings


def _wrapper(candidate: Candidate) -> JsonObject | None:
    """The object that wraps data; a text that is a JSON string or list stands for its content."""
    if not candidate.value.startswith(_QUOTES):
        return candidate.json_object()
    value, rest = split_json(candidate.value, candidate.log.aside(), candidate.text.source)
    return {_CONTENT: value} if value and not rest.strip() else None


_CIVITAI: Final = Parser(civitai.parse, frozenset((OBJECT, civitai.METADATA_CHUNK)))
_TOOLS: Final = Parser(_parse_tools, frozenset((OBJECT,)))
_LINES: Final = Parser(generic.parse_lines)
_INFOTEXT: Final = Parser(a1111.parse)
_GENERIC: Final = Parser(generic.parse)

_WRAPPED: Final = (_CIVITAI, _TOOLS, _INFOTEXT, _GENERIC)

PARSERS: Final = (
    _CIVITAI,
    _TOOLS,
    Parser(invokeai.parse, frozenset((invokeai.DREAM_CHUNK,))),
    Parser(novelai.parse, frozenset((novelai.SOFTWARE_KEY,))),
    Parser(drawthings.parse, frozenset((drawthings.CREATOR_KEY,))),
    Parser(easydiffusion.parse, easydiffusion.CHUNKS),
    Parser(mflux.parse),
    Parser(midjourney.parse),
    Parser(_parse_graphs),
    Parser(_parse_wrapped),
    _LINES,
    _INFOTEXT,
    _GENERIC,
)
"""From those that know their texts by a mark of their own to those that take what is left."""

SIDECAR_PARSERS: Final[dict[str, tuple[Parser, ...]]] = {
    "swarm.json": (_TOOLS,),
    "json": (_CIVITAI, _TOOLS, _INFOTEXT, _GENERIC),
    "txt": (Parser(easydiffusion.parse_lines), _LINES, _INFOTEXT),
}
"""Suffix -> parsers. A ``.txt`` is more often a training caption than generation data."""


def find(texts: list[Text], log: Ledger, size: tuple[int, int] = (0, 0)) -> list[Finding]:
    """What every source among the texts of a file says, sidecars of other tools last.

    `size` is the stored width and height of the picture, (0, 0) when there is none.
    """
    if not texts:
        return []
    sidecars = [text for text in texts if text.carrier is _SIDECAR]
    embedded = [text for text in texts if text.carrier not in _NOT_HERE]
    repeated = _repeated(embedded, log)
    bundle = Bundle.of(embedded, log, size)
    findings = _read(PARSERS, bundle)
    if repeated:
        findings = _last_of_each(findings, repeated)
    warn_unrecognised(bundle, TOOLS, findings)
    for text in sidecars:
        found = _run(SIDECAR_PARSERS.get(text.place, ()), beside.unfold(text, log), log)
        for finding in found:
            finding.kind = Kind.SIDECAR
        findings += found
    return findings


def _repeated(texts: Sequence[Text], log: Ledger) -> dict[str, list[Text]]:
    """The texts of a PNG that stand under one keyword with different values, by keyword; a warning names each."""
    if len({text.key for text in texts}) == len(texts):
        return {}
    named: dict[str, list[Text]] = {}
    for text in texts:
        if text.container == _PNG and text.carrier is _CHUNK:
            named.setdefault(text.key, []).append(text)
    repeated = {key: group for key, group in named.items() if any(text != group[0] for text in group)}
    for group in repeated.values():
        source = group[-1].source
        log.add("repeated-keyword", f"{source}: stands there {len(group)} times; the last that is read counts")
    return repeated


def _last_of_each(findings: Iterable[Finding], repeated: dict[str, list[Text]]) -> list[Finding]:
    """The findings but for those of texts before the last one of a keyword that gave any, as Pillow sees a file."""
    read = {id(finding.text) for finding in findings}
    passed: set[int] = set()
    for group in repeated.values():
        given = [id(text) for text in group if id(text) in read]
        passed.update(given[:-1])
    return [finding for finding in findings if id(finding.text) not in passed]


def _run(parsers: Iterable[Parser], texts: list[Text], log: Ledger) -> list[Finding]:
    return _read(parsers, Bundle.of(texts, log)) if texts else []


def _read(parsers: Iterable[Parser], bundle: Bundle) -> list[Finding]:
    here = bundle.marks
    findings = []
    for parse, marks in parsers:
        if marks is None or not marks.isdisjoint(here):
            findings += parse(bundle)
    for candidate in bundle.candidates:
        candidate.complain()
        if candidate.key in flatjson.GRAPH_KEYS:
            candidate.check_bounds()
    return findings
