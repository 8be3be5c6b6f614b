"""Infotexts as Civitai's site reads them: written without loss, and checked for what the site would drop.

The rules are those of the site's parser and of the schema its result must fit, as found by trying them. What does not
fit the schema costs the picture all of its metadata.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from extractor.ledger import Ledger
from extractor.limits import DEFAULT_LIMITS
from extractor.parsers.infotext.split import Infotext, split_infotext
from extractor.record import Meta, Resource
from extractor.text.coerce import to_number
from extractor.text.jsontext import clean_text, load_json
from extractor.vocabulary.models import prompt_tags
from extractor.writers.infotext import format_infotext

_BLOCKS: Final = ("Hashes", "Civitai resources", "Civitai metadata")
"""Settings whose values the site takes out as JSON before it looks at the others."""
_IN_BLOCKS: Final = ("TI hashes", "Lora hashes")
"""Settings that say what ``Hashes`` says, in a way that the site does not read or that needs quotes."""
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.\-]+")
"""Names of tags whose weights the site reads."""
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_HASH_LENGTHS: Final = (8, 10, 12, 64)
"""CRC32 and AutoV1, AutoV2, AutoV3, SHA-256 and BLAKE3."""
_BLAKE3: Final = "blake3:"
_TENSOR_HASH: Final = 64
_AUTO_V3: Final = 12
_SAFE_INTEGER: Final = 2**53
_FORBIDDEN_IN_NAMES: Final = str.maketrans(dict.fromkeys(',:"\n\r', " "))
_FORBIDDEN_IN_RESOURCES: Final = str.maketrans(dict.fromkeys("[]{}", " "))
_NETWORKS: Final = "AddNet "
"""Begins the settings of an extension that loaded LoRAs. Of one without a plain weight the site's is no number."""
_TAGGED: Final = ("lora", "lycoris", "hypernet")
_TYPES: Final = {"model": "checkpoint"}
"""Type of a resource -> the site's word, where it has another one."""


class CivitaiRemark(NamedTuple):
    """Something that Civitai's site would not take from an infotext."""

    code: str
    message: str
    loses_all: bool = False
    """Whether it costs the picture all of its metadata, not only this."""


def format_civitai(meta: Meta) -> str:
    """The infotext of generation data that the site reads whole; what it cannot hold is left out.

    Raises:
        TypeError: `meta` is no `Meta`.
    """
    if not isinstance(meta, Meta):
        raise TypeError(f"meta must be Meta, not {type(meta).__name__}")
    fields = {name: getattr(meta, name) for name in type(meta).model_fields if getattr(meta, name) is not None}
    if isinstance(meta.model, str):
        fields["model"] = " ".join(meta.model.translate(_FORBIDDEN_IN_NAMES).split())
    if not isinstance(meta.clip_skip, int):
        fields.pop("clip_skip", None)
    resources = [item for item in meta.resources or () if isinstance(item, Resource)]
    hashes = _hashes(meta, resources)
    listed = _listed(meta, resources)
    others = {key: value for key, value in (meta.model_extra or {}).items() if _is_plain(key, value)}
    others |= {"Hashes": json.dumps(hashes, ensure_ascii=False)} if hashes else {}
    others |= {"Civitai resources": json.dumps(listed, ensure_ascii=False)} if listed else {}
    for name in ("hashes", "civitai_resources", "extra", "character_prompts"):
        fields.pop(name, None)
    # Of resources without an id, the site takes those that a tag in the prompt can name.
    fields["resources"] = [item for item in resources if item.type in _TAGGED]
    fields.pop("model_hash", None)
    if "model" in hashes:
        fields["model_hash"] = hashes["model"]
    return format_infotext(
        Meta.model_validate({type(meta).model_fields[n].alias or n: v for n, v in fields.items()} | others)
    )


