"""What the inputs of nodes mean: input name -> role. Node packs agree on these far more than on class names."""

from __future__ import annotations

import re
from typing import Final

PIPES: Final = (
    "pipe",
    "basic_pipe",
    "detailer_pipe",
    "base_ctx",
    "context",
    "ctx",
    *(f"ctx_0{number}" for number in range(1, 6)),
    "sdxl_tuple",
    "refiner_basic_pipe",
    "optional_pipe",
    "bus",
    "settings",
    "tuple",
    "sdxl_pipe",
    "loader_pipe",
    "sampler_pipe",
    "pipeline",
)
"""Bundles that carry model, texts, latent and settings together; looked into when the thing itself is not wired."""

LONE_PIPE: Final = "data"
"""A bundle, too, when nothing else is wired."""

SEED: Final = ("noise_seed", "seed", "seed_value", "rand_seed", "random_seed", "seed_int")
STEPS: Final = ("steps", "num_inference_steps", "num_steps", "steps_total", "total_steps", "sampling_steps")
CFG: Final = (
    "cfg",
    "cfg_scale",
    "guidance_scale",
    "cfg_conds",
    "true_cfg_scale",
    "true_cfg",
    "CFG",
    "true_gs",
    "cfg_high_noise",
)
SAMPLER: Final = ("sampler_name", "sampler", "sampler_type")
SCHEDULER: Final = ("scheduler", "scheduler_name", "schedule", "noise_schedule")
DENOISE: Final = (
    *("denoise", "denoise_strength", "denoising_strength", "image_denoise", "img2img_denoise", "i2i_denoise"),
    *("latent_denoise", "base_denoise", "denoise_amount"),
)
GUIDANCE: Final = ("guidance", "embedded_guidance_scale", "flux_guidance", "distilled_guidance", "embedded_cfg_scale")
SHIFT: Final = ("shift",)
SETTINGS: Final = (*SEED, *STEPS, *CFG, *SAMPLER, *SCHEDULER, *DENOISE)
CLIP_SKIP: Final = ("stop_at_clip_layer", "clip_skip", "base_clip_skip")

NOISE_LINKS: Final = frozenset(("noise", *PIPES))
"""Inputs behind which a sampler's seed stands when it is not on the node."""
SIGMA_LINKS: Final = frozenset(("sigmas", "sigmas_1", "high_sigmas", "base_sampler", *PIPES))
GUIDER_LINKS: Final = frozenset(("guider", "base_sampler", "cfg_guider", *PIPES))
SAMPLER_LINKS: Final = frozenset(("sampler", "base_sampler", "sampler_object", *PIPES))

DRIVERS: Final = frozenset(
    (
        "model",
        "base_model",
        "positive",
        "base_positive",
        "conditioning",
        "cond",
        "guider",
        "base_sampler",
        "text_embeds",
        "hyvid_embeds",
        *PIPES,
    )
)
"""A sampler is driven by at least one of these links."""

PICTURES: Final = {
    key: rank
    for rank, keys in enumerate(
        (
            ("latent_image", "latent", "samples", "latents", "init_latent", "optional_latent", "latent_opt"),
            ("samples_to", "destination", "image", "images", "pixels", "video", "image_embeds", "opt_latent"),
            PIPES,
            ("anything", "any", "input", "source", "value", "any_input", "data", "output", "*", "", "segs"),
        )
    )
    for key in keys
}
"""Inputs through which the picture itself comes, as pixels or latent, with the order in which they are followed."""
PICTURE_WORDS: Final = re.compile("latent|sample|image|pixel|video|frames|img|picture")
"""An input whose name holds one of these carries a picture, too,"""
NOT_PICTURE_WORDS: Final = re.compile(
    "sampler|mask|control|clip|ref|start_|end_|style|audio|embeds|(?<!se)cond|guide|depth|face|model|interpolat"
)
"""unless it holds one of these: guides and references are not what is sampled."""
FIRST_OTHER_RANK: Final = 1

