"""Pictures of nodes that hide what they do from each other: every fact that stands only once on their way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from extractor.finding import Finding
from extractor.parsers.comfyui import keys, textkeys
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.models import usable_name
from extractor.parsers.comfyui.picture import picture_links
from extractor.parsers.comfyui.sampling import canonical_of, sampler_word
from extractor.parsers.comfyui.strings import makes_text_at_run_time, names_prompt
from extractor.parsers.comfyui.switches import all_links
from extractor.parsers.comfyui.text import TextReader, sided_inputs
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.values import scalar
from extractor.parsers.comfyui.wording import Side, Wording
from extractor.text.coerce import to_int, to_number, to_prompt, to_text
from extractor.text.jsontext import JsonValue

_SETTINGS: Final[dict[str, tuple[tuple[str, ...], Callable[[JsonValue], Any]]]] = {
    "seed": (keys.SEED, to_int),
    "steps": (keys.STEPS, to_int),
    "cfg": (keys.CFG, to_number),
    "denoise": (keys.DENOISE, to_number),
    "scheduler": (keys.SCHEDULER, to_text),
}
_ENOUGH_SETTINGS: Final = 2
_EVIDENCE: Final = ("seed", "steps", "cfg", "sampler")
"""So many of these show that a picture was made, and not only loaded."""


def gather(walk: Walk, reader: TextReader, root: Node, finding: Finding) -> None:
    """Take into the finding what is said once by the nodes that the saved picture comes from."""
    nodes = _upstream(walk, root)
    found = {name: _only(scalar(walk, node, *setting) for node in nodes) for name, setting in _SETTINGS.items()}
    found["sampler"] = _only(sampler_word(walk, node) for node in nodes)
    if sum(found[name] is not None for name in _EVIDENCE) < _ENOUGH_SETTINGS:
        return
    finding.seed, finding.steps, finding.cfg_scale = found["seed"], found["steps"], found["cfg"]
    finding.denoise = found["denoise"]
    finding.sampler, finding.scheduler = canonical_of(found["sampler"], found["scheduler"])
    finding.model = _only(usable_name(scalar(walk, node, keys.CHECKPOINT_NAMES, to_text)) for node in nodes)
    _gather_texts(reader, nodes, finding)


def gather_texts(walk: Walk, reader: TextReader, root: Node, finding: Finding) -> None:
    """The same of the prompts only, for a pass to which none are wired under a name that says so."""
    _gather_texts(reader, _upstream(walk, root), finding)


def _gather_texts(reader: TextReader, nodes: list[Node], finding: Finding) -> None:
    sides = [sided_inputs(node) for node in nodes]
    positive, negative = (
        [reader.input(node, key, side) for node, names in zip(nodes, sides, strict=True) for key in names[place]]
        for place, side in enumerate((Side.POSITIVE, Side.NEGATIVE))
    )
    if finding.negative_prompt is None:
        finding.negative_prompt = _only_text(negative)
    finding.prompt = _only_text(positive or _of_no_side(reader, nodes, sides))


def _upstream(walk: Walk, root: Node) -> list[Node]:
    seen: set[str] = set()
    found = []
    for link in picture_links(walk, root):
        found += [node for node, _ in walk.sources_first(walk.node(link), all_links, seen)]
    return [node for node in found if not node.is_saver]


def _of_no_side(reader: TextReader, nodes: list[Node], sides: list[tuple[list[str], list[str]]]) -> list[Wording]:
    """The texts under names of prompts, but for those that are wired to an input of a side."""
    used = {
        node.links[key][0]
        for node, names in zip(nodes, sides, strict=True)
        for key in (*names[0], *names[1])
        if key in node.links
    }
    return [
        reader.input(node, key, Side.POSITIVE)
        for node in nodes
        if node.id not in used and not makes_text_at_run_time(node)
        for key in node.inputs
        if key in textkeys.PROMPT_NAMES or names_prompt(key)
    ]


def _only(values: Iterable[Any]) -> Any:
    """The one value that is there."""
    found = {value for value in values if value is not None}
    return found.pop() if len(found) == 1 else None


def _only_text(wordings: list[Wording]) -> str | None:
    if not all(wording.stored for wording in wordings):
        return None
    return to_prompt(_only(text for wording in wordings if not wording.number and (text := wording.joined())))
