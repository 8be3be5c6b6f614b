"""Which base model a file belongs to: what trainers write, what tensors show, what the site calls it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from extractor.library.kinds import TRUNKS, Names

Shapes: TypeAlias = Mapping[str, Any]
"""Name of each tensor of a file -> what its header gives as its shape: a list of sizes, if it is sound."""

SD1, SD2, SDXL, REFINER, SD3 = "SD 1.5", "SD 2.1", "SDXL 1.0", "SDXL Refiner", "SD 3"
FLUX, FLUX_DEV, FLUX_SCHNELL, FLUX2 = "Flux.1", "Flux.1 D", "Flux.1 S", "Flux.2"
CHROMA, QWEN, WAN, LUMINA, Z_IMAGE, KREA2 = "Chroma", "Qwen", "Wan Video", "Lumina", "Z Image", "Krea 2"

_TRAINER_WORDS: Final = (
    ("sd_v1", SD1),
    ("sd_1", SD1),
    ("sd1", SD1),
    ("stable-diffusion-v1", SD1),
    ("sd_v2", SD2),
    ("sd_2", SD2),
    ("sd2", SD2),
    ("stable-diffusion-v2", SD2),
    ("stable-diffusion-xl-v1-refiner", REFINER),
    ("sdxl_refiner", REFINER),
    ("stable-diffusion-xl", SDXL),
    ("sdxl", SDXL),
    ("stable-diffusion-v3", SD3),
    ("stable-diffusion-3", SD3),
    ("sd3", SD3),
    ("flux-1-schnell", FLUX_SCHNELL),
    ("flux-1-dev", FLUX_DEV),
    ("flux.1-schnell", FLUX_SCHNELL),
    ("flux.1-dev", FLUX_DEV),
    ("flux-2", FLUX2),
    ("flux.2", FLUX2),
    ("flux2", FLUX2),
    ("flux1", FLUX),
    ("flux", FLUX),
    ("chroma", CHROMA),
    ("qwen-image", QWEN),
    ("qwen_image", QWEN),
    ("wan", WAN),
    ("zimage", Z_IMAGE),
    ("z-image", Z_IMAGE),
    ("z_image", Z_IMAGE),
    ("lumina", LUMINA),
    ("krea2", KREA2),
    ("krea-2", KREA2),
)
"""What ``ss_base_model_version``, ``modelspec.architecture`` or GGUF's ``general.architecture`` begins with."""

_FAMILIES: Final = (
    ("sd 1", "SD 1"),
    ("sd 2", "SD 2"),
    ("sd 3", "SD 3"),
    ("sdxl refiner", "SDXL refiner"),
    ("sdxl", "SDXL"),
    ("pony v7", "AuraFlow"),
    ("pony", "SDXL"),
    ("illustrious", "SDXL"),
    ("noobai", "SDXL"),
    ("flux.1", "Flux.1"),
    ("flux.2", "Flux.2"),
    ("chroma", "Chroma"),
    ("qwen", "Qwen"),
    ("wan", "Wan"),
    ("lumina", "Lumina"),
    ("zimage", "Lumina"),
    ("z image", "Lumina"),
    ("krea 2", "Krea 2"),
)
"""What a base model's name begins with, in lower case -> the architecture that a header can show.

Pony, Illustrious and NoobAI are SDXL by their tensors; only the site's word tells them.
"""

_PIPELINES: Final = (
    ("StableDiffusion3", SD3),
    ("StableDiffusionXL", SDXL),
    ("FluxKontext", FLUX_DEV),
    ("Flux2", FLUX2),
    ("Flux", FLUX),
    ("QwenImage", QWEN),
    ("Wan", WAN),
    ("Chroma", CHROMA),
    ("ZImage", Z_IMAGE),
    ("Lumina", LUMINA),
)
"""What ``_class_name`` of a diffusers folder begins with. ``StableDiffusionPipeline`` is of two families."""


class _Rule(NamedTuple):
    """A tensor that only one base model has, under any prefix of a diffusion model."""

    tensor: str
    """One that ends with a dot is the beginning of a name."""
    base: str
    also: str | None = None
    """Another tensor it must have."""
    sizes: Mapping[int, str] | None = None
    """First dimension -> the base model more exactly."""