def _is_plain(key: str, value: object) -> bool:
    """Whether a setting can stand on the line as it is."""
    if key in _BLOCKS or key in _IN_BLOCKS or key.startswith(_NETWORKS) or any(mark in key for mark in ',:"\n'):
        return False
    if key == "Clip skip":
        return _NUMBER.fullmatch(str(value)) is not None
    if isinstance(value, bool | int | float):
        return True
    return isinstance(value, str) and not any(mark in value for mark in '"\n\r') and value[:1] not in ("[", "{")


def _hashes(meta: Meta, resources: list[Resource]) -> dict[str, str]:
    found: dict[str, str] = {}
    if isinstance(meta.model_hash, str):
        found["model"] = meta.model_hash
    for key, value in (meta.hashes or {}).items() if isinstance(meta.hashes, dict) else ():
        if isinstance(value, str):
            found.setdefault(str(key), value)
    for resource in resources:
        if resource.type in ("lora", "embed") and isinstance(resource.hash, str) and isinstance(resource.name, str):
            found.setdefault(f"{resource.type}:{resource.name}", resource.hash)
    clean = {key.replace('"', ""): _short(value) for key, value in found.items()}
    return {key: value for key, value in clean.items() if _HEX.fullmatch(value)}


def _short(value: str) -> str:
    """A hash as the site compares it: of the tensors of a file, it knows the first digits."""
    value = value.strip().lower().removeprefix("0x")
    if value.startswith(_BLAKE3):
        return value.removeprefix(_BLAKE3)
    return value[:_AUTO_V3] if len(value) == _TENSOR_HASH else value


def _listed(meta: Meta, resources: list[Resource]) -> list[dict[str, Any]]:
    """The entries of ``Civitai resources``, which carry the weights."""
    listed: dict[int, dict[str, Any]] = {}
    for resource in resources:
        version = resource.model_version_id
        if isinstance(version, int) and isinstance(resource.type, str):
            entry: dict[str, Any] = {"type": _TYPES.get(resource.type, resource.type), "modelVersionId": version}
            entry |= {"modelName": resource.name} if isinstance(resource.name, str) else {}
            entry |= {"weight": resource.weight} if isinstance(resource.weight, int | float) else {}
            listed.setdefault(version, entry)
    for item in meta.civitai_resources or () if isinstance(meta.civitai_resources, list) else ():
        version = item.get("modelVersionId") if isinstance(item, dict) else None
        if isinstance(version, int) and not isinstance(version, bool):
            entry = listed.setdefault(version, {})
            for key in ("type", "modelVersionId", "modelName", "modelVersionName", "weight"):
                if isinstance(item.get(key), str | int | float):
                    entry.setdefault(key, item[key])
    return [{key: _unbracketed(value) for key, value in entry.items()} for entry in listed.values()]


def _unbracketed(value: object) -> object:
    return " ".join(value.translate(_FORBIDDEN_IN_RESOURCES).split()) if isinstance(value, str) else value


# ------------------------------------------------------------------------------------------------------- checking


