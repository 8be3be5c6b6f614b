"""A file opened for rewriting: its holdings, the texts in them, and what of those is generation data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib import import_module
from typing import Final, NamedTuple

from extractor.containers.kinds import HEAD, sniff
from extractor.embedded import XMP_PACKET, Carrier, Embedded, Text
from extractor.errors import UnsupportedFormatError
from extractor.extraction.given import Source, opened
from extractor.files.bytesource import ByteSource
from extractor.finding import Finding, Kind
from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS, Limits
from extractor.merging.merge import merge_findings
from extractor.parsers.comfyui.graph import looks_like_graph
from extractor.parsers.registry import find
from extractor.parsers.tools.easydiffusion import LABELS
from extractor.readers.blocks.exif import TAG_NAMES
from extractor.readers.blocks.registry import BlockKind, read_block
from extractor.readers.registry import read_embedded
from extractor.text.jsontext import JsonObject, JsonValue, dump_json, load_object, looks_like_object
from extractor.writers.exif import ARTIST, GENERATOR_ARTIST, SOFTWARE
from extractor.writers.holdings import Editor

_EDITORS: Final = {
    "png": ("png", "PngEditor"),
    "jpeg": ("jpeg", "JpegEditor"),
    "webp": ("webp", "WebpEditor"),
    "gif": ("gif", "GifEditor"),
    "avif": ("heif", "AvifEditor"),
    "heic": ("heif", "HeicEditor"),
    "jxl": ("jxl", "JxlEditor"),
}
"""Container -> (module of this package, its class). Loaded on first use."""
_BLOCKS: Final[dict[str, BlockKind]] = {"exif": "exif", "xmp": "xmp", "iptc": "photoshop"}
_IPTC_BLOCK: Final = b"\x1c"
TAG_NUMBERS: Final = {name: number for number, name in TAG_NAMES.items()}
GRAPH_KEYS: Final = ("prompt", "workflow")
_LABEL: Final = 40
_COMPANIONS: Final = {
    "novelai": ("Title", "Description", "Software", "Source", "Generation time"),
    "easy-diffusion": LABELS,
    "midjourney": ("Author",),
    "stability-matrix": ("smproj",),
}
"""Generator -> keywords of chunks that say something only beside its own."""
_MARKS: Final = ARTIST, SOFTWARE
"""Tags of a picture with the mark of Civitai's generator that speak of that one alone."""
_ROUNDS: Final = 16
"""Times that the texts are parsed again without those that were found to be generation data."""


class Located(NamedTuple):
    """One text and the holding it stands in."""

    text: Text
    holding: int
    tag: int | None = None
    """Number of the EXIF tag."""


class Contents:
    """One file."""

    def __init__(self, source: ByteSource, limits: Limits) -> None:
        """Raises `UnsupportedFormatError` for files that are not written to, and what their editors raise."""
        self.source = source
        self.limits = limits
        log = Ledger(limits)
        self.editor = _opened(source, log)
        self.holdings = self.editor.holdings
        self.located = [item for index in range(len(self.holdings)) for item in self._texts(index)]
        self.graphs = graph_texts((item.text for item in self.located), limits)
        """Texts that are a graph of ComfyUI, executed or the editor's."""

    def _texts(self, index: int) -> list[Located]:
        holding = self.holdings[index]
        container = self.editor.container
        if holding.kind == "text":
            _, place, *_ = holding.place.split(":", 2)
            carrier = Carrier.CHUNK if holding.key else Carrier.COMMENT
            return [Located(Text(container, place, holding.key, holding.value, carrier), index)]
        kind = _BLOCKS.get(holding.kind)
        if kind is None:
            return []
        if kind == "photoshop" and holding.data.startswith(_IPTC_BLOCK):
            kind = "iptc"
        embedded = Embedded(container, "")
        read_block(kind, holding.data, embedded, Ledger(self.limits))
        located = [Located(text, index, _tag(text) if kind == "exif" else None) for text in embedded.texts]
        if holding.form:  # a block that is written down as a text, which readers have as such too
            place = holding.place.split(":", 2)[1]
            located.append(Located(Text(container, place, holding.key, holding.value, Carrier.CHUNK), index))
        return located

    def generation(self) -> list[Located]:
        """The texts that are generation data, but for graphs, and the mark of the generator that wrote them."""
        found = generation_texts([item.text for item in self.located], self.graphs, self.limits)
        is_marked = any(item.tag == ARTIST and item.text.value == GENERATOR_ARTIST for item in self.located)
        marks = _MARKS if is_marked else ()
        return [item for item in self.located if item.text in found or item.tag in marks]


def findings_of(texts: Iterable[Text], limits: Limits) -> list[Finding]:
    """What the parsers make of texts; what they warn of is said when the file is read, not when it is written to."""
    return find(list(texts), Ledger(limits))


