"""What a record lacks, filled from the library. What the record says itself is never overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias, TypeGuard

from extractor.library.claims import Claim
from extractor.library.hashing import AUTOV2_DIGITS, AUTOV3_DIGITS, SHA256, TENSORS
from extractor.library.kinds import LORA, RECORD_TYPES
from extractor.library.match import Match, Status, Wanted
from extractor.library.model import SOUND, VERIFIED, ModelFile
from extractor.record import Extraction, ImageRecord, Meta, ModelFill, RecordWarning, Resource
from extractor.vocabulary.models import clean_hash, normal_name

DIFFERS: Final = "model-hash-differs"
_MODEL: Final = "Model"
_RESOURCE: Final = re.compile(r"resources\[(\d{1,6})\]")
_MODEL_TYPES: Final = ("model", "checkpoint")
_NAMES: Final = {"name": "name", "hash": "hash", "modelVersionId": "model_version_id", "Model": "model"} | {
    "Model hash": "model_hash"
}
"""Key of the schema -> attribute of a resource or of meta."""

Find: TypeAlias = Callable[[Wanted], Match]


class Part(NamedTuple):
    """A place of a record that names a model."""

    at: str
    """As in `ModelFill.at`."""
    wanted: Wanted


def parts(record: ImageRecord) -> Iterator[Part]:
    """All places of a record that name models.

    Its resources, the main model where no resource is it, and what only Civitai's list has (AIRs of graphs).
    """
    meta = record.meta
    if not isinstance(meta, Meta):
        return
    resources = _resources(meta)
    for position, resource in resources.items():
        yield Part(f"resources[{position}]", _wanted(resource))
    if _main(meta, resources) is None and (meta.model or meta.model_hash):
        yield Part(_MODEL, Wanted(_MODEL_TYPES[0], _text(meta.model), _text(meta.model_hash), None))
    named = {part.model_version_id for part in resources.values()}
    items = meta.civitai_resources if isinstance(meta.civitai_resources, list) else ()
    for position, item in enumerate(items):
        version = item.get("modelVersionId") if isinstance(item, dict) else None
        if _is_id(version) and version not in named:
            yield Part(f"civitaiResources[{position}]", Wanted(_text(item.get("type")), None, None, version))


def complete(record: ImageRecord, find: Find) -> ImageRecord:
    """A copy of the record with absent names, hashes and version ids.

    What an earlier library had filled is taken out first, so completing twice is completing once.
    """
    record = _without_fills(record)
    if not isinstance(record.meta, Meta):
        return record
    meta = record.meta.model_copy()
    fills: list[ModelFill] = []
    warnings: list[RecordWarning] = []
    resources = list(meta.resources) if isinstance(meta.resources, list) else []
    main = _main(meta, _resources(meta))
    for part in parts(record):
        match = find(part.wanted)
        if match.status is Status.OTHER and part.wanted.hash and not match.is_name_hash:
            warnings.append(_differing(part.wanted, match))
        position = _position(part.at)
        if position is not None:
            resources[position], fill = _filled(resources[position], part, match)
            fills += fill
        if part.at == _MODEL or (position is not None and position == main):
            fills += _fill_model(meta, match)
    if fills and resources:
        meta.resources = resources
    return _with(record, meta, fills, warnings)


def record_hash(file: ModelFile) -> str | None:
    """The hash by which a file is known on Civitai: AutoV3 of a LoRA or of an edited file, else AutoV2."""
    tensors, sha256 = file.hash(TENSORS, *SOUND), file.hash(SHA256, *SOUND)
    if tensors is not None and (file.type == LORA or file.is_edited):
        return tensors[:AUTOV3_DIGITS]
    return sha256[:AUTOV2_DIGITS] if sha256 is not None else None


def _filled(resource: Resource, part: Part, match: Match) -> tuple[Resource, list[ModelFill]]:
    filled: dict[str, Any] = {}
    replaced = None
    hash = _hash(match, part.wanted)
    for key, value in (("name", _name(match)), ("hash", hash), ("modelVersionId", _version_id(match))):
        if value is not None and getattr(resource, _NAMES[key]) is None:
            filled[key] = value
    if match.is_name_hash and hash is not None and "hash" not in filled:
        filled["hash"], replaced = hash, {"hash": resource.hash}
    if not filled:
        return resource, []
    copy = resource.model_copy()
    for key, value in filled.items():
        setattr(copy, _NAMES[key], value)
    return copy, [_fill(part.at, match, filled, replaced)]


def _fill_model(meta: Meta, match: Match) -> list[ModelFill]:
    """Name and hash of the main model. A hash that the file has stays, also one of a mere name."""
    filled: dict[str, Any] = {}
    hash = _hash(match, Wanted(_MODEL_TYPES[0], meta.model, meta.model_hash, None))
    for key, value in (("Model", _name(match)), ("Model hash", hash)):
        if value is not None and getattr(meta, _NAMES[key]) is None:
            setattr(meta, _NAMES[key], value)
            filled[key] = value
    return [_fill(_MODEL, match, filled, None)] if filled else []


def _fill(at: str, match: Match, filled: dict[str, Any], replaced: dict[str, Any] | None) -> ModelFill:
    values: dict[str, Any] = {"at": at, "by": match.by, "filled": filled}
    if match.file is not None:
        values["file"] = os.path.basename(match.file.path)
    if replaced is not None:
        values["replaced"] = replaced
    return ModelFill.model_validate(values)


def _name(match: Match) -> str | None:
    if match.file is not None:
        return match.file.name
    return match.version.model_name if match.version is not None and match.status is Status.MISSING else None


def _hash(match: Match, wanted: Wanted) -> str | None:
    if match.file is not None:
        return record_hash(match.file)
    version = match.version
    if version is None or match.status is not Status.MISSING or len(version.files) != 1:
        return None
    is_lora = LORA in RECORD_TYPES.get((wanted.type or "").lower(), ())
    hashes = version.files[0].hashes
    if is_lora and TENSORS in hashes:
        return hashes[TENSORS][:AUTOV3_DIGITS]
    return hashes[SHA256][:AUTOV2_DIGITS] if SHA256 in hashes else None


def _version_id(match: Match) -> int | None:
    file = match.file
    if file is not None and file.trust == VERIFIED:
        return file.version_id
    return _of_version(match.version) if match.status in (Status.HERE, Status.MISSING) else None


def _of_version(version: Claim | None) -> int | None:
    return version.version_id if version is not None else None


def _differing(wanted: Wanted, match: Match) -> RecordWarning:
    files = ", ".join(sorted({os.path.basename(file.path) for file in match.files}))
    return RecordWarning(code=DIFFERS, message=f"{wanted.name}: {wanted.hash} is no hash of {files} in the library")


def _resources(meta: Meta) -> dict[int, Resource]:
    """The entries that are resources, by their positions; a record that was loaded may hold anything."""
    items = meta.resources if isinstance(meta.resources, list) else ()
    return {position: item for position, item in enumerate(items) if isinstance(item, Resource)}


def _main(meta: Meta, resources: dict[int, Resource]) -> int | None:
    """The position of the resource that the main model is."""
    name, digest = _text(meta.model), _text(meta.model_hash)
    for position, resource in resources.items():
        if (_text(resource.type) or "").lower() not in _MODEL_TYPES:
            continue
        own_name, own_hash = _text(resource.name), _text(resource.hash)
        if name and own_name and normal_name(name) == normal_name(own_name):
            return position
        if digest and own_hash and not (name and own_name) and clean_hash(digest) == clean_hash(own_hash):
            return position
    return None


def _wanted(resource: Resource) -> Wanted:
    version = resource.model_version_id
    known = version if _is_id(version) else None
    return Wanted(_text(resource.type), _text(resource.name), _text(resource.hash), known)


def _is_id(value: object) -> TypeGuard[int]:
    """Whether it is a number that SQLite can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _position(at: str) -> int | None:
    match = _RESOURCE.fullmatch(at)
    return int(match[1]) if match else None


