"""ComfyUI: the executed graph of a file, read from the saved picture up to what made it."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Final

from extractor.finding import Finding, Kind, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui.collect import AIR, Collected, decoding_vae
from extractor.parsers.comfyui.gather import gather, gather_texts
from extractor.parsers.comfyui.graph import build_graph
from extractor.parsers.comfyui.models import model_names
from extractor.parsers.comfyui.picture import Passes, find_passes, find_savers, has_words
from extractor.parsers.comfyui.sampling import read_settings, settings_of
from extractor.parsers.comfyui.savers import saver_defaults
from extractor.parsers.comfyui.size import generation_size
from extractor.parsers.comfyui.stored import StoredGraph, stored_graphs
from extractor.parsers.comfyui.text import TextReader
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.wording import Side, Wording
from extractor.parsers.comfyui.workflow import Widgets
from extractor.parsers.tools.civitai import mark_on_site
from extractor.text.coerce import to_prompt
from extractor.text.jsontext import JsonObject

GENERATOR: Final = "comfyui"

__all__ = ["parse"]


def parse(bundle: Bundle) -> list[Finding]:
    """One finding for each executed graph among the texts of a file (or for the editor's where there is none).

    A graph is recognised by its shape, wherever it stands (PNG ``prompt``, labelled EXIF tags, an object with
    ``prompt`` and ``workflow``, XMP, tags of videos, Civitai's on-site JSON). It gives the fields of the base
    pass of the saved picture, and the resources of all that lies upstream of it.
    """
    findings = []
    steps = 0
    for stored in stored_graphs(bundle):
        graph = build_graph(stored.members, bundle.log, stored.opaque or frozenset())
        if graph is not None:
            walk = Walk(graph, bundle.log, Widgets(stored.workflow), steps)
            findings.append(_read(stored, walk, bundle.size))
            steps = walk.steps
    return mark_on_site(findings, bundle)


def _read(stored: StoredGraph, walk: Walk, size: tuple[int, int]) -> Finding:
    savers = find_savers(walk.graph)
    reader = TextReader(walk)
    pictures = find_passes(walk, savers)
    if stored.opaque is not None:
        walk.log.add("editor-graph", "the graph is what stood in the editor, which may not be what ran")
        said = [_read_picture(stored, walk, reader, passes) for passes in pictures or (None,)]
        return _agreed(said)
    finding = _read_picture(stored, walk, reader, _saved_here(walk, reader, pictures, size))
    finding.saver_defaults = saver_defaults(walk.graph, savers)
    return finding


def _agreed(said: list[Finding]) -> Finding:
    """What is the same for all pictures that a graph would make."""
    first = said[0]
    for item in fields(Finding):
        if any(getattr(other, item.name) != getattr(first, item.name) for other in said):
            setattr(first, item.name, None if item.default_factory is MISSING else item.default_factory())
    return first


def _read_picture(stored: StoredGraph, walk: Walk, reader: TextReader, passes: Passes | None) -> Finding:
    kind = Kind.GRAPH if stored.opaque is None else Kind.EDITOR
    finding = Finding(generator=GENERATOR, kind=kind, text=stored.candidate.text)
    collected = Collected(walk, reader, AIR in stored.candidate.value)
    if passes is not None:
        if passes.base is not None:
            _read_base(finding, walk, reader, passes)
            if finding.prompt is None and not has_words(walk, passes.base):
                gather_texts(walk, reader, passes.root, finding)
            _read_models(finding, walk, passes, collected)
        else:
            gather(walk, reader, passes.root, finding)
        _read_resources(finding, walk, passes, collected)
    _read_airs(stored.members, collected)
    finding.civitai_resources = list(collected.civitai.values())
    return finding


def _saved_here(walk: Walk, reader: TextReader, pictures: list[Passes], size: tuple[int, int]) -> Passes | None:
    """Of the pictures that a graph saves, the one in this file: by its size, else the one with most passes."""
    if len(pictures) < 2:
        return pictures[0] if pictures else None
    wanted = f"{size[0]}x{size[1]}"
    fitting = [passes for passes in pictures if wanted in _sizes(walk, passes)] or pictures
    if len(fitting) > 1 and len({_values(walk, reader, passes) for passes in fitting}) > 1:
        walk.log.add("several-pictures", "the graph saves several pictures; which of them this is, is not certain")
    return fitting[0]


def _sizes(walk: Walk, passes: Passes) -> tuple[str | None, ...]:
    """The size of the picture when it is saved, and that of its first pass."""
    return () if passes.base is None else (generation_size(walk, passes.root), generation_size(walk, passes.base))


def _values(walk: Walk, reader: TextReader, passes: Passes) -> str:
    """All that a base pass says, to be compared."""
    if passes.base is None:
        return ""
    texts = [reader.of_sampler(passes.base, side).joined() for side in (Side.POSITIVE, Side.NEGATIVE)]
    return repr((texts, settings_of(walk, passes.base)))


def _read_base(finding: Finding, walk: Walk, reader: TextReader, passes: Passes) -> None:
    base = passes.base
    if base is None:
        return
    finding.prompt = _prompt(walk, reader.of_sampler(base, Side.POSITIVE), "prompt")
    finding.negative_prompt = _prompt(walk, reader.of_sampler(base, Side.NEGATIVE), "negative prompt")
    read_settings(walk, base, finding)
    finding.size = generation_size(walk, base)


def _prompt(walk: Walk, wording: Wording, what: str) -> str | None:
    if not wording.stored:
        walk.log.add("prompt-not-stored", f"part or all of the {what} was made at run time and is not in the graph")
    return to_prompt(wording.joined())


def _read_models(finding: Finding, walk: Walk, passes: Passes, collected: Collected) -> None:
    if passes.base is None:
        return
    model, further = model_names(walk, passes.base, passes.samplers)
    if model is not None and not collected.add_air(model):
        finding.model = model
    for name in further:
        collected.add("model", name)


def _read_resources(finding: Finding, walk: Walk, passes: Passes, collected: Collected) -> None:
    said = [text for text in (finding.prompt, finding.negative_prompt) if text]
    collected.from_nodes(passes.root, said)
    collected.embeddings(said)
    vae = decoding_vae(walk, passes.root)
    if vae is not None and not collected.add_air(vae):
        finding.vae = vae
    finding.resources = _each_once(collected.claims)


def _each_once(claims: list[ResourceClaim]) -> list[ResourceClaim]:
    """Claims of one type, name and weight, once: two loaders may hold the same file."""
    if len(claims) < 2:
        return claims
    seen = {(claim.type, claim.name, claim.weight, claim.strength_clip): claim for claim in reversed(claims)}
    return list(seen.values())[::-1]


def _read_airs(members: JsonObject, collected: Collected) -> None:
    """The list of AIRs that Civitai's generator puts beside the nodes."""
    extra = members.get("extra")
    if isinstance(extra, dict):
        collected.from_json(extra.get("airs"))
