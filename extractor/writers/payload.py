"""What is copied from one image to another, in the form that the new container has room for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from extractor.embedded import Carrier, Text
from extractor.finding import Kind
from extractor.limits import Limits
from extractor.record import Meta
from extractor.text.jsontext import JsonObject, dump_json
from extractor.writers.contents import (
    TAG_NUMBERS,
    companions_of,
    findings_of,
    generation_texts,
    graph_texts,
    graphs_in,
    is_packet,
)
from extractor.writers.exif import ARTIST, GENERATOR_ARTIST, SOFTWARE
from extractor.writers.infotext import format_infotext

PARAMETERS: Final = "parameters"
"""Keyword of an infotext in PNG."""
_XMP_COMPANIONS: Final = ("xmp:CreatorTool", "dc:description")


@dataclass(slots=True)
class Payload:
    """What is to be written."""

    chunks: list[tuple[str, str]] = field(default_factory=list)
    """(keyword, text) for containers that have keywords."""
    comment: str | None = None
    """A text for the UserComment, or for a comment."""
    graphs: dict[str, str] = field(default_factory=dict)
    """``prompt`` and ``workflow`` -> JSON."""
    marks: dict[int, str] = field(default_factory=dict)
    """EXIF tags that name the generator."""
    xmp: list[Text] = field(default_factory=list)
    """Properties for an XMP packet."""

    def texts(self, container: str, *, has_exif: bool) -> list[Text]:
        """What a reader of the new file will find of it."""
        found = [Text(container, "tEXt", key, text, Carrier.CHUNK) for key, text in self.chunks]
        place = ("exif", Carrier.EXIF) if has_exif else ("comment", Carrier.COMMENT)
        if self.comment is not None:
            found.append(Text(container, place[0], "UserComment" if has_exif else "", self.comment, place[1]))
        if container == "png":
            found += [Text(container, "tEXt", key, graph, Carrier.CHUNK) for key, graph in self.graphs.items()]
        else:
            labels = {"workflow": "Make", "prompt": "Model"} if has_exif else {}
            found += [
                Text(container, place[0], labels.get(key, ""), f"{key}:{graph}", place[1])
                for key, graph in self.graphs.items()
            ]
        found += [text._replace(container=container) for text in self.xmp]
        names = {ARTIST: "Artist", SOFTWARE: "Software"}
        return found + [Text(container, "exif", names[tag], text, Carrier.EXIF) for tag, text in self.marks.items()]


def payloads(texts: list[Text], wanted: JsonObject, container: str, limits: Limits) -> Iterator[Payload]:
    """Ways to write what these texts say, the most faithful first."""
    graphs: dict[str, str] = {}
    for text in texts:
        if not _is_civitai_record(text, limits):
            graphs = graphs_in(text.value, limits) | graphs
    yield _verbatim(texts, graphs, container, limits)
    infotext = format_infotext(Meta.model_validate(wanted))
    said = Payload(chunks=[(PARAMETERS, infotext)]) if container == "png" else Payload(comment=infotext)
    yield replace(said, graphs=graphs)
    yield said


def _is_civitai_record(text: Text, limits: Limits) -> bool:
    """Whether a text is a graph with more in it than a graph: that of Civitai's own pictures, in a UserComment."""
    return text.key == "UserComment" and "prompt" in graphs_in(text.value, limits) and '"extra' in text.value


def _chunks(texts: Iterable[Text], believed: list[Text], limits: Limits) -> list[tuple[str, str]]:
    """(keyword, text) of the chunks of a PNG that hold no graph, each keyword once: of several, what is believed."""
    chunks: dict[str, str] = {}
    for text in (*texts, *believed):
        if text.carrier is Carrier.CHUNK and text.container == "png" and not graphs_in(text.value, limits):
            chunks[PARAMETERS if text.key.casefold() == PARAMETERS else text.key] = text.value
    return list(chunks.items())


def _verbatim(texts: list[Text], graphs: dict[str, str], container: str, limits: Limits) -> Payload:
    """The texts as they stand, under the names that they have, or where readers look for such texts here."""
    payload = Payload(graphs=graphs)
    generation = generation_texts(texts, graph_texts(texts, limits), limits)
    findings = sorted(findings_of(texts, limits), key=lambda finding: finding.kind)
    infotexts = [finding.text for finding in findings if finding.kind is Kind.INFOTEXT]
    blocks = [finding.text for finding in findings if finding.kind not in (Kind.INFOTEXT, Kind.GRAPH)]
    records = [text for text in texts if _is_civitai_record(text, limits)]
    companions = companions_of(findings)
    believed = [finding.text for finding in reversed(findings)]
    chunks = _chunks((text for text in texts if text.key in companions or text in generation), believed, limits)
    if container == "png":
        payload.chunks = chunks
        if infotexts and not any(text.carrier is Carrier.CHUNK for text in infotexts):
            payload.chunks.append((PARAMETERS, infotexts[0].value))
    elif companions and len(chunks) > 1:
        payload.comment = dump_json(dict(chunks))  # as NovelAI itself does where there are no keywords
    xmp = [text for text in texts if text.place == "xmp" and not is_packet(text)]
    if any(text in xmp for text in blocks):
        payload.xmp = [text for text in xmp if text in generation or text.key in _XMP_COMPANIONS]
    comments = [text for text in (*records, *infotexts, *blocks) if text not in payload.xmp]
    if payload.comment is None and not payload.chunks and comments:
        payload.comment = comments[0].value.strip("\0")
    if any(text.key == "Artist" and text.value == GENERATOR_ARTIST for text in texts):
        tags = [text for text in texts if text.key in ("Artist", "Software") and text.place == "exif"]
        payload.marks = {TAG_NUMBERS[text.key]: text.value for text in tags}
    return payload
