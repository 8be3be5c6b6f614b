"""C2PA manifest stores: who made the picture, and whether by AI. Nothing is verified, only reported.

Facts: C2PA 2.1 sections 8 (JUMBF use), 10 (claims) and 18.14 (actions); ISO/IEC 19566-5 (JUMBF).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from extractor.containers.bmff import Box, BoxWalker
from extractor.embedded import C2pa, Embedded
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.readers.blocks.cbor import CborLoader, CborMap, CborValue
from extractor.text.jsontext import JsonObject, JsonValue, load_json

_Map: TypeAlias = "CborMap | JsonObject"
_Value: TypeAlias = "CborValue | JsonValue"

_WHAT: Final = "c2pa"
_STORE: Final = b"jumdc2pa"
"""Behind the size of a manifest store's description box."""
_JUMD_UUID: Final = 16
_HAS_LABEL: Final = 2
_AI_ASSERTIONS: Final = ("c2pa.ai-disclosure", "c2pa.ai_disclosure", "c2pa.ai-generated", "c2pa.ai_generative_info")
"""Beginnings of labels; ``training-mining`` only says what others may do with the picture."""
_CONTENTS: Final = (b"cbor", b"json")


def add_c2pa(jumbf: bytes, embedded: Embedded, log: Ledger) -> None:
    """`read_c2pa` of the first store of a file that can be read; `limits.c2pa_stores` are tried."""
    if embedded.c2pa is not None:
        return
    if not log.take("c2pa_stores", f"{embedded.container}:c2pa: the manifest stores after this are not read"):
        return
    embedded.c2pa = read_c2pa(jumbf, log)


def add_jumbf(jumbf: bytes, embedded: Embedded, log: Ledger) -> None:
    """`add_c2pa` where JUMBF may hold other things: its description box tells a manifest store from them."""
    if jumbf.startswith(_STORE, 4):
        add_c2pa(jumbf, embedded, log)


def read_c2pa(jumbf: bytes, log: Ledger) -> C2pa | None:
    """What the manifests of a store say, or None (with a warning) when there is neither claim nor action.

    `jumbf` begins with the ``jumb`` box of the store. The claim generator is that of the last claim, which is the
    active one; agents and source types are collected from the actions of all manifests, ingredients' too.
    """
    facts = _Facts()
    walker = BoxWalker(BytesSource(jumbf), log, _WHAT)
    cbor = CborLoader(log, _WHAT)
    for label, box in _contents(walker, Box(b"jumb", 0, len(jumbf)), log, 0):
        if label.startswith(_AI_ASSERTIONS):
            facts.ai_assertion = True
        reader = _READERS.get(label.partition("__")[0])
        if reader is None:
            continue
        data = walker.payload(box)
        is_cbor = box.kind == b"cbor"
        value: _Value = cbor.load(data) if is_cbor else load_json(data.decode("utf-8", "replace"), log, _WHAT)
        if isinstance(value, dict):
            reader(facts, value)
        elif value is not None:
            log.add("c2pa-invalid", f"{_WHAT}: {label} is no map")
    if not facts.found:
        log.add("c2pa-invalid", f"{_WHAT}: neither a claim nor an action in {len(jumbf)} bytes")
        return None
    return C2pa(facts.claim_generator, tuple(facts.agents), tuple(facts.source_types), facts.ai_assertion)


def _contents(walker: BoxWalker, parent: Box, log: Ledger, depth: int) -> Iterator[tuple[str, Box]]:
    """(label of its superbox, box) of every CBOR and JSON box, in file order."""
    label = ""
    for box in walker.children(parent):
        if box.kind == b"jumd":
            label = _label(walker.payload(box))
        elif box.kind in _CONTENTS:
            yield label, box
        elif box.kind == b"jumb":
            if depth >= log.limits.box_depth:
                log.limit("box_depth", f"{_WHAT}: boxes nested deeper are not read")
            else:
                yield from _contents(walker, box, log, depth + 1)


def _label(jumd: bytes) -> str:
    toggles = jumd[_JUMD_UUID] if len(jumd) > _JUMD_UUID else 0
    label = jumd[_JUMD_UUID + 1 :].partition(b"\0")[0] if toggles & _HAS_LABEL else b""
    return label.decode("utf-8", "replace")


@dataclass(slots=True)
class _Facts:
    """What was found so far; dictionaries keep order and drop repeats."""

    found: bool = False
    claim_generator: str | None = None
    agents: dict[tuple[str, str | None], None] = field(default_factory=dict)
    source_types: dict[str, None] = field(default_factory=dict)
    ai_assertion: bool = False


def _read_claim(facts: _Facts, claim: _Map) -> None:
    facts.found = True
    generator = claim.get("claim_generator")
    if isinstance(generator, str) and generator:
        facts.claim_generator = generator
        return
    info = claim.get("claim_generator_info")
    agent = _agent(info[0] if isinstance(info, list) and info else info)
    if agent is not None:
        facts.claim_generator = "/".join(filter(None, agent))


def _read_actions(facts: _Facts, assertion: _Map) -> None:
    facts.found = True
    actions, shared = assertion.get("actions"), assertion.get("softwareAgents")
    for action in actions if isinstance(actions, list) else ():
        if not isinstance(action, dict):
            continue
        index = action.get("softwareAgentIndex")
        software = action.get("softwareAgent")
        if isinstance(index, int) and isinstance(shared, list) and 0 <= index < len(shared):
            software = shared[index]
        agent = _agent(software)
        if agent is not None:
            facts.agents[agent] = None
        source_type = action.get("digitalSourceType")
        if isinstance(source_type, str) and source_type:
            facts.source_types[source_type.rpartition("/")[2]] = None


def _agent(value: _Value) -> tuple[str, str | None] | None:
    """(name, version) of a generator info map, or of the plain string that older claims have."""
    if isinstance(value, str):
        return (value, None) if value else None
    if not isinstance(value, dict):
        return None
    name, version = value.get("name"), value.get("version")
    if not isinstance(name, str) or not name:
        return None
    return name, version if isinstance(version, str) and version else None


_READERS: Final[dict[str, Callable[[_Facts, _Map], None]]] = {
    "c2pa.claim": _read_claim,
    "c2pa.claim.v2": _read_claim,
    "c2pa.actions": _read_actions,
    "c2pa.actions.v2": _read_actions,
}
"""Label, without the ``__1`` of further instances -> reader."""