_FLUX2_WIDTHS: Final = {36864: "Flux.2 D", 18432: "Flux.2 Klein 4B", 24576: "Flux.2 Klein 9B"}
_WAN_WIDTHS: Final = {1536: "Wan Video 1.3B", 5120: "Wan Video 14B", 3072: "Wan Video 5B"}
_TENSOR_RULES: Final = (
    _Rule("double_stream_modulation_img.lin.weight", FLUX2, sizes=_FLUX2_WIDTHS),
    _Rule("distilled_guidance_layer.", CHROMA),
    _Rule("double_blocks.0.img_attn.norm.key_norm.scale", FLUX_DEV, also="guidance_in.in_layer.weight"),
    _Rule("double_blocks.0.img_attn.norm.key_norm.scale", FLUX_SCHNELL),
    _Rule("joint_blocks.0.", SD3),
    _Rule("transformer_blocks.0.attn.add_k_proj.bias", QWEN),
    _Rule("blocks.0.cross_attn.k.bias", WAN, sizes=_WAN_WIDTHS),
    _Rule("cap_embedder.0.weight", Z_IMAGE, also="context_refiner.0.attention.k_norm.weight"),
    _Rule("cap_embedder.0.weight", LUMINA),
    _Rule("txtfusion.projector.weight", KREA2),
)

_CHECKPOINT_PREFIXES: Final = (
    ("conditioner.embedders.1.model.", SDXL),
    ("conditioner.embedders.0.model.", REFINER),
    ("cond_stage_model.model.", SD2),
    ("cond_stage_model.transformer.text_model.", SD1),
)
_LORA_PREFIXES: Final = (
    ("lora_te2_", SDXL),
    ("lora_unet_output_blocks_5_1", SDXL),
    ("lora_unet_input_blocks_8_1", SDXL),
    ("lora_unet_double_blocks_", FLUX),
    ("lora_unet_single_blocks_", FLUX),
    ("transformer.single_transformer_blocks.", FLUX),
    ("diffusion_model.double_blocks.", FLUX),
    ("lora_unet_up_blocks_3_", SD1),
)
"""What the name of a LoRA's tensor begins with; the first rule that fits. SD 2 is told by its width."""
_SD2_WIDTH: Final = 1024
_CROSS_ATTENTION: Final = "attn2_to_k.lora_down.weight"


def base_of_words(*words: object) -> str | None:
    """The base model that a trainer's word names; the first of `words` that does."""
    for word in words:
        if isinstance(word, str):
            lowered = word.lower()
            base = next((base for start, base in _TRAINER_WORDS if lowered.startswith(start)), None)
            if base is not None:
                return base
    return None


def base_of_tensors(names: Names, shapes: Shapes, *, is_lora: bool) -> str | None:
    """The base model that tensors show, by their names and widths; None when they do not."""
    if is_lora:
        return _base_of_lora(names, shapes)
    base = next((base for start, base in _CHECKPOINT_PREFIXES if names.begin_with((start,))), None)
    return base or next((base for rule in _TENSOR_RULES if (base := _applied(rule, names, shapes))), None)


def base_of_pipeline(name: object) -> str | None:
    """The base model of a diffusers folder, by the class that runs it."""
    return next((base for start, base in _PIPELINES if name.startswith(start)), None) if isinstance(name, str) else None


def family(base: str | None) -> str | None:
    """The architecture of a base model's name; None for a name that is not known."""
    lowered = base.lower() if base else ""
    return next((family for start, family in _FAMILIES if lowered.startswith(start)), None)


def _applied(rule: _Rule, names: Names, shapes: Shapes) -> str | None:
    for trunk in TRUNKS:
        name = trunk + rule.tensor
        if name.endswith(".") and names.begin_with((name,)):
            return rule.base
        if name in shapes and (rule.also is None or trunk + rule.also in shapes):
            return (rule.sizes or {}).get(_size(shapes[name], 0) or 0, rule.base)
    return None


def _base_of_lora(names: Names, shapes: Shapes) -> str | None:
    base = next((base for start, base in _LORA_PREFIXES if names.begin_with((start,))), None)
    if base == SD1:
        widths = {_size(shape, -1) for name, shape in shapes.items() if name.endswith(_CROSS_ATTENTION)}
        return SD2 if widths == {_SD2_WIDTH} else SD1
    return base


def _size(shape: object, dimension: int) -> int | None:
    """One size of a shape, if it is one."""
    size = shape[dimension] if isinstance(shape, list) and shape else None
    return size if isinstance(size, int) else None
