"""The settings of one sampling pass, on the sampler or on the nodes that drive it."""

from __future__ import annotations

from typing import Final

from extractor.coerce import to_int, to_number, to_text
from extractor.finding import Finding
from extractor.jsontext import JsonValue
from extractor.parsers.comfyui import keys
from extractor.parsers.comfyui.graph import Node
from extractor.parsers.comfyui.values import nearest, scalar
from extractor.parsers.comfyui.walk import Walk
from extractor.samplers import canonical_sampler

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


def read_settings(walk: Walk, sampler: Node, finding: Finding) -> None:
    """Take the settings of the pass that `sampler` makes into the finding."""
    finding.seed = nearest(walk, sampler, keys.SEED, keys.NOISE_LINKS, to_int)
    finding.steps = nearest(walk, sampler, keys.STEPS, keys.SIGMA_LINKS, to_int)
    if finding.steps is None:
        finding.steps = nearest(walk, sampler, ("sigmas",), keys.SIGMA_LINKS, _steps_of_sigmas)
    finding.sampler, finding.scheduler = canonical_sampler(_sampler_name(walk, sampler), _scheduler(walk, sampler))
    finding.denoise = nearest(walk, sampler, keys.DENOISE, keys.SIGMA_LINKS, to_number)
    finding.clip_skip = nearest(walk, sampler, keys.CLIP_SKIP, _CLIP_LINKS, _clip_skip)
    finding.cfg_scale = nearest(walk, sampler, keys.CFG, keys.GUIDER_LINKS, to_number)
    guidance = nearest(walk, sampler, keys.GUIDANCE, keys.CONDITIONING_LINKS, _positive)
    if finding.cfg_scale is None:
        # Distilled guidance (Flux and its kin) has to serve.
        finding.cfg_scale = guidance
    elif guidance is not None:
        finding.other["guidance"] = guidance
    shift = nearest(walk, sampler, keys.SHIFT, _MODEL_LINKS, to_number)
    if shift is not None:
        finding.other["shift"] = shift


_MODEL_LINKS: Final = frozenset((*keys.MODELS, *keys.PIPES))
_SAMPLER_INPUTS: Final = keys.SAMPLER_LINKS | frozenset(keys.SAMPLER)
_CLIP_LINKS: Final = keys.CONDITIONING_LINKS | keys.CLIP_LINKS


def _sampler_name(walk: Walk, sampler: Node) -> str | None:
    name = nearest(walk, sampler, keys.SAMPLER, keys.SAMPLER_LINKS, to_text)
    if name is None and not _SAMPLER_INPUTS.isdisjoint(sampler.inputs):
        return _object(walk, sampler, keys.SAMPLER_LINKS, SAMPLER_OBJECTS)
    # Samplers of wrapped video models have one widget for both, called scheduler.
    return name or scalar(walk, sampler, keys.SCHEDULER, to_text)


def _scheduler(walk: Walk, sampler: Node) -> str | None:
    name = nearest(walk, sampler, keys.SCHEDULER, keys.SIGMA_LINKS, to_text)
    return name or _object(walk, sampler, keys.SIGMA_LINKS, SIGMA_OBJECTS)


def _object(walk: Walk, sampler: Node, through: frozenset[str], names: dict[str, str]) -> str | None:
    """The name that the class of a node upstream stands for."""
    nodes = walk.nearest_first(sampler, lambda _, node: [link for key, link in node.links.items() if key in through])
    return next((names[node.kind] for node in nodes if node.kind in names), None)


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
