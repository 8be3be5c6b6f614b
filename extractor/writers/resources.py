"""What an infotext does not say yet of a record's resources: the tags and blocks that make it do so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from extractor.record import Meta, Resource
from extractor.vocabulary.models import normal_name, prompt_tags

_TAGS: Final = {"lora": "lora", "locon": "lora", "dora": "lora", "lycoris": "lyco", "hypernet": "hypernet"}
"""Type of a resource -> its tag in a prompt."""
_FAMILIES: Final = {kind: "lora" for kind, tag in _TAGS.items() if tag != "hypernet"}
_HASHED: Final = frozenset(("lora", "lycoris", "hypernet", "embed", "upscaler", "controlnet"))
"""Types whose ``TYPE:NAME`` stands in ``Hashes``."""
_LISTED: Final = {"model": "checkpoint"}
"""Type of a resource -> Civitai's word, where they differ."""


class Lacking(NamedTuple):
    """What has to be added."""

    tags: list[str]
    """For the prompt: ``<lora:NAME:0.8>``."""
    blocks: dict[str, Any]
    """Settings with JSON values."""


def lacking_resources(meta: Meta, readable: Meta) -> Lacking:
    """What `readable`, the text so far read back, lacks of `meta`, because another tool stored it in another way."""
    here = {identity: resource for resource in _resources(readable) for identity in _identities(resource)}
    hashes = _known_hashes(meta, readable)
    tags: list[str] = []
    items, others = _civitai_items(meta, readable), list[dict[str, Any]]()
    for resource in _resources(meta):
        known = next((here[identity] for identity in _identities(resource) if identity in here), None)
        if known is None or (known.weight is None and resource.weight is not None):
            tag = _tag(resource)
            if tag is not None:
                tags.append(tag)
            else:
                _list(resource, items if resource.model_version_id is not None else others)
        if resource.hash is not None and (known is None or known.hash is None):
            key = _hash_key(resource, meta)
            if key is not None:
                hashes.setdefault(key, resource.hash)
            else:
                _list(resource, items if resource.model_version_id is not None else others)
    present = {key.casefold() for key in meta.model_extra or {}}
    extra = None if readable.extra else meta.extra
    blocks = {"Hashes": hashes, "Civitai resources": items, "Other resources": others, "Civitai metadata": extra}
    return Lacking(tags, {key: value for key, value in blocks.items() if value and key.casefold() not in present})


def _resources(meta: Meta) -> Iterator[Resource]:
    listed = meta.resources if isinstance(meta.resources, list) else ()
    return (resource for resource in listed if isinstance(resource, Resource))


def _identities(resource: Resource) -> Iterator[tuple[object, object]]:
    """By which of its values a resource is known again: its name, else its hash, and Civitai's version."""
    family = _FAMILIES.get(resource.type or "", resource.type)
    if isinstance(resource.name, str):
        yield family, normal_name(resource.name)
    elif resource.hash is not None:
        yield family, resource.hash
    if resource.model_version_id is not None:
        yield "version", resource.model_version_id


def _known_hashes(meta: Meta, readable: Meta) -> dict[str, Any]:
    known = readable.hashes if isinstance(readable.hashes, dict) else {}
    wanted = meta.hashes if isinstance(meta.hashes, dict) else {}
    return {key: value for key, value in wanted.items() if key not in known}


def _hash_key(resource: Resource, meta: Meta) -> str | None:
    """The key of ``Hashes`` that stands for the resource."""
    if resource.type in _HASHED and resource.name:
        return f"{resource.type}:{resource.name}"
    alone = {"model": meta.model, "vae": meta.vae}.get(resource.type or "")
    return resource.type if alone and resource.name and normal_name(alone) == normal_name(resource.name) else None


def _civitai_items(meta: Meta, readable: Meta) -> Any:
    """The items of ``Civitai resources``; a value of an unexpected type stays as it is."""
    if readable.civitai_resources:
        return []
    listed = meta.civitai_resources
    if not isinstance(listed, list):
        return listed or []
    return [dict(item) if isinstance(item, dict) else item for item in listed]


def _tag(resource: Resource) -> str | None:
    """The tag of a LoRA: text encoder's strength first where there are two; None for what can have none."""
    kind, name, weight = _TAGS.get(resource.type or ""), resource.name, resource.weight
    if kind is None or not isinstance(name, str):
        return None
    strengths = [resource.strength_clip, weight] if weight is not None else []
    tag = f"<{':'.join([kind, name, *(str(value) for value in strengths if value is not None)])}>"
    read = next(prompt_tags(tag), None)
    return tag if read is not None and (read.name, read.weight) == (name, weight) else None


def _list(resource: Resource, items: Any) -> None:
    if not isinstance(items, list) or resource.type is None:
        return
    members = {
        "type": _LISTED.get(resource.type, resource.type),
        "modelName": resource.name,
        "modelVersionId": resource.model_version_id,
        "weight": resource.weight,
        "hash": resource.hash,
    }
    known = next((item for item in items if isinstance(item, dict) and _is_of(item, members)), None)
    if known is None:
        items.append(known := {})
    known.update({key: value for key, value in members.items() if value is not None and key not in known})


def _is_of(item: dict[str, Any], members: dict[str, Any]) -> bool:
    if members["modelVersionId"] is not None:
        return bool(item.get("modelVersionId") == members["modelVersionId"])
    return (item.get("type"), item.get("modelName")) == (members["type"], members["modelName"])
