"""What a parser hands on: the fields one source of a file gives. Absent is None; empty and zero are values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from extractor.embedded import Text
from extractor.record import META_KEYS
from extractor.text.jsontext import JsonObject, JsonValue

SCHEMA_KEYS: Final = frozenset(META_KEYS.values())
"""Keys of the meta object with a type of their own: never a key of `Finding.other`."""


class Kind(IntEnum):
    """What sort of source a finding comes from. The order is the precedence when sources are merged."""

    STRUCTURED = 0
    """A tool's own structured block (NovelAI Comment, ``sui_image_params``, ``invokeai_metadata``...)."""
    INFOTEXT = 1
    GRAPH = 2
    EDITOR = 3
    """A graph as it stood in the editor, which may not be what ran."""
    GENERIC = 4
    """A flat JSON or key/value text with the usual words but of no known tool."""
    SIDECAR = 5
    """A file of another tool beside the image."""


@dataclass(slots=True, kw_only=True)
class ResourceClaim:
    """One model, LoRA, embedding, VAE... that a source names.

    `type` is one of ``model lora lycoris dora hypernet embed vae upscaler controlnet adetailer motion
    wildcards`` or the source's own word.
    """

    type: str
    name: str | None = None
    """As the source has it; folder and extension are cut when resources are joined."""
    hash: str | None = None
    """Hex as the source has it (``0x`` and case are normalised later); None when the source has none."""
    weight: float | int | None = None
    strength_clip: float | int | None = None
    model_version_id: int | None = None
    after_model: bool = False
    """Listed behind the model, whatever its type (LoRAs of the Additional Networks extension)."""


@dataclass(slots=True, kw_only=True)
class Finding:
    """The fields one source gives. Prompts are trimmed outside; names still carry folder and extension."""

    generator: str
    """A name of the fixed list (``a1111``, ``forge``, ``comfyui``, ..., ``unknown``)."""
    kind: Kind
    text: Text
    """The text it was read from (the first, when it needs several)."""
    version: str | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    steps: int | None = None
    cfg_scale: int | float | None = None
    sampler: str | None = None
    """Display name where `extractor.vocabulary.samplers` has one, else the tool's word."""
    scheduler: str | None = None
    """The tool's own word, lower case. An infotext's ``Schedule type`` is in `other` instead."""
    denoise: int | float | None = None
    clip_skip: int | float | None = None
    size: str | None = None
    """Generation size ``WxH``; an infotext's verbatim."""
    model: str | None = None
    model_hash: str | None = None
    vae: str | None = None
    hashes: dict[str, str] = field(default_factory=dict)
    """Keys ``model``, ``vae``, ``refiner``, ``lora:NAME``, ``embed:NAME``, ``hypernet:NAME`` -> hex."""
    resources: list[ResourceClaim] = field(default_factory=list)
    """Everything but the main model, which is `model` and `model_hash`."""
    civitai_resources: list[JsonObject] = field(default_factory=list)
    """{type, modelVersionId, weight} of Civitai's own lists and of AIRs."""
    character_prompts: list[JsonValue] | None = None
    extra: JsonObject | None = None
    """Civitai metadata."""
    created_at: str | None = None
    """ISO 8601 with a zone."""
    other: JsonObject = field(default_factory=dict)
    """Everything else under the tool's own keys, values verbatim (infotext: text; JSON: JSON)."""
    saver_defaults: frozenset[str] | None = None
    """Graphs only: None when no node of the executed graph writes infotext; else the names of the fields of
    this class (``prompt``, ``seed``, ...) that this node took from its own unlinked widgets."""