MODELS: Final = (
    "model",
    "base_model",
    "model1",
    "model_1",
    "model_a",
    "unet",
    "diffusion_model",
    "model2",
    "model_2",
    "model_b",
    "model3",
    "model_opt",
    "optional_model",
    "opt_model",
    "MODEL",
    "guider",
    "base_sampler",
)
"""Inputs on the way from a sampler to its model, in the order in which merged models count."""
NOT_MODEL_WORDS: Final = re.compile(
    "upscale|clip|vae|control|style|sam_|bbox|segm|motion|gligen|vision|ipadapter"
    "|insight|lora|refiner|_name|patch|draft"
)
NOT_MODEL_LINK_WORDS: Final = re.compile("pos|neg|cond|prompt|text|seed|steps|sigma|mask")
"""Beside them, what names of links to something else hold."""
LOW_NOISE: Final = re.compile("(?:^|[^A-Za-z])[Ll]ow|[a-z]Low|low_?noise|LOW")
"""Names of the second model of a pair."""
CHECKPOINT_NAMES: Final = (
    *("ckpt_name", "unet_name", "base_ckpt_name", "ckpt", "checkpoint", "checkpoint_name", "gguf_name"),
    *("base_checkpoint", "main_checkpoint", "checkpoint_model", "diffusion_model_name"),
)
"""Names that nothing but the file of a model stands under."""
MODEL_NAMES: Final = (
    "ckpt_name",
    "unet_name",
    "base_ckpt_name",
    "model_name",
    "ckpt",
    "checkpoint",
    "checkpoint_name",
    "unet",
    "gguf_name",
    "model_path",
    "diffusion_model",
    "diffusion_model_name",
    "base_model",
    "model",
    "model_file",
    "base_checkpoint",
    "main_checkpoint",
    "checkpoint_model",
    "model_id",
    "repo_id",
    "stage_c",
)
REFINERS: Final = ("refiner_model",)
"""Links from a sampler to the model that takes over from the first."""
SECOND_MODEL_NAMES: Final = ("refiner_ckpt_name", "refiner_model_name")
NOT_MODEL_NAME_WORDS: Final = re.compile("vae|clip|lora|text_encoder|config|control|upscale|t5|embedding")

PLAIN_CLASSES: Final = frozenset(
    (
        "CLIPTextEncode",
        "CLIPTextEncodeFlux",
        "CLIPTextEncodeSDXL",
        "ConditioningAverage",
        "ConditioningCombine",
        "ConditioningConcat",
        "ConditioningSetArea",
        "ConditioningSetMask",
        "ConditioningSetTimestepRange",
        "FluxGuidance",
        "PrimitiveString",
        "PrimitiveStringMultiline",
        "StringConcatenate",
        "smZ CLIPTextEncode",
    )
)
"""The usual classes on the way of a text. None is named after anything that is looked for in the names of classes.
Not to look saves 3 % of reading a graph."""

VAE_NAMES: Final = ("vae_name", "vae_checkpoint", "ae_name", "vae_file")
VAE_LINKS: Final = (
    *("vae", "optional_vae", "vae_opt", "opt_vae", "base_vae"),
    *("ae", "autoencoder", "first_stage_model", "vae_model", "video_vae", "image_vae"),
)
RESOURCE_NAMES: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    **dict.fromkeys(VAE_NAMES, ("vae", (), ())),
    "control_net_name": ("controlnet", ("strength",), ("switch", "use_controlnet")),
    "controlnet_name": ("controlnet", ("strength",), ("switch",)),
    "hypernetwork_name": ("hypernet", ("strength",), ()),
    "upscale_model_name": ("upscaler", (), ("upscale_method",)),
    "motion_model": ("motion", (), ()),
}
"""Widget -> (resource type, widgets with its weight, widgets that switch it off)."""
GUIDE_LINKS: Final = frozenset(("control_net", "controlnet", "optional_controlnet"))
RESOURCE_LINKS: Final = {
    "upscale_model": ("upscaler", ("model_name", "upscale_model", "name")),
    "opt_upscale_model": ("upscaler", ("model_name", "upscale_model", "name")),
    "upscale_model_opt": ("upscaler", ("model_name", "upscale_model", "name")),
    "motion_model": ("motion", ("model_name", "name")),
}
"""Link -> (resource type, widgets of the loader at its other end that hold the name)."""
RESCALES: Final = "rescale_after_model"
"""On a node with this, the model is an upscaler."""

