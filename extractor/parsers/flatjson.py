"""Tools whose data is one JSON object: a table says which keys mean what, and this module reads them all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from extractor.finding import SCHEMA_KEYS, Finding, Kind, ResourceClaim
from extractor.ledger import Ledger
from extractor.parsers.bundle import Bundle, Candidate
from extractor.text.coerce import (
    RANDOM_SEED,
    paired_size,
    to_clip_skip,
    to_int,
    to_number,
    to_prompt,
    to_seed,
    to_size,
    to_text,
)
from extractor.text.jsontext import JsonObject, JsonValue, load_object, looks_like_object
from extractor.vocabulary.models import is_no_name
from extractor.vocabulary.samplers import canonical_sampler

Keys: TypeAlias = Mapping[str, tuple[str, ...]]
"""Field of `Finding` (or ``width``, ``height``) -> the tool's keys for it, the best first."""

T = TypeVar("T")

GRAPH_KEYS: Final = frozenset(("prompt", "workflow", "invokeai_graph", "invokeai_workflow", "smproj"))
"""Keys whose JSON is a graph or a project: never a flat object, often large, so not even decoded here."""

_NO_HASH: Final = "random:"
"""What InvokeAI writes in place of a hash when hashing is switched off."""
_HASH: Final = re.compile(r"(?:0[xX]|(?!random:)[a-z][a-z0-9_]{1,15}:)?[0-9A-Fa-f]{6,128}")


def to_name(value: object) -> str | None:
    """The name of a model, sampler...; None for a word that says that nothing was chosen."""
    text = to_text(value)
    return None if text is None or is_no_name(text) else text


def to_hash(value: object) -> str | None:
    """Hex without ``0x``, with the algorithm in front where the tool writes it (``blake3:...``)."""
    text = to_text(value)
    if text is None or not _HASH.fullmatch(text):
        return None
    return text[2:] if text[:2] in ("0x", "0X") else text


_CONVERTERS: Final[dict[str, Callable[[object], object]]] = {
    "version": to_text,
    "prompt": to_prompt,
    "negative_prompt": to_prompt,
    "seed": to_seed,
    "steps": to_int,
    "cfg_scale": to_number,
    "denoise": to_number,
    "clip_skip": to_clip_skip,
    "size": to_size,
    "model": to_name,
    "model_hash": to_hash,
    "vae": to_name,
}
"""Fields that stand for themselves. Sampler and scheduler, width and height are read in pairs."""


@dataclass(slots=True)
class Fields:
    """The members of one JSON object; what a field takes is gone, the rest stays under the tool's keys."""

    rest: JsonObject
    generator: str
    log: Ledger
    _children: dict[str, Fields] = field(default_factory=dict)

    def take(self, convert: Callable[[object], T | None], *keys: str) -> T | None:
        """The first value of `keys` that converts, taken out. One that does not stays, with a warning."""
        for key in keys:
            value = self.rest.get(key)
            if value is None:
                continue
            converted = convert(value)
            if converted is not None:
                del self.rest[key]
                return converted
            if not _says_nothing(value):
                self.warn(key, value)
        return None

    def fill(self, finding: Finding, keys: Keys) -> None:
        """Set the fields of `finding` that the table names."""
        for name, convert in _CONVERTERS.items():
            if name in keys:
                value = self.take(convert, *keys[name])
                if value is not None:
                    setattr(finding, name, value)
        self._fill_sampler(finding, keys)
        if finding.size is None:
            finding.size = self._pair_size(keys.get("width", ()), keys.get("height", ()))

    def nested(self, key: str) -> Fields | None:
        """The members of the object at `key`; what is left of it stays under that key."""
        value = self.rest.get(key)
        if not isinstance(value, dict):
            return None
        self._children[key] = child = Fields(dict(value), self.generator, self.log)
        del self.rest[key]
        return child

    def claims(self, key: str, read: Callable[[Fields], ResourceClaim | None]) -> list[ResourceClaim]:
        """The resources in the list of objects at `key`. A list that says more than they do stays as it is."""
        value = self.rest.get(key)
        items: JsonValue = [value] if isinstance(value, dict) else value
        if not isinstance(items, list):
            if not _says_nothing(value):
                self.warn(key, value)
            return []
        found = []
        said_all = True
        for item in self.bounded(items):
            members = Fields(dict(item), self.generator, self.log) if isinstance(item, dict) else None
            claim = read(members) if members is not None else None
            if claim is None:
                self.warn(key, item)
            else:
                found.append(claim)
            said_all = said_all and claim is not None and members is not None and not members.left()
        if said_all:
            del self.rest[key]
        return found

    def bounded(self, items: list[JsonValue]) -> list[JsonValue]:
        """The items of a list of resources, as many as the limit allows."""
        limit = self.log.limits.resources
        if len(items) > limit:
            self.log.limit("resources", f"{self.generator}: a list of {len(items)} resources is cut")
        return items[:limit]

    def warn(self, key: str, value: object) -> None:
        """Say that a value does not fit its field."""
        self.log.add("bad-value", f"{self.generator}: {key[:80]}: this {type(value).__name__} does not fit")

    def left(self) -> JsonObject:
        """What no field took, without nulls and empty texts; a key that is one of the schema's is marked."""
        left = self._plain()
        if SCHEMA_KEYS.isdisjoint(left):
            return left
        return {f"{self.generator}:{key}" if key in SCHEMA_KEYS else key: value for key, value in left.items()}

    def _plain(self) -> JsonObject:
        left: JsonObject = {key: value for key, value in self.rest.items() if value is not None and value != ""}
        for key, child in self._children.items():
            members = child._plain()
            if members:
                left[key] = members
        return left

    def _fill_sampler(self, finding: Finding, keys: Keys) -> None:
        name = self.take(to_name, *keys.get("sampler", ()))
        scheduler = self.take(to_name, *keys.get("scheduler", ()))
        finding.sampler, finding.scheduler = canonical_sampler(name, scheduler)

    def _pair_size(self, widths: Iterable[str], heights: Iterable[str]) -> str | None:
        for width, height in zip(widths, heights, strict=False):
            size = paired_size(to_int(self.rest.get(width)), to_int(self.rest.get(height)))
            if size is not None:
                del self.rest[width], self.rest[height]
                return size
        return None


