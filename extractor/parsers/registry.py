"""All parsers in their order, and the one call that runs them over a file's texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from extractor.embedded import Carrier, Text
from extractor.finding import Finding, Kind
from extractor.parsers import (
    a1111,
    civitai,
    comfyui,
    drawthings,
    easydiffusion,
    flatjson,
    fooocus,
    foreign,
    generic,
    huggingface,
    invokeai,
    midjourney,
    novelai,
    stabilitymatrix,
    swarmui,
    tensorart,
)
from extractor.parsers.bundle import Bundle
from extractor.warning import WarningLog

Parser: TypeAlias = Callable[[Bundle], list[Finding]]

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
    easydiffusion.TOOL,
    huggingface.TOOL,
    foreign.A1111_API,
)
"""Tools whose data is one JSON object; the first that recognises an object has it."""


def _parse_tools(bundle: Bundle) -> list[Finding]:
    return flatjson.parse(bundle, TOOLS)


PARSERS: Final[tuple[Parser, ...]] = (
    civitai.parse,
    _parse_tools,
    invokeai.parse,
    novelai.parse,
    drawthings.parse,
    easydiffusion.parse,
    midjourney.parse,
    comfyui.parse,
    generic.parse_lines,
    a1111.parse,
    generic.parse,
)
"""From those that know their texts by a mark of their own to those that take what is left."""

SIDECAR_PARSERS: Final[dict[str, tuple[Parser, ...]]] = {
    "swarm.json": (_parse_tools,),
    "json": (civitai.parse, _parse_tools, a1111.parse, generic.parse),
    "txt": (easydiffusion.parse, generic.parse_lines, a1111.parse),
}
"""Suffix -> parsers. A ``.txt`` is more often a training caption than generation data."""


def find(texts: list[Text], log: WarningLog) -> list[Finding]:
    """What every source among the texts of a file says, sidecars of other tools last."""
    findings = _run(PARSERS, [text for text in texts if text.carrier is not Carrier.SIDECAR], log)
    for text in texts:
        if text.carrier is Carrier.SIDECAR:
            found = _run(SIDECAR_PARSERS.get(text.place, ()), foreign.unfold(text, log), log)
            for finding in found:
                finding.kind = Kind.SIDECAR
            findings += found
    return findings


def _run(parsers: Iterable[Parser], texts: list[Text], log: WarningLog) -> list[Finding]:
    if not texts:
        return []
    bundle = Bundle.of(texts, log)
    return [finding for parse in parsers for finding in parse(bundle)]
