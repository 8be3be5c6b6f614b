"""The keys that writers of A1111 texts are known to use, spelled as they spell them."""

from __future__ import annotations

from typing import Final

NEGATIVE_MARKER: Final = "Negative prompt:"
STEPS: Final = "Steps: "
"""With what the settings of nearly all writers begin."""

KNOWN_KEYS: Final = (
    # A1111, in its own order
    "Steps",
    "Sampler",
    "Schedule type",
    "Distilled CFG Scale",
    "CFG scale",
    "Image CFG scale",
    "Seed",
    "Face restoration",
    "Size",
    "Model hash",
    "Model",
    "FP8 weight",
    "Cache FP16 weight for LoRA",
    "VAE hash",
    "VAE",
    "Variation seed",
    "Variation seed strength",
    "Seed resize from",
    "Denoising strength",
    "Conditional mask weight",
    "Clip skip",
    "ENSD",
    "Token merging ratio",
    "Token merging ratio hr",
    "Init image hash",
    "RNG",
    "Tiling",
    "Version",
    "User",
    "First pass size",
    "Original Size",
    "VAE Encoder",
    "VAE Decoder",
    "Batch size",
    "Batch pos",
    "Eta",
    "Eta DDIM",
    "Sigma churn",
    "Sigma tmin",
    "Sigma tmax",
    "Sigma noise",
    "Schedule min sigma",
    "Schedule max sigma",
    "Schedule rho",
    "Beta schedule alpha",
    "Beta schedule beta",
    "Discard penultimate sigma",
    "SGM noise multiplier",
    "NGMS",
    "NGMS all steps",
    "Skip Early CFG",
    "Noise Schedule",
    "Noise multiplier",
    "Extra noise",
    "Downcast alphas_cumprod",
    "Pad conds",
    "Pad conds v0",
    "Emphasis",
    "Mask mode",
    "Mask blur",
    "Inpaint area",
    "Masked area padding",
    "Masked content",
    "Refiner",
    "Refiner switch at",
    "Hypernet",
    "Hypernet strength",
    "Hypernet hash",
    "Lora hashes",
    "TI hashes",
    "Hashes",
    "Script",
    "X Type",
    "X Values",
    "Y Type",
    "Y Values",
    "Z Type",
    "Z Values",
    "Template",
    "Negative Template",
    "GFPGAN visibility",
    "CodeFormer visibility",
    "CodeFormer weight",
    "Diffusion in Low Bits",
    "Swap in Low Bits",
    # SD.Next
    "Scheduler",
    "CFG rescale",
    "CFG true",
    "CFG end",
    "CLiP-skip",
    "Batch",
    "Styles",
    "App",
    "Parser",
    "Pipeline",
    "Operations",
    "LoRA networks",
    "LoRA hashes",
    "Embeddings",
    "Init image size",
    "Variation strength",
    "Sampler sigma",
    # stable-diffusion.cpp
    "TE",
    "Unet",
    # Civitai, Fooocus
    "Civitai resources",
    "Civitai metadata",
    "Created Date",
    "Performance",
    "Lora weights",
)

KNOWN_FAMILIES: Final = (
    "hires ",
    "adetailer ",
    "controlnet ",
    "controlnet-",
    "postprocess ",
    "addnet ",
    "soft inpainting ",
    "refiner ",
    "detailer ",
    "module ",
    "lora_",
    "embedding_",
)
"""Beginnings, case folded, of keys that come in many forms."""

PROBED_PIECES: Final = 64
"""Pieces between commas that are looked at for known keys."""
KNOWN_NEEDED: Final = 3
"""Different known keys that make settings of a line, or of lines, without ``Steps: 20`` at the beginning."""
_LONGEST_KEY: Final = 80
COMMON_KEYS: Final = frozenset(
    ("app", "batch", "model", "performance", "script", "size", "styles", "template", "user", "version", "pipeline")
)
"""Known keys, case folded, that a note of any other kind may have too."""

_KNOWN: Final = frozenset(key.casefold() for key in KNOWN_KEYS)

REPEATED_KEYS: Final = frozenset(("te", "text encoder", "clip", "lora", "lyco", "embedding", "embed"))
"""Settings, case folded, that name one file each and stand there once for every file."""

TEMPLATE_LABELS: Final = ("Template", "Negative Template", "Negative template")
"""Keys of lines of their own: after the settings (Dynamic Prompts), before them (SD.Next)."""
TEMPLATE_KEYS: Final = frozenset(label.casefold() for label in TEMPLATE_LABELS)
TEMPLATE_ENDING: Final = "emplate:"
"""How they all end; few texts have it."""

NOISE_KEYS: Final = frozenset(("Resources", "Hashed prompt", "Hashed Negative prompt"))
"""Keys of an old browser extension: with the first of them the settings end."""


def is_known(key: str) -> bool:
    """Whether some writer uses the key, whatever its case."""
    folded = key.casefold()
    return folded in _KNOWN or folded.startswith(KNOWN_FAMILIES)


def is_cut_key(text: str) -> bool:
    """Whether the text is the beginning of a known key, as where a text was cut off."""
    return any(key.startswith(text) for key in KNOWN_KEYS)


def key_at(text: str, start: int, stop: int) -> str | None:
    """The known key, case folded, with which the piece from `start` to `stop` begins; None without one."""
    colon = text.find(":", start, min(stop, start + _LONGEST_KEY))
    key = text[start:colon].strip() if colon > start else ""
    return key.casefold() if is_known(key) else None


def count_known_keys(line: str, start: int, stop: int, enough: int, passed: frozenset[str] = frozenset()) -> int:
    """How many different known keys the first pieces between `start` and `stop` begin with, up to `enough`.

    Those of `passed` do not count.
    """
    known: set[str] = set()
    for _ in range(PROBED_PIECES):
        comma = line.find(",", start, stop)
        key = key_at(line, start, stop if comma < 0 else comma)
        if key is not None and key not in passed:
            known.add(key)
        if comma < 0 or len(known) == enough:
            break
        start = comma + 1
    return len(known)


def begins_like_settings(line: str, start: int) -> bool:
    """Whether the line has, from `start`, three pairs of different known keys, not all of which are common words."""
    return count_known_keys(line, start, len(line), KNOWN_NEEDED) == KNOWN_NEEDED and (
        count_known_keys(line, start, len(line), 1, COMMON_KEYS) == 1
    )
