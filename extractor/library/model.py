"""One file of the library, as it is shown and joined with records."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final

VERIFIED: Final = "verified"
"""A hash of the file itself shows it."""
LIKELY: Final = "likely"
"""Name and size agree; no hash was computed yet that could tell."""

COMPUTED, CACHED, HEADER, CLAIMED = "computed", "cache", "header", "claimed"
"""Where a hash comes from: read from the file's bytes, another program's cache, the file's own header, a sidecar."""
SOUND: Final = (COMPUTED, CACHED)
"""Origins of hashes that are written into records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hash:
    """A hash of a file."""

    kind: str
    """``sha256``, ``tensors``, ``autov1``, ``crc32``, ``blake3``, ``sshs``, ``sshs-legacy``, ``modelspec``."""
    value: str
    """Lower-case hex; of a claim perhaps only its beginning."""
    origin: str
    digits: int
    """How many leading digits tell the file; 0 where none do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A model on the disk. What is not known is None or empty."""

    path: str
    name: str
    """File name without extension: how recipes call it."""
    format: str
    size: int | None = None
    type: str | None = None
    """One of `extractor.library.kinds.TYPES`."""
    type_by: str | None = None
    """``header``, ``folder``, or the sidecar that says it."""
    base: str | None = None
    """Base model, as Civitai calls it."""
    base_by: str | None = None
    title: str | None = None
    alias: str | None = None
    """The name its trainer gave it (``ss_output_name``)."""
    words: list[str] = field(default_factory=list)
    """Trained words."""
    hashes: list[Hash] = field(default_factory=list)
    model_id: int | None = None
    version_id: int | None = None
    """Of Civitai."""
    version_name: str | None = None
    trust: str | None = None
    """How far the ids can be relied on: ``verified`` or ``likely``."""
    trust_by: str | None = None
    is_edited: bool = False
    """Whether its header was changed since it was published: its SHA-256 is not the one the site knows."""
    is_unknown: bool = False
    """Civitai was asked and does not know it."""
    warnings: list[tuple[str, str]] = field(default_factory=list)
    """(code, message)"""

    def hash(self, kind: str, *origins: str) -> str | None:
        """The hash of a kind, of one of these origins (default: of the file itself)."""
        wanted = origins or SOUND
        return next((item.value for item in self.hashes if item.kind == kind and item.origin in wanted), None)

    def to_json(self) -> dict[str, Any]:
        """Everything that is known, under the names of this class; absent things are left out."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["hashes"] = [{part.name: getattr(item, part.name) for part in fields(item)} for item in self.hashes]
        values["warnings"] = [list(item) for item in self.warnings]
        return {key: value for key, value in values.items() if value not in (None, [], False)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ModelFile:
        """What `to_json` gave."""
        hashes = [Hash(**item) for item in values.get("hashes", ())]
        warnings = [(code, message) for code, message in values.get("warnings", ())]
        return cls(**{**values, "hashes": hashes, "warnings": warnings})


def identity(model: ModelFile) -> str:
    """What copies of one file share, as far as it is known."""
    return model.hash("sha256") or model.path