def meta_of(texts: Iterable[Text], limits: Limits) -> JsonObject:
    """The meta object that a file with these texts has; empty for none."""
    return merge_findings(findings_of(texts, limits), Ledger(limits)).meta or {}


def graph_texts(texts: Iterable[Text], limits: Limits) -> set[Text]:
    """Those that are a graph of ComfyUI, executed or the editor's."""
    return {text for text in texts if graphs_in(text.value, limits)}


def generation_texts(texts: list[Text], graphs: Collection[Text], limits: Limits) -> set[Text]:
    """Those that are generation data, but for graphs: taken away one after another until none is found."""
    left, taken = texts, set[Text]()
    for _ in range(_ROUNDS):
        findings = [
            finding
            for finding in findings_of(left, limits)
            if finding.kind is not Kind.GRAPH and finding.text not in graphs
        ]
        if not findings:
            break
        companions = companions_of(findings)
        found = {finding.text for finding in findings}
        beside = {text for text in left if text.key in companions and text.carrier is Carrier.CHUNK}
        found |= beside.difference(graphs)
        taken |= found
        left = [text for text in left if text not in found]
    return taken


def companions_of(findings: Iterable[Finding]) -> set[str]:
    """Keywords of the chunks that stand beside those that gave these findings."""
    return {key for finding in findings for key in _COMPANIONS.get(finding.generator, ())}


def is_outranking(texts: Iterable[Text], limits: Limits) -> bool:
    """Whether one of the texts would be believed over an infotext beside it."""
    return any(
        finding.kind is Kind.STRUCTURED or (finding.kind is Kind.GRAPH and finding.saver_defaults is not None)
        for finding in findings_of(texts, limits)
    )


def is_stale(block: bytes, tags: Collection[int], values: Collection[int], limits: Limits) -> bool:
    """Whether an edited block still has one of these tags somewhere, but once those that were given values."""
    embedded = Embedded("exif", "")
    read_block("exif", block, embedded, Ledger(limits))
    found = [_tag(text) for text in embedded.texts]
    return any(found.count(tag) > (tag in values) for tag in tags)


def _opened(source: ByteSource, log: Ledger) -> Editor:
    container = sniff(source.read_at(0, HEAD))
    if container is None:
        raise UnsupportedFormatError("not an image of a known kind")
    if container not in _EDITORS:
        raise UnsupportedFormatError(f"{container} files are not written to")
    module, name = _EDITORS[container]
    editor: Editor = getattr(import_module(f"extractor.writers.{module}"), name)(source, log)
    return editor


def _tag(text: Text) -> int | None:
    """The number of the tag whose text this is; None for what stands in a packet inside of a tag."""
    if text.place != "exif":
        return None
    number = TAG_NUMBERS.get(text.key)
    return int(text.key, 16) if number is None and text.key.startswith("0x") else number


def graphs_in(value: str, limits: Limits) -> dict[str, str]:
    """``prompt`` and ``workflow`` -> JSON of the executed and the editor's graph in a text.

    A text may be one of them, with or without a label before it, or an object that holds both.
    """
    log = Ledger(limits)
    plain = unlabelled(value)
    members = load_object(plain, log, "graph") if looks_like_object(plain) else None
    if members is None:
        return {}
    if looks_like_graph(members):
        return {"prompt": plain}
    if _is_workflow(members):
        return {"workflow": plain}
    inner = {key: _object(members.get(key), log) for key in GRAPH_KEYS}
    if inner["prompt"] is None or not looks_like_graph(inner["prompt"]):
        return {}
    return {key: dump_json(graph) for key, graph in inner.items() if graph is not None}


def _object(value: JsonValue, log: Ledger) -> JsonObject | None:
    """A member that is an object, or the JSON text of one."""
    if isinstance(value, str):
        return load_object(value, log, "graph") if looks_like_object(value) else None
    return value if isinstance(value, dict) else None


def _is_workflow(members: JsonObject) -> bool:
    nodes = members.get("nodes")
    return isinstance(nodes, list) and any(isinstance(node, dict) and "type" in node for node in nodes)


def unlabelled(value: str) -> str:
    """The text without the label of a graph (``prompt:{...}``)."""
    head, colon, _ = value[:_LABEL].partition(":")
    return value[len(head) + 1 :].lstrip() if colon and head.isalpha() else value


def is_packet(text: Text) -> bool:
    """Whether it is a whole XMP packet, whose properties are texts of their own."""
    return text.key == XMP_PACKET


def infotext_of(source: Source, limits: Limits = DEFAULT_LIMITS) -> str | None:
    """The infotext of a file as it stands there; None when it has none. Raises as `extract` does."""
    with opened(source, limits) as file:
        texts = read_embedded(file.bytes, Ledger(limits)).texts
    found = (finding.text.value for finding in findings_of(texts, limits) if finding.kind is Kind.INFOTEXT)
    return next(found, None)
