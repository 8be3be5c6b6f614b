"""ComfyUI: the executed graph of a file, read from the saved picture up to what made it."""

from __future__ import annotations

from typing import Final

from extractor.finding import Finding, Kind, ResourceClaim
from extractor.parsers.bundle import Bundle
from extractor.parsers.comfyui.collect import AIR, Collected, decoding_vae
from extractor.parsers.comfyui.graph import build_graph
from extractor.parsers.comfyui.models import model_names
from extractor.parsers.comfyui.picture import Passes, find_passes, find_savers
from extractor.parsers.comfyui.sampling import read_settings
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
    """One finding for each executed graph among the texts of a file, whoever else reads the same text.

    A graph is recognised by its shape, wherever it stands (PNG ``prompt``, labelled EXIF tags, an object with
    ``prompt`` and ``workflow``, XMP, tags of videos, Civitai's on-site JSON). It gives the fields of the base
    pass of the saved picture, and the resources of all that lies upstream of it.
    """
    findings = []
    steps = 0
    for stored in stored_graphs(bundle):
        graph = build_graph(stored.members, bundle.log)
        if graph is not None:
            walk = Walk(graph, bundle.log, Widgets(stored.workflow), steps)
            findings.append(_read(stored, walk))
            steps = walk.steps
    return mark_on_site(findings, bundle)


def _read(stored: StoredGraph, walk: Walk) -> Finding:
    finding = Finding(generator=GENERATOR, kind=Kind.GRAPH, text=stored.candidate.text)
    savers = find_savers(walk.graph)
    finding.saver_defaults = saver_defaults(walk.graph, savers)
    reader = TextReader(walk)
    passes = find_passes(walk, savers)
    collected = Collected(walk, reader, AIR in stored.candidate.value)
    if passes is not None:
        if passes.base is not None:
            _read_base(finding, walk, reader, passes)
            _read_models(finding, walk, passes, collected)
        _read_resources(finding, walk, passes, collected)
    _read_airs(stored.members, collected)
    finding.civitai_resources = list(collected.civitai.values())
    return finding


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