def _says_nothing(value: object) -> bool:
    if isinstance(value, str):
        word = value.strip().casefold()
        return is_no_name(word) or word == str(RANDOM_SEED) or word.startswith(_NO_HASH)
    return value is None or value == RANDOM_SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: how its object is recognised and what its keys mean."""

    generator: str
    markers: tuple[frozenset[str], ...] = ()
    """Sets of keys; an object that has all of one set is this tool's."""
    chunk: str | None = None
    """Key, case folded, of a text that only this tool writes."""
    signature: tuple[str, str] | None = None
    """(key, word): a text at `key` that holds `word`, compared by letters and digits only, tells it too."""
    keys: Keys
    inner: str | None = None
    """Key of an object (or of its JSON text) whose members stand beside those around it."""
    refine: Callable[[Fields, Finding, Bundle], None] | None = None
    """What the table cannot say: lists of resources, words of other texts of the file."""

    def recognises(self, data: JsonObject, candidate_key: str) -> bool:
        """Whether the object, found under that key, is one of this tool."""
        if candidate_key and candidate_key == self.chunk:
            return True
        names = data.keys()
        return any(names >= marker for marker in self.markers) or self._signed(data)

    def _signed(self, data: JsonObject) -> bool:
        if self.signature is None:
            return False
        key, word = self.signature
        value = data.get(key)
        return isinstance(value, str) and word in "".join(filter(str.isalnum, value[:80])).casefold()

    def read(self, data: JsonObject, candidate: Candidate, bundle: Bundle) -> Finding:
        """The finding of an object that is one of this tool."""
        fields = Fields(self._flat(data, bundle.log), self.generator, bundle.log)
        finding = Finding(generator=self.generator, kind=Kind.STRUCTURED, text=candidate.text)
        fields.fill(finding, self.keys)
        if self.refine is not None:
            self.refine(fields, finding, bundle)
        finding.other = fields.left()
        return finding

    def _flat(self, data: JsonObject, log: Ledger) -> JsonObject:
        if self.inner is None:
            return dict(data)
        value = data.get(self.inner)
        if isinstance(value, str) and looks_like_object(value):
            value = load_object(value, log, f"{self.generator}: {self.inner}")
        if not isinstance(value, dict):
            return dict(data)
        around = {key: item for key, item in data.items() if key != self.inner}
        clashes = {f"{self.generator}:{key}": around.pop(key) for key in value if key in around}
        return {**value, **around, **clashes}


def parse(bundle: Bundle, tools: Sequence[Tool]) -> list[Finding]:
    """The findings of all texts that are an object of one of `tools`; the first that recognises it has it."""
    findings = []
    for candidate in bundle.unclaimed():
        if candidate.claimed or not candidate.is_object or candidate.key in GRAPH_KEYS:  # a tool may take several texts
            continue
        data = candidate.json_object()
        tool = next((tool for tool in tools if tool.recognises(data, candidate.key)), None) if data else None
        if tool is not None and data is not None:
            candidate.claimed = True
            findings.append(tool.read(data, candidate, bundle))
    return findings
