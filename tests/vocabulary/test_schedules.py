from __future__ import annotations

import pytest

from extractor.vocabulary.schedules import base_sampler, schedule_word


@pytest.mark.parametrize(
    ("word", "schedule"),
    [
        ("Karras", "karras"),
        ("karras", "karras"),
        ("SGM Uniform", "sgm_uniform"),
        ("sgm_uniform", "sgm_uniform"),
        ("SGMUniform", "sgm_uniform"),
        ("KL Optimal", "kl_optimal"),
        ("Align Your Steps", "align_your_steps"),
        ("AlignYourSteps", "align_your_steps"),
        ("DDIM", "ddim_uniform"),
        ("ddim_uniform", "ddim_uniform"),
        ("Something New", "something_new"),
        ("Automatic", None),
        ("none", None),
        (" ", None),
    ],
)
def test_one_spelling_for_each_schedule(word: str, schedule: str | None) -> None:
    assert schedule_word(word) == schedule


@pytest.mark.parametrize(
    ("sampler", "base", "schedule"),
    [
        ("DPM++ 2M Karras", "DPM++ 2M", "karras"),
        ("DPM++ 2M SDE Exponential", "DPM++ 2M SDE", "exponential"),
        ("DPM++ 2M SDE Heun Karras", "DPM++ 2M SDE Heun", "karras"),
        ("Euler A SGMUniform", "Euler a", "sgm_uniform"),
        ("Euler a", "Euler a", None),
        ("k_euler_ancestral", "Euler a", None),
        ("res_multistep", "res_multistep", None),
        ("Karras", "Karras", None),
        ("", "", None),
    ],
)
def test_a_sampler_without_its_schedule(sampler: str, base: str, schedule: str | None) -> None:
    assert base_sampler(sampler) == (base, schedule)
