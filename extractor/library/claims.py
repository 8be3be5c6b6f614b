"""What others say about a model file, until hashes show whether it is so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from extractor.text.coerce import to_int, to_text
from extractor.text.jsontext import JsonValue, clean_text
from extractor.vocabulary.models import clean_hash

MOST: Final = 1_000
"""Words, files or versions of one claim that are kept."""
_LONGEST: Final = 1_000
_KIB: Final = 1024

_HASH_KINDS: Final = {
    "sha256": "sha256",
    "autov2": "sha256",
    "autov3": "tensors",
    "autov1": "autov1",
    "crc32": "crc32",
    "blake3": "blake3",
}
"""Name of a hash in an answer of Civitai, in lower case -> kind; AutoV2 and AutoV3 are beginnings of a longer one."""


@dataclass(slots=True)
class ClaimedFile:
    """A file as somebody describes it."""

    name: str | None = None
    size: float | None = None
    """Bytes."""
    hashes: dict[str, str] = field(default_factory=dict)
    """Kind -> lower-case hex, perhaps only its beginning."""


@dataclass(slots=True)
class Claim:
    """What one sidecar or one answer of Civitai says. Absent is None or empty."""

    source: str
    """The kind of sidecar, or ``import``."""
    version_id: int | None = None
    model_id: int | None = None
    model_name: str | None = None
    version_name: str | None = None
    type: str | None = None
    """As it is written there."""
    base: str | None = None
    title: str | None = None
    words: list[str] = field(default_factory=list)
    files: list[ClaimedFile] = field(default_factory=list)
    is_unknown: bool = False
    """Civitai was asked and does not know the file."""

    def to_json(self) -> dict[str, Any]:
        """Only what is there."""
        return {key: value for key, value in asdict(self).items() if value not in (None, [], False)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Claim:
        """A claim that `to_json` gave."""
        files = [ClaimedFile(**item) for item in values.get("files", ())]
        return cls(**{**values, "files": files})


def text(value: object) -> str | None:
    """A short text that can be written as UTF-8; None for anything else."""
    found = to_text(value)
    return clean_text(found)[:_LONGEST] if found else None


def identifier(value: object) -> int | None:
    """An id of Civitai."""
    number = to_int(value)
    return number if number is not None and 0 < number < 2**53 else None


def texts(value: object) -> list[str]:
    """The texts of a list, or a text that commas cut."""
    items: Iterable[object] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    found = [word for item in list(items)[:MOST] if (word := text(item))]
    return list(dict.fromkeys(found))


def size_of_kib(value: object) -> float | None:
    """Bytes, from Civitai's ``sizeKB``."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) * _KIB if is_number and 0 < value < 2**53 else None  # type: ignore[arg-type,operator]


def hashes_of(value: JsonValue) -> dict[str, str]:
    """Hashes under Civitai's names, whole ones before their beginnings; what is no hash is left out."""
    found: dict[str, str] = {}
    for name, item in sorted(value.items()) if isinstance(value, dict) else ():
        kind = _HASH_KINDS.get(name.lower())
        digest = clean_hash(item) if isinstance(item, str) else None
        if kind is not None and digest is not None and ":" not in digest and len(digest) > len(found.get(kind, "")):
            found[kind] = digest
    return found
