"""Sampler names: the A1111 display name, which Civitai shows and filters by, for the words of other tools."""

from __future__ import annotations

from typing import Final

from extractor.vocabulary.nothing import says_nothing

_KARRAS: Final = ("karras",)
_KARRAS_EXPONENTIAL: Final = ("karras", "exponential")

_DISPLAY: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Euler a": (("euler_ancestral",), _KARRAS),
    "Euler": ((), _KARRAS),
    "LMS": ((), _KARRAS),
    "Heun": ((), _KARRAS),
    "DPM2": (("dpm_2", "kdpm_2"), _KARRAS),
    "DPM2 a": (("dpm_2_ancestral", "dpm2_ancestral", "dpm_2_a", "kdpm_2_a", "kdpm_2_ancestral"), _KARRAS),
    "DPM++ 2S a": (("dpmpp_2s_ancestral", "dpmpp2s_a"), _KARRAS),
    "DPM++ 2M": (("dpmpp2m",), _KARRAS),
    "DPM++ SDE": (("dpmpp_sde_gpu",), _KARRAS),
    "DPM++ 2M SDE": (("dpmpp_2m_sde_gpu",), _KARRAS_EXPONENTIAL),
    "DPM++ 3M SDE": (("dpmpp_3m_sde_gpu",), _KARRAS_EXPONENTIAL),
    "DPM fast": ((), ()),
    "DPM adaptive": ((), ()),
    "DDIM": ((), ()),
    "PLMS": ((), ()),
    "LCM": ((), ()),
    "UniPC": (("uni_pc", "uni_pc_bh2"), ()),
}
"""Display name -> (further words of other tools for it, schedulers that become part of the name)."""

SCHEDULERS: Final = (
    "karras",
    "exponential",
    "polyexponential",
    "normal",
    "simple",
    "sgm_uniform",
    "ddim_uniform",
    "uniform",
    "beta",
    "linear_quadratic",
    "kl_optimal",
    *(
        "discrete",
        "ays",
        "gits",
        "smoothstep",
        "lcm",
        "bong_tangent",
        "ltx2",
        "logit_normal",
        "flux",
        "flux2",
        "beta57",
    ),
)
"""Scheduler words that some tools join to the sampler's (``euler_ancestral_karras``)."""


def _word(name: str) -> str:
    """The name as one lower-case word: ``DPM++ 2M SDE`` and ``dpmpp_2m_sde`` meet in ``dpmpp_2m_sde``."""
    return name.strip().lower().replace("++", "pp").replace(" ", "_").replace("-", "_")


def _aliases() -> dict[str, str]:
    table = {}
    for display, (words, _) in _DISPLAY.items():
        for word in (_word(display), *words):
            table[word] = display
            table["k_" + word] = display
    return table


_ALIASES: Final = _aliases()
_COMPOSITES: Final = {
    f"{display} {scheduler.capitalize()}" for display, (_, joined) in _DISPLAY.items() for scheduler in joined
}


def canonical_sampler(name: str | None, scheduler: str | None = None) -> tuple[str | None, str | None]:
    """The display name and the scheduler's own word for what a tool (not an infotext) stored.

    ``("euler_ancestral", "karras")`` gives ``("Euler a Karras", "karras")``. A name that joins both words is
    taken apart. A name without a display name comes back verbatim. Blank means None, as do words for nothing.
    """
    name = None if says_nothing(name or "") else (name or "").strip()
    scheduler = None if says_nothing(scheduler or "") else (scheduler or "").strip().lower()
    if name is None or name in _COMPOSITES:
        return name, scheduler
    display, joined = _take_apart(name)
    if display is None:
        return name, scheduler
    scheduler = scheduler or joined
    return _with_scheduler(display, scheduler), None if scheduler == _INVOKE_KARRAS else scheduler


def infotext_sampler(name: str) -> tuple[str | None, str | None]:
    """The Sampler of an infotext, and the scheduler word that was joined to it if any.

    Kept as written, unless it is a word of another tool (``euler_ancestral_karras``,
    ``Euler Ancestral Karras``, ``euler discrete``): then as in `canonical_sampler`.
    """
    if name in _DISPLAY or name in _COMPOSITES:
        return name, None
    display, _ = _take_apart(name)
    if display is None:
        base, _, last = name.rpartition(" ")
        return canonical_sampler(base, last) if base and last in SCHEDULERS and name.islower() else (name, None)
    if name.startswith(display + " "):
        return name, None
    return canonical_sampler(name)


def is_foreign_schedule(sampler: str | None, schedule: str) -> bool:
    """Whether a ``Schedule type`` beside this Sampler was written for another tool's word.

    A1111 begins it with a capital, and takes it out of the sampler's name: it never has both.
    """
    return schedule.islower() or (sampler in _COMPOSITES and sampler.endswith(f" {schedule}"))


_INVOKE_KARRAS: Final = "k"
"""InvokeAI's suffix ``_k`` says Karras without the word."""


def _take_apart(name: str) -> tuple[str | None, str | None]:
    """(display name, scheduler word joined to the name) or (None, None)."""
    word = name if name in _ALIASES else _word(name)
    if word in _ALIASES:
        return _ALIASES[word], None
    for scheduler in (*SCHEDULERS, _INVOKE_KARRAS):
        base = word.removesuffix("_" + scheduler)
        if base != word and base in _ALIASES:
            return _ALIASES[base], scheduler
    return None, None


def _with_scheduler(display: str, scheduler: str | None) -> str:
    wanted = "karras" if scheduler == _INVOKE_KARRAS else scheduler
    if wanted is not None and wanted in _DISPLAY[display][1]:
        return f"{display} {wanted.capitalize()}"
    return display