def check_civitai(text: str) -> list[CivitaiRemark]:
    """What Civitai's site would not take from an infotext, and why; nothing for a text that it reads whole.

    Raises:
        TypeError: `text` is no string.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    text = clean_text(text)
    infotext = split_infotext(text, Ledger())
    if infotext is None or not re.search(r"^Steps: ", text, re.MULTILINE):
        return [CivitaiRemark("no-settings", "no line begins with 'Steps: ': nothing is read", loses_all=True)]
    settings: dict[str, str] = {}
    for key, value in infotext.settings:
        settings.setdefault(key, value)
    return [remark for check in _CHECKS for remark in check(infotext, settings)]


def _check_model(_: Infotext, settings: dict[str, str]) -> Iterator[CivitaiRemark]:
    model, short = settings.get("Model"), settings.get("Model hash")
    if model is not None and any(mark in model for mark in ',:"'):
        yield CivitaiRemark("model-name", f"Model has a comma, colon or quote in it: {model}", loses_all=True)
    if short and not model:
        yield CivitaiRemark("model-hash-alone", "Model hash without Model attaches nothing")
    if model and not short and "model" not in _json_object(settings.get("Hashes", "")):
        yield CivitaiRemark("no-model-hash", "Model without a hash attaches nothing")


def _check_values(_: Infotext, settings: dict[str, str]) -> Iterator[CivitaiRemark]:
    for key, value in settings.items():
        if key in _BLOCKS or key == "Model":
            continue
        if value[:1] in ("{", "[") and load_json(value, Ledger(), key) is not None:
            yield CivitaiRemark("json-value", f"{key} is JSON", loses_all=True)
        elif '"' in value:
            yield CivitaiRemark("quote-in-value", f"{key} has a quote in it", loses_all=True)
    clip_skip = settings.get("Clip skip")
    if clip_skip is not None and not _NUMBER.fullmatch(clip_skip.strip()):
        yield CivitaiRemark("clip-skip", f"Clip skip is no number: {clip_skip}", loses_all=True)
    seed = settings.get("Seed", "").strip()
    if seed.isdecimal() and len(seed) < DEFAULT_LIMITS.integer_digits and int(seed) > _SAFE_INTEGER:
        yield CivitaiRemark("seed-rounded", f"Seed {seed} is rounded: the site's numbers are exact up to 2^53")


def _check_networks(_: Infotext, settings: dict[str, str]) -> Iterator[CivitaiRemark]:
    if settings.get("AddNet Enabled") != "True":
        return
    for key in settings:
        number = key.removeprefix("AddNet Model ")
        if number != key and to_number(settings.get(f"AddNet Weight {number}")) is None:
            yield CivitaiRemark("network-weight", f"{key} has no weight that the site finds", loses_all=True)
            return


def _check_resources(_: Infotext, settings: dict[str, str]) -> Iterator[CivitaiRemark]:
    block = settings.get("Civitai resources")
    if block is None:
        return
    items = load_json(block, Ledger(), "Civitai resources")
    if not isinstance(items, list) or any(mark in block[1:-1] for mark in "[]"):
        yield CivitaiRemark("resources-nested", "Civitai resources is no plain list", loses_all=True)
        return
    for item in items:
        version = item.get("modelVersionId") if isinstance(item, dict) else None
        if not isinstance(version, int) or isinstance(version, bool):
            message = "an item of Civitai resources has no modelVersionId that is a number"
            yield CivitaiRemark("resource-version", message, loses_all=True)
            return


def _check_hashes(_: Infotext, settings: dict[str, str]) -> Iterator[CivitaiRemark]:
    hashes = _json_object(settings.get("Hashes", ""))
    if "TI hashes" in settings and not any(key.startswith("embed:") for key in hashes):
        yield CivitaiRemark("ti-hashes", "TI hashes are ignored; Hashes with embed:NAME attaches embeddings")
    if "vae" in hashes or "VAE hash" in settings:
        yield CivitaiRemark("vae-hash", "a VAE is never attached by its hash")
    for key, value in (*hashes.items(), ("Model hash", settings.get("Model hash", ""))):
        if isinstance(value, str) and value and not (_HEX.fullmatch(value) and len(value) in _HASH_LENGTHS):
            yield CivitaiRemark("hash-unknown", f"{key}: {value} is no kind of hash that the site knows")


def _check_tags(infotext: Infotext, settings: dict[str, str]) -> Iterator[CivitaiRemark]:
    """Weights of tags count where the site can read the tag, or where Civitai resources say them."""
    if "Civitai resources" in settings:
        return
    for tag in prompt_tags(infotext.prompt):
        name, weight = tag.name or "", tag.weight
        if not _PLAIN_NAME.fullmatch(name) or tag.strength_clip is not None or (weight is not None and weight <= 0):
            yield CivitaiRemark("tag-weight", f"the weight of <{tag.type}:{name}> is not read")


def _json_object(text: str) -> dict[str, Any]:
    value = load_json(text, Ledger(), "Hashes") if text else None
    return value if isinstance(value, dict) else {}


_CHECKS: Final[tuple[Callable[[Infotext, dict[str, str]], Iterable[CivitaiRemark]], ...]] = (
    _check_model,
    _check_values,
    _check_networks,
    _check_resources,
    _check_hashes,
    _check_tags,
)
