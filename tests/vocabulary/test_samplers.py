from __future__ import annotations

import pytest

from extractor.vocabulary.samplers import canonical_sampler, infotext_sampler


@pytest.mark.parametrize(
    ("name", "scheduler", "expected"),
    [
        ("euler_ancestral", "karras", ("Euler a Karras", "karras")),
        ("euler_ancestral", "normal", ("Euler a", "normal")),
        ("euler", "Simple", ("Euler", "simple")),
        ("dpmpp_2m_sde_gpu", "karras", ("DPM++ 2M SDE Karras", "karras")),
        ("dpmpp_3m_sde", "exponential", ("DPM++ 3M SDE Exponential", "exponential")),
        ("dpmpp_2m", "exponential", ("DPM++ 2M", "exponential")),
        ("uni_pc_bh2", "karras", ("UniPC", "karras")),
        ("euler_a", None, ("Euler a", None)),
        ("k_euler_a", None, ("Euler a", None)),
        ("kdpm_2", None, ("DPM2", None)),
        ("dpmpp_2m_k", None, ("DPM++ 2M Karras", None)),
        ("k_euler_ancestral", "karras", ("Euler a Karras", "karras")),
        ("Euler Ancestral Karras", None, ("Euler a Karras", "karras")),
        ("DPM++ 2M Karras", None, ("DPM++ 2M Karras", None)),
        ("Euler A", None, ("Euler a", None)),
        ("euler_ddim_uniform", None, ("Euler", "ddim_uniform")),
        ("er_sde", "simple", ("er_sde", "simple")),
        ("euler_cfg_pp", "karras", ("euler_cfg_pp", "karras")),
        ("", " ", (None, None)),
        ("None", "undefined", (None, None)),
        (None, "karras", (None, "karras")),
    ],
)
def test_other_tools_words(name: str | None, scheduler: str | None, expected: tuple[str | None, str | None]) -> None:
    assert canonical_sampler(name, scheduler) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Euler a", ("Euler a", None)),
        ("DPM++ 2M Karras", ("DPM++ 2M Karras", None)),
        ("DPM++ 2M SGM Uniform", ("DPM++ 2M SGM Uniform", None)),
        ("Euler SMEA", ("Euler SMEA", None)),
        ("euler_ancestral_karras", ("Euler a Karras", "karras")),
        ("Euler Ancestral Karras", ("Euler a Karras", "karras")),
        ("euler_simple", ("Euler", "simple")),
        ("res_multistep", ("res_multistep", None)),
    ],
)
def test_infotext_samplers_stay_unless_they_are_a_dialect(name: str, expected: tuple[str, str | None]) -> None:
    assert infotext_sampler(name) == expected
