"""What model files can be: types, the files and folders they come in, and what tensors tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

CHECKPOINT, DIFFUSION, LORA, EMBEDDING, HYPERNETWORK = "checkpoint", "diffusion-model", "lora", "embedding", "hypernet"
VAE, TEXT_ENCODER, CONTROLNET, UPSCALER = "vae", "text-encoder", "controlnet", "upscaler"
TYPES: Final = (
    *(CHECKPOINT, DIFFUSION, LORA, EMBEDDING, HYPERNETWORK),
    *(VAE, TEXT_ENCODER, CONTROLNET, UPSCALER),
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

_LORA_PARTS: Final = ("lora_down", "lora_up", "lora_A", "lora_B", "lora", "lokr_", "hada_", "oft_")
"""What parts of a LoRA's tensor names begin with."""
TRUNKS: Final = ("", "model.diffusion_model.", "diffusion_model.", "transformer.", "net.")
"""Prefixes under which a diffusion model's own tensors stand."""
_BLOCKS: Final = ("double_blocks", "transformer_blocks", "blocks", "joint_blocks", "input_blocks", "down_blocks")
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


def type_of_tensors(names: Collection[str]) -> str | None:
    """What a safetensors or GGUF file holds, by the names of its tensors; None when they do not tell."""
    return next((kind for kind, holds in _TENSOR_TYPES if holds(names)), None) if names else None


def type_of_folders(folders: Iterable[str]) -> str | None:
    """What the names of the folders above a file, nearest first, say of it."""
    return next((kind for name in folders if (kind := FOLDER_TYPES.get(name.lower()))), None)


def _is_lora(names: Collection[str]) -> bool:
    return any(part.startswith(_LORA_PARTS) and _is_lora_part(part) for name in names for part in name.split(".")[1:])


def _is_lora_part(part: str) -> bool:
    """``lora`` alone is a part of its own (``to_q.lora.down``); the others may go on."""
    return part == "lora" or not part.startswith("lora") or part.startswith(_LORA_PARTS[:4])


def _has(names: Collection[str], prefixes: tuple[str, ...]) -> bool:
    return any(name.startswith(prefixes) for name in names)


def _is_embedding(names: Collection[str]) -> bool:
    return any(keys <= set(names) for keys in _EMBEDDING_KEYS)


def _is_checkpoint(names: Collection[str]) -> bool:
    return _has(names, ("model.diffusion_model.",)) and (_has(names, _AUTOENCODERS) or _has(names, _TEXT_ENCODERS))


def _is_controlnet(names: Collection[str]) -> bool:
    return _has(names, _CONTROL_PARTS)


def _is_vae(names: Collection[str]) -> bool:
    heads = {name.removeprefix("first_stage_model.").removeprefix("vae.").split(".", 1)[0] for name in names}
    return {"encoder", "decoder"} <= heads <= _VAE_PARTS


def _is_diffusion(names: Collection[str]) -> bool:
    return _has(names, tuple(f"{trunk}{block}." for trunk in TRUNKS for block in _BLOCKS)) or _has(
        names, ("model.diffusion_model.",)
    )


def _is_text_encoder(names: Collection[str]) -> bool:
    return _has(names, _TEXT_PARTS)


_TENSOR_TYPES: Final[tuple[tuple[str, Callable[[Collection[str]], bool]], ...]] = (
    (LORA, _is_lora),
    (EMBEDDING, _is_embedding),
    (CHECKPOINT, _is_checkpoint),
    (CONTROLNET, _is_controlnet),
    (VAE, _is_vae),
    (DIFFUSION, _is_diffusion),
    (TEXT_ENCODER, _is_text_encoder),
)
"""Type -> whether these tensors are one; the first that fits."""
