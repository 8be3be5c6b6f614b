"""The settings of one sampling pass, on the sampler or on the nodes that drive it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from extractor.finding import Finding
from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.choices import SAMPLERS
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.traversal import Walk
from extractor.parsers.comfyui.values import nearest, scalar
from extractor.text.coerce import to_int, to_number, to_text
from extractor.text.jsontext import JsonValue
from extractor.vocabulary.samplers import canonical_sampler

SAMPLER_OBJECTS: Final = {
    "SamplerEulerAncestral": "euler_ancestral",
    "SamplerEulerAncestralCFGPP": "euler_ancestral_cfg_pp",
    "SamplerEulerCFGpp": "euler_cfg_pp",
    "SamplerDPMPP_2M_SDE": "dpmpp_2m_sde",
    "SamplerDPMPP_3M_SDE": "dpmpp_3m_sde",
    "SamplerDPMPP_SDE": "dpmpp_sde",
    "SamplerDPMPP_2S_Ancestral": "dpmpp_2s_ancestral",
    "SamplerDPMAdaptative": "dpm_adaptive",
    "SamplerLMS": "lms",
    "SamplerLCMUpscale": "lcm",
    "SamplerER_SDE": "er_sde",
    "SamplerSASolver": "sa_solver",
    "SamplerSEEDS2": "seeds_2",
}
"""Nodes that are one sampler each and store no name."""
SIGMA_OBJECTS: Final = {
    "KarrasScheduler": "karras",
    "ExponentialScheduler": "exponential",
    "PolyexponentialScheduler": "polyexponential",
    "BetaSamplingScheduler": "beta",
}
"""Nodes that are one scheduler each."""


def _positive(value: JsonValue) -> int | float | None:
    number = to_number(value)
    return number if number is not None and number > 0 else None


def _clip_skip(value: JsonValue) -> int | None:
    """``-2`` (layers from the end) and ``2`` are both clip skip 2; 0 says nothing."""
    layer = to_int(value)
    return abs(layer) if layer else None


def _steps_of_sigmas(value: JsonValue) -> int | None:
    """A written-out schedule ``1.0, 0.5, 0.0`` has one step less than numbers."""
    if not isinstance(value, str):
        return None
    numbers = value.replace(";", ",").split(",")
    if len(numbers) < 2 or any(to_number(number) is None for number in numbers):
        return None
    return len(numbers) - 1


_MODEL_LINKS: Final = frozenset((*keys.MODELS, *keys.PIPES))
_FUNCTION: Final = "sample_"
"""What the names of samplers' functions begin with."""
_CLIP_LINKS: Final = keys.CONDITIONING_LINKS | keys.CLIP_LINKS
_SAMPLER_INPUTS: Final = keys.SAMPLER_LINKS | frozenset(keys.SAMPLER)
_SETTINGS: Final[dict[str, tuple[tuple[str, ...], frozenset[str], Callable[[JsonValue], Any]]]] = {
    "seed": (keys.SEED, keys.NOISE_LINKS, to_int),
    "steps": (keys.STEPS, keys.SIGMA_LINKS, to_int),
    "cfg": (keys.CFG, keys.GUIDER_LINKS, to_number),
    "sampler": (keys.SAMPLER, keys.SAMPLER_LINKS, to_text),
    "scheduler": (keys.SCHEDULER, keys.SIGMA_LINKS, to_text),
    "denoise": (keys.DENOISE, keys.SIGMA_LINKS, to_number),
    "guidance": (keys.GUIDANCE, keys.CONDITIONING_LINKS, _positive),
    "shift": (keys.SHIFT, _MODEL_LINKS, to_number),
    "clip skip": (keys.CLIP_SKIP, _CLIP_LINKS, _clip_skip),
}
"""Setting -> the inputs it stands in, the links behind which it stands else, and its type."""


def read_settings(walk: Walk, sampler: Node, finding: Finding) -> None:
    """Take the settings of the pass that `sampler` makes into the finding."""
    found = settings_of(walk, sampler)
    finding.seed = found["seed"]
    finding.steps = found["steps"]
    if finding.steps is None and "sigmas" in walk.graph.names:
        finding.steps = nearest(walk, sampler, ("sigmas",), keys.SIGMA_LINKS, _steps_of_sigmas)
    scheduler = found["scheduler"] or _object(walk, sampler, keys.SIGMA_LINKS, SIGMA_OBJECTS)
    name = found["sampler"] or _sampler_without_name(walk, sampler)
    finding.sampler, finding.scheduler = canonical_of(name, scheduler)
    finding.denoise = found["denoise"]
    finding.clip_skip = found["clip skip"]
    cfg, guidance, shift = found["cfg"], found["guidance"], found["shift"]
    # Distilled guidance (Flux and its kin) has to serve where there is no other.
    finding.cfg_scale = guidance if cfg is None else cfg
    if guidance is not None and cfg is not None:
        finding.other["guidance"] = guidance
    if shift is not None:
        finding.other["shift"] = shift


def canonical_of(name: str | None, scheduler: str | None) -> tuple[str | None, str | None]:
    """`canonical_sampler`, also for functions' names (``sample_dpmpp_2m``)."""
    return canonical_sampler(name if name is None else name.strip().removeprefix(_FUNCTION), scheduler)


def sampler_word(walk: Walk, node: Node) -> str | None:
    """The name of a sampler on a node, also under names such as ``sampler_main``."""
    name = scalar(walk, node, keys.SAMPLER, to_text)
    if name is not None:
        return name
    others = (to_text(node.literal(key)) for key in node.inputs if "sampler" in key.lower())
    return next((word for word in others if word in SAMPLERS), None)


def settings_of(walk: Walk, sampler: Node) -> dict[str, Any]:
    """The settings of a pass as they are written, by their names in `_SETTINGS`."""
    found = {}
    inputs, names = sampler.inputs, walk.graph.names
    for setting, (widgets, through, convert) in _SETTINGS.items():
        value = None
        for widget in widgets:
            if widget in inputs:
                value = convert(inputs[widget])
                break
        if value is None and not names.isdisjoint(widgets):
            value = nearest(walk, sampler, widgets, through, convert)
        found[setting] = value
    return found


def _sampler_without_name(walk: Walk, sampler: Node) -> str | None:
    if not _SAMPLER_INPUTS.isdisjoint(sampler.inputs):
        return _object(walk, sampler, keys.SAMPLER_LINKS, SAMPLER_OBJECTS) or sampler_word(walk, sampler)
    # Samplers of wrapped video models have one widget for both, called scheduler.
    return sampler_word(walk, sampler) or scalar(walk, sampler, keys.SCHEDULER, to_text)


def _object(walk: Walk, sampler: Node, through: frozenset[str], names: dict[str, str]) -> str | None:
    """The name that the class of a node upstream stands for."""
    nodes = walk.nearest_first(sampler, lambda _, node: [link for key, link in node.links.items() if key in through])
    return next((names[node.kind] for node in nodes if node.kind in names), None)