_SIDE_NAMES: Final = ("", "empty_latent_", "latent_", "image_", "custom_", "generation_", "gen_", "video_")
WIDTHS: Final = (*(f"{name}width" for name in _SIDE_NAMES), "Width", "w")
HEIGHTS: Final = (*(f"{name}height" for name in _SIDE_NAMES), "Height", "h")
SIZE_TEXTS: Final = (
    "dimensions",
    "resolution",
    "resolutions",
    "aspect_ratio",
    "ratio",
    "ratio_selected",
    "size",
    "size_selected",
    "size_preset",
    "preset",
    "image_size",
    "dimension",
    "aspect",
    "base_resolution",
    "empty_latent_aspect",
)
SWAPS: Final = ("swap_dimensions", "swap", "invert", "flip", "swap_xy")
PROPORTIONS: Final = (("keep_proportion", (True, "resize")), ("method", ("keep proportion",)), ("fit", ("contain",)))
"""Widgets, and their values, that make a width and height into bounds."""
RESIZERS: Final = frozenset(
    (
        "scale_by",
        "scale",
        "scale_factor",
        "factor",
        "upscale_by",
        "upscale_factor",
        "upscale_model",
        "megapixels",
        "rescale_factor",
        "left",
        "multiplier",
    )
)
"""A node with one of these changes the size to one that is not stored."""

CONDITIONING_LINKS: Final = frozenset(
    (
        "positive",
        "base_positive",
        "conditioning",
        "conditioning_to",
        "conditioning_1",
        "conditioning1",
        "cond",
        "cond1",
        "cond_1",
        "guider",
        "text_embeds",
        "hyvid_embeds",
        "base_sampler",
        *PIPES,
    )
)
PROMPT_NAME_END: Final = "prompt"
"""Names that end so hold a text, too (``global_prompt``, ``mainPrompt``), when there is only one of them,"""
NOT_PROMPT_WORDS: Final = re.compile(
    "neg|uncond|system|instruct|mask|sam_|detect|segment|bbox|face|style|refine|lora|preset|use_|enable|is_|has_"
    "|save|file|append|prepend|extra"
)
"""unless they hold one of these."""
CONDITIONING: Final = re.compile("(?<!se)cond")
"""What the names of conditionings hold (and not those of seconds)."""
CLIP_LINKS: Final = frozenset(
    (
        "clip",
        "opt_clip",
        "optional_clip",
        "clip_opt",
        "clip_override",
        "base_clip",
        "clip1",
        "text_encoders",
        "t5",
        "text_encoder",
    )
)

SWITCH_PAIRS: Final = (
    ("on_true", "on_false"),
    ("if_true", "if_false"),
    ("true_value", "false_value"),
    ("tt_value", "ff_value"),
    ("when_true", "when_false"),
    ("true", "false"),
)
"""Inputs of switches for true and for false."""
SWITCH_SELECTORS: Final = (
    "switch",
    "boolean",
    "condition",
    "cond",
    "bool",
    "boolean_value",
    "select",
    "selected",
    "Input",
    "input",
    "index",
    "selected_index",
    "choice",
)
"""Inputs that say which branch is taken."""
SWITCH_MARKS: Final = frozenset((*SWITCH_SELECTORS, *(key for pair in SWITCH_PAIRS for key in pair)))
