"""What model files can be: types, the files and folders they come in, and what tensors tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

CHECKPOINT, DIFFUSION, LORA, EMBEDDING, HYPERNETWORK = "checkpoint", "diffusion-model", "lora", "embedding", "hypernet"
VAE, TEXT_ENCODER, CONTROLNET, UPSCALER = "vae", "text-encoder", "controlnet", "upscaler"
DETECTOR, MOTION = "detector", "motion-module"
TYPES: Final = (
    *(CHECKPOINT, DIFFUSION, LORA, EMBEDDING, HYPERNETWORK),
    *(VAE, TEXT_ENCODER, CONTROLNET, UPSCALER, DETECTOR, MOTION),
)

RECORD_TYPES: Final = {
    "model": (CHECKPOINT, DIFFUSION),
    "checkpoint": (CHECKPOINT, DIFFUSION),
    "unet": (DIFFUSION, CHECKPOINT),
    "lora": (LORA,),
    "lycoris": (LORA,),
    "locon": (LORA,),
    "dora": (LORA,),
    "embed": (EMBEDDING,),
    "embedding": (EMBEDDING,),
    "textualinversion": (EMBEDDING,),
    "hypernet": (HYPERNETWORK,),
    "hypernetwork": (HYPERNETWORK,),
    "vae": (VAE,),
    "upscaler": (UPSCALER,),
    "controlnet": (CONTROLNET,),
    "adetailer": (DETECTOR,),
    "motion": (MOTION,),
}
"""Type of a resource in a record -> types of the files that can be it."""

SITE_TYPES: Final = {
    "checkpoint": CHECKPOINT,
    "lora": LORA,
    "locon": LORA,
    "lycoris": LORA,
    "dora": LORA,
    "textualinversion": EMBEDDING,
    "embedding": EMBEDDING,
    "hypernetwork": HYPERNETWORK,
    "vae": VAE,
    "controlnet": CONTROLNET,
    "upscaler": UPSCALER,
    "unet": DIFFUSION,
    "diffusion_model": DIFFUSION,
    "diffusionmodel": DIFFUSION,
    "textencoder": TEXT_ENCODER,
    "detection": DETECTOR,
    "motionmodule": MOTION,
}
"""Civitai's (and its followers') word for a type, in lower case -> ours."""

FOLDER_TYPES: Final = {
    "checkpoints": CHECKPOINT,
    "stable-diffusion": CHECKPOINT,
    "stablediffusion": CHECKPOINT,
    "loras": LORA,
    "lora": LORA,
    "lycoris": LORA,
    "embeddings": EMBEDDING,
    "embedding": EMBEDDING,
    "textualinversion": EMBEDDING,
    "hypernetworks": HYPERNETWORK,
    "hypernetwork": HYPERNETWORK,
    "vae": VAE,
    "upscale_models": UPSCALER,
    "esrgan": UPSCALER,
    "realesrgan": UPSCALER,
    "swinir": UPSCALER,
    "controlnet": CONTROLNET,
    "unet": DIFFUSION,
    "diffusion_models": DIFFUSION,
    "text_encoders": TEXT_ENCODER,
    "text_encoder": TEXT_ENCODER,
    "clip": TEXT_ENCODER,
    "diffusionmodels": DIFFUSION,
    "textencoders": TEXT_ENCODER,
    "adetailer": DETECTOR,
    "ultralytics": DETECTOR,
    "animatediff_models": MOTION,
    "motion_module": MOTION,
}
"""Name of a folder of A1111, Forge, ComfyUI, SwarmUI or Stability Matrix, in lower case -> what is kept there."""

SAFETENSORS, GGUF, PICKLE, DIFFUSERS = "safetensors", "gguf", "pickle", "diffusers"
SUFFIX_FORMATS: Final = {
    ".safetensors": SAFETENSORS,
    ".sft": SAFETENSORS,
    ".gguf": GGUF,
    ".ckpt": PICKLE,
    ".pt": PICKLE,
    ".pth": PICKLE,
    ".bin": PICKLE,
}
DIFFUSERS_INDEX: Final = "model_index.json"
"""What makes a folder a single model in parts."""
PICKLE_MAGICS: Final = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""Beginnings of what ``torch.save`` writes: a ZIP archive, or the pickles of its older form."""

