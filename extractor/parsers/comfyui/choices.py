"""The words of ComfyUI's choice lists, as its own nodes and the usual packs write them."""

from __future__ import annotations

from typing import Final

from extractor.vocabulary.samplers import SCHEDULERS as SCHEDULER_WORDS

SAMPLERS: Final = frozenset(
    (
        *("euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "euler_a", "euler_max"),
        *("heun", "heunpp2", "exp_heun_2_x0", "exp_heun_2_x0_sde", "dpm_2", "dpm_2_ancestral", "lms"),
        *("dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu"),
        *("dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_alt", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu"),
        *("dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu"),
        *("ddpm", "lcm", "tcd", "ipndm", "ipndm_v", "deis", "plms", "ddim", "uni_pc", "uni_pc_bh2", "unipc"),
        *("res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp"),
        *("res_2s", "res_2m", "res_3s", "res_3m", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde"),
        *("seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "restart", "rk_beta"),
    )
)
SCHEDULERS: Final = frozenset((*SCHEDULER_WORDS, "turbo", "laplace", "align_your_steps"))
