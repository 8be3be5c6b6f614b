"""AIR, Civitai's names of resources: ``urn:air:ECOSYSTEM:TYPE:SOURCE:ID[@VERSION][:LAYER][.FORMAT]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extractor.text.coerce import to_int
from extractor.text.jsontext import JsonObject

TYPES: Final = frozenset(
    (
        "checkpoint",
        "model",
        "lora",
        "lycoris",
        "dora",
        "locon",
        "embed",
        "embedding",
        "textualinversion",
        "vae",
        "upscaler",
        "controlnet",
        "hypernet",
        "hypernetwork",
        "motion",
        "motionmodule",
        "wildcards",
        "unet",
        "detection",
        "workflows",
        "other",
    )
)
SOURCES: Final = frozenset(
    ("civitai", "huggingface", "openai", "leonardo", "orchestrator", "replicate", "fal", "google")
)
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Air:
    """One resource. Its `type` is in lower case; ids are numbers for Civitai and words elsewhere."""

    text: str
    """The AIR as it was written."""
    type: str | None
    source: str
    id: str
    version: str | None = None
    ecosystem: str | None = None

    @property
    def model_version_id(self) -> int | None:
        """Civitai's model version id; None for other sources and for an AIR without a version."""
        return to_int(self.version) if self.source == "civitai" else None


def parse_air(text: str) -> Air | None:
    """The AIR that the whole text is, whatever its case, or None.

    ``urn:``, ``air:``, the ecosystem, and before an id with a version also the type, may lack.
    """
    text = text.strip()
    if ":" not in text or len(text) > _LONGEST:
        return None
    parts = text.split(":")
    for prefix in ("urn", "air"):
        if parts[0].casefold() == prefix:
            del parts[0]
    # The id follows a known source; before that stand the type and the ecosystem.
    at = next((index for index, part in enumerate(parts[:3]) if part.casefold() in SOURCES), len(parts))
    leading = [part.casefold() for part in parts[:at]]
    if at + 1 >= len(parts) or (leading and leading[-1] not in TYPES):
        return None
    source = parts[at].casefold()
    name, at_sign, version = parts[at + 1].partition("@")
    if not name or not (leading or at_sign):
        return None
    if source == "civitai" and not at_sign:
        name = name.partition(".")[0]
    return Air(
        text=text,
        type=leading[-1] if leading else None,
        source=source,
        id=name,
        version=version.partition(".")[0] or None,
        ecosystem=leading[0] if len(leading) > 1 else None,
    )


def civitai_resource(air: Air, weight: float | None = None) -> JsonObject:
    """The item of civitaiResources for an AIR: {type, modelVersionId, weight}; without a version's id {type, air}."""
    item: JsonObject = {} if air.type is None else {"type": air.type}
    if air.model_version_id is None:
        item["air"] = air.text
    else:
        item["modelVersionId"] = air.model_version_id
    if weight is not None:
        item["weight"] = weight
    return item