_LORA_PARTS: Final = ("lora_down.", "lora_up.", "lora_A.", "lora_B.", "lora.", "lokr_", "hada_", "oft_")
"""What stands behind a dot in the names of a LoRA's tensors."""
TRUNKS: Final = ("", "model.diffusion_model.", "diffusion_model.", "transformer.", "net.")
"""Prefixes under which a diffusion model's own tensors stand."""
_BLOCKS: Final = ("double_blocks", "transformer_blocks", "blocks", "joint_blocks", "input_blocks", "down_blocks")
_TRUNK_BLOCKS: Final = ("model.diffusion_model.", *(f"{trunk}{block}." for trunk in TRUNKS for block in _BLOCKS))
_AUTOENCODERS: Final = ("first_stage_model.", "vae.")
_TEXT_ENCODERS: Final = ("cond_stage_model.", "conditioner.", "text_encoders.", "text_encoder.")
_VAE_PARTS: Final = frozenset(
    ("encoder", "decoder", "quant_conv", "post_quant_conv", "quantize", "conv1", "conv2", "bn")
)
_TEXT_PARTS: Final = (
    "text_model.encoder.",
    "encoder.block.",
    "model.layers.",
    "transformer.resblocks.",
    "shared.weight",
)
_CONTROL_PARTS: Final = (
    "control_model.",
    "controlnet_",
    "input_hint_block.",
    "zero_convs.",
    "controlnet_cond_embedding.",
)
_EMBEDDING_KEYS: Final = ({"emb_params"}, {"clip_l", "clip_g"}, {"string_to_param"})


class Names:
    """The names of a file's tensors, as one text: looking for a beginning among thousands takes one search."""

    def __init__(self, names: Collection[str]) -> None:
        self._all = names
        self._text = "\n".join(("", *names, ""))

    def __contains__(self, name: str) -> bool:
        return name in self._all

    def __bool__(self) -> bool:
        return bool(self._all)

    def begin_with(self, prefixes: Iterable[str]) -> bool:
        """Whether any name begins with one of these."""
        return any(f"\n{prefix}" in self._text for prefix in prefixes)

    def have_part(self, parts: Iterable[str]) -> bool:
        """Whether behind a dot of any name stands one of these."""
        return any(f".{part}" in self._text for part in parts)

    def heads(self, prefixes: Iterable[str]) -> set[str]:
        """What stands before the first dot of each name, prefixes taken off."""
        names: Iterable[str] = self._all
        for prefix in prefixes:
            names = [name.removeprefix(prefix) for name in names]
        return {name.partition(".")[0] for name in names}


def type_of_tensors(names: Names) -> str | None:
    """What a safetensors or GGUF file holds, by the names of its tensors; None when they do not tell."""
    return next((kind for kind, holds in _TENSOR_TYPES if holds(names)), None) if names else None


def type_of_folders(folders: Iterable[str]) -> str | None:
    """What the names of the folders above a file, nearest first, say of it."""
    return next((kind for name in folders if (kind := FOLDER_TYPES.get(name.lower()))), None)


def _is_lora(names: Names) -> bool:
    return names.have_part(_LORA_PARTS)


def _is_embedding(names: Names) -> bool:
    return any(all(key in names for key in keys) for keys in _EMBEDDING_KEYS)


def _is_checkpoint(names: Names) -> bool:
    return names.begin_with(("model.diffusion_model.",)) and names.begin_with((*_AUTOENCODERS, *_TEXT_ENCODERS))


def _is_controlnet(names: Names) -> bool:
    return names.begin_with(_CONTROL_PARTS)


def _is_vae(names: Names) -> bool:
    is_like_one = names.begin_with(f"{prefix}decoder." for prefix in ("", *_AUTOENCODERS))
    return is_like_one and {"encoder", "decoder"} <= names.heads(_AUTOENCODERS) <= _VAE_PARTS


def _is_diffusion(names: Names) -> bool:
    return names.begin_with(_TRUNK_BLOCKS)


def _is_text_encoder(names: Names) -> bool:
    return names.begin_with(_TEXT_PARTS)


_TENSOR_TYPES: Final[tuple[tuple[str, Callable[[Names], bool]], ...]] = (
    (LORA, _is_lora),
    (EMBEDDING, _is_embedding),
    (CHECKPOINT, _is_checkpoint),
    (CONTROLNET, _is_controlnet),
    (VAE, _is_vae),
    (DIFFUSION, _is_diffusion),
    (TEXT_ENCODER, _is_text_encoder),
)
"""Type -> whether these tensors are one; the first that fits."""
