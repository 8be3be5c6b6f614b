"""The files that other programs put beside a model file, and what each of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import Final, NamedTuple

from extractor.ledger import Ledger
from extractor.library.bases import base_of_words
from extractor.library.civitai import version, versions
from extractor.library.claims import Claim, ClaimedFile, hashes_of, identifier, size_of_kib, text, texts
from extractor.text.jsontext import JsonObject, JsonValue, load_json
from extractor.vocabulary.models import clean_hash


class Sidecar(NamedTuple):
    """A kind of file beside models."""

    suffix: str
    read: Callable[[str, str, Ledger], list[Claim]]
    """(text, suffix as the claim's source, ledger) -> claims; nothing when it is another program's file."""
    is_whole: bool = False
    """Whether the suffix stands behind the model's whole name, not behind its stem."""


def names_beside(name: str, stem: str, present: Container[str]) -> Iterator[tuple[str, Sidecar]]:
    """(file name, kind) of each sidecar of the model file `name` among the names of its folder."""
    for sidecar in SIDECARS:
        beside = (name if sidecar.is_whole else stem) + sidecar.suffix
        if beside in present and beside != name:
            yield beside, sidecar


def _civitai(content: str, source: str, log: Ledger) -> list[Claim]:
    """Civitai Helper and many others: an answer of ``model-versions``; ``{}`` when Civitai does not know the file."""
    value = _object(content, log, source)
    if value is None:
        return []
    if not value:
        return [Claim(source, is_unknown=True)]
    claim = version(value, source)
    return [claim] if claim is not None else []


def _civitai_model(content: str, source: str, log: Ledger) -> list[Claim]:
    """Browser+: an answer of ``models``, with all of a model's versions."""
    return list(versions(_object(content, log, source), source))


def _stability_matrix(content: str, source: str, log: Ledger) -> list[Claim]:
    value = _object(content, log, source)
    if not value or not _has_any(value, "ModelId", "VersionId", "Hashes"):
        return []
    return [
        Claim(
            source,
            version_id=identifier(value.get("VersionId")),
            model_id=identifier(value.get("ModelId")),
            model_name=text(value.get("ModelName")),
            version_name=text(value.get("VersionName")),
            type=text(value.get("ModelType")),
            base=text(value.get("BaseModel")),
            words=texts(value.get("TrainedWords")),
            files=_files(text(value.get("RemoteFileName")), None, hashes_of(value.get("Hashes"))),
        )
    ]


def _lora_manager(content: str, source: str, log: Ledger) -> list[Claim]:
    """LoRA Manager. Its ``autov3`` is a copy of the header's own word, so it proves nothing."""
    value = _object(content, log, source)
    if not value or not _has_any(value, "file_name", "sha256", "civitai"):
        return []
    claim = version(value.get("civitai"), source) or Claim(source)
    claim.base = claim.base or text(value.get("base_model"))
    claim.model_name = claim.model_name or text(value.get("model_name"))
    size = value.get("size")
    own = size_of_kib(size / 1024) if isinstance(size, int) else None
    claim.files += _files(text(value.get("file_name")), own, hashes_of({"sha256": value.get("sha256")}))
    return [claim]


def _webui(content: str, source: str, log: Ledger) -> list[Claim]:
    """What a user writes into A1111's or Forge's card of a model; Browser+ adds hash and id."""
    value = _object(content, log, source)
    if not value or not _has_any(value, "sd version", "activation text", "preferred weight", "modelId", "sha256"):
        return []
    base = text(value.get("sd version"))
    return [
        Claim(
            source,
            version_id=identifier(value.get("modelVersionId")),
            model_id=identifier(value.get("modelId")),
            base=_WEBUI_BASES.get(base or "", base),
            words=texts(value.get("activation text")),
            files=_files(None, None, hashes_of({"sha256": value.get("sha256")})),
        )
    ]


_WEBUI_BASES: Final = {"SD1": "SD 1.5", "SD2": "SD 2.1", "SDXL": "SDXL 1.0", "Flux": "Flux.1", "Unknown": None}


def _rgthree(content: str, source: str, log: Ledger) -> list[Claim]:
    value = _object(content, log, source)
    if not value or not _has_any(value, "sha256", "civitai", "raw", "baseModel"):
        return []
    raw = value.get("raw")
    answer = value.get("civitai") or (raw.get("civitai") if isinstance(raw, dict) else None)
    claim = version(answer, source) or Claim(source)
    words = value.get("trainedWords")
    claim.words = claim.words or texts(
        [item.get("word") if isinstance(item, dict) else item for item in words] if isinstance(words, list) else None
    )
    claim.base = claim.base or text(value.get("baseModel"))
    claim.model_name = claim.model_name or text(value.get("name"))
    claim.files += _files(None, None, hashes_of({"sha256": value.get("sha256")}))
    return [claim]


def _swarm(content: str, source: str, log: Ledger) -> list[Claim]:
    """SwarmUI's own facts of a model: keys of ``modelspec``, whose hash is that of the tensors."""
    value = _object(content, log, source)
    if not value:
        return []
    spec = {key.removeprefix("modelspec."): item for key, item in value.items()}
    if not _has_any(spec, "title", "architecture", "hash_sha256"):
        return []
    trigger = text(spec.get("trigger_phrase"))
    return [
        Claim(
            source,
            title=text(spec.get("title")),
            base=base_of_words(spec.get("architecture")),
            words=[trigger] if trigger else [],
            files=_files(None, None, hashes_of({"autov3": spec.get("hash_sha256")})),
        )
    ]


_SUM_LINE: Final = re.compile(r"\s*+([0-9a-fA-F]{64})(?:\s++\*?([^\r\n]++))?\s*+")


def _sha256(content: str, source: str, log: Ledger) -> list[Claim]:
    """A line of sha256sum, or the digits alone. Nobody checks whether the file has changed since."""
    match = _SUM_LINE.fullmatch(content.partition("\n")[0])
    digest = clean_hash(match[1]) if match else None
    if match is None or digest is None:
        log.add("sidecar-invalid", f"{source}: not a line of sha256sum")
        return []
    return [Claim(source, files=[ClaimedFile(text(match[2]), None, {"sha256": digest})])]


SIDECARS: Final = (
    Sidecar(".civitai.info", _civitai),
    Sidecar(".api_info.json", _civitai_model),
    Sidecar(".cm-info.json", _stability_matrix),
    Sidecar(".metadata.json", _lora_manager),
    Sidecar(".rgthree-info.json", _rgthree, is_whole=True),
    Sidecar(".swarm.json", _swarm),
    Sidecar(".json", _webui),
    Sidecar(".sha256", _sha256),
)
"""Best first: where two of one trust disagree, the first is right."""


def _object(content: str, log: Ledger, source: str) -> JsonObject | None:
    value: JsonValue = load_json(content, log, source)
    return value if isinstance(value, dict) else None


def _has_any(value: JsonObject, *keys: str) -> bool:
    return any(key in value for key in keys)


def _files(name: str | None, size: float | None, hashes: dict[str, str]) -> list[ClaimedFile]:
    return [ClaimedFile(name, size, hashes)] if hashes or size else []