def _without_fills(record: ImageRecord) -> ImageRecord:
    """The record as the file alone gives it."""
    extraction = record.extraction
    if extraction is None or not isinstance(record.meta, Meta):
        return record
    meta = record.meta.model_copy()
    if extraction.models:
        resources = list(meta.resources) if isinstance(meta.resources, list) else []
        for fill in extraction.models:
            position = _position(fill.at)
            if position is None:
                _take_out(meta, fill)
            elif position < len(resources) and isinstance(resources[position], Resource):
                resources[position] = resources[position].model_copy()
                _take_out(resources[position], fill)
        if resources:
            meta.resources = resources
    return _with(record, meta, [], [])


def _take_out(part: Meta | Resource, fill: ModelFill) -> None:
    for key in fill.filled:
        name = _NAMES.get(key)
        if name is not None:
            setattr(part, name, None)
            part.model_fields_set.discard(name)
    for key, value in (fill.replaced or {}).items():
        if key in _NAMES:
            setattr(part, _NAMES[key], value)


def _with(record: ImageRecord, meta: Meta, fills: list[ModelFill], warnings: list[RecordWarning]) -> ImageRecord:
    """The record with these fills and warnings of the library in place of all earlier ones."""
    extraction = record.extraction.model_copy() if record.extraction is not None else Extraction()
    kept = [warning for warning in extraction.warnings or () if warning.code != DIFFERS]
    _put(extraction, "warnings", kept + warnings)
    _put(extraction, "models", fills)
    copy = record.model_copy()
    copy.meta = meta
    if record.extraction is not None or extraction.model_fields_set:
        copy.extraction = extraction
    return copy


def _put(extraction: Extraction, name: str, values: list[Any]) -> None:
    """Set a list, or leave it absent when it is empty."""
    setattr(extraction, name, values or None)
    if not values:
        extraction.model_fields_set.discard(name)
