"""Schedule words: one spelling for what tools write in many, so that they can be counted together."""

from __future__ import annotations

from typing import Final

from extractor.vocabulary.samplers import canonical_sampler

_WORDS: Final = {
    "ays": "align_your_steps",
    "alignyoursteps": "align_your_steps",
    "ddim": "ddim_uniform",
    "gits": "align_your_steps_gits",
    "sgmuniform": "sgm_uniform",
}
"""Spelling, folded -> the word of executed graphs, where folding alone does not give it."""

_NO_SCHEDULE: Final = frozenset(("", "auto", "automatic", "default", "none", "use_same_scheduler"))
"""Folded words that leave the choice to the sampler."""

_ENDINGS: Final = ("Karras", "Exponential", "Polyexponential", "SGMUniform", "Turbo", "AYS")
"""Schedules that web UIs made part of a sampler's name before they had a choice of its own for them."""


def schedule_word(word: str) -> str | None:
    """The schedule in the spelling of executed graphs (``SGM Uniform`` is ``sgm_uniform``); None for no choice."""
    folded = "_".join(word.lower().replace("_", " ").replace("-", " ").split())
    return None if folded in _NO_SCHEDULE else _WORDS.get(folded, folded)


def base_sampler(sampler: str) -> tuple[str, str | None]:
    """A sampler's display name without a schedule at its end, and that schedule.

    ``DPM++ 2M Karras`` gives ``("DPM++ 2M", "karras")``.
    """
    base, blank, ending = sampler.rpartition(" ")
    schedule = next((word for word in _ENDINGS if blank and word.casefold() == ending.casefold()), None)
    if schedule is not None:
        return canonical_sampler(base)[0] or base, schedule_word(schedule)
    return canonical_sampler(sampler)[0] or sampler, None
