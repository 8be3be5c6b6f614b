"""Models and the files that hold them: their names, their hashes, and the tags that name them in a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from extractor.finding import ResourceClaim
from extractor.limits import DEFAULT_LIMITS
from extractor.text.coerce import to_number

CHECKPOINT_EXTENSIONS: Final = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
"""Files that a loader in a graph takes for the model itself."""
MODEL_EXTENSIONS: Final = (*CHECKPOINT_EXTENSIONS, ".onnx", ".pkl")
_LONGEST_EXTENSION: Final = max(map(len, MODEL_EXTENSIONS))

_TAG: Final = re.compile(r"<(lora|lyco|hypernet):([^<>\n]++)>", re.IGNORECASE)
_TAG_TYPES: Final = {"lora": "lora", "lyco": "lycoris", "hypernet": "hypernet"}
_MAX_TAG_NUMBERS: Final = 3
"""Weights behind the name of a tag: text encoder, model, and the rank of a dynamic LoRA."""

_EMPTY_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_HASH: Final = re.compile(r"(?:[a-z][a-z0-9_]{1,15}:)?([0-9a-f]{6,128})")
_HASH_PREFIX: Final = re.compile(r"(?:0[xX]\s*+)++")
_SHORTEST_NAME_HASH: Final = 10
_NO_HASH: Final = frozenset(("none", "nofile"))
_NO_CHOICE: Final = frozenset(("", "none", "null", "undefined", "automatic", "default"))
NO_NAMES: Final = _NO_CHOICE | {
    *("(none)", "auto", "@default", "@none"),
    *("default (model)", "use same checkpoint"),
}
"""Words, case folded, that a choice list writes when nothing was chosen."""
NO_NAMES_IN_GRAPHS: Final = _NO_CHOICE | {"[none]", "baked vae", "baked"}
"""The same of loaders in graphs."""


def prompt_tags(prompt: str) -> Iterator[ResourceClaim]:
    """The resources named by ``<lora:NAME:WEIGHT>``, ``<lyco:...>`` and ``<hypernet:...>`` tags, in their order."""
    return (_tag(_TAG_TYPES[match[1].lower()], match[2]) for match in _TAG.finditer(prompt))


def _tag(kind: str, body: str) -> ResourceClaim:
    """Weights stand at the right end, as numbers or as ``te=`` and ``unet=``; the name may hold colons itself."""
    numbers: list[float | int] = []
    named: dict[str, float | int] = {}
    name = body
    while len(numbers) + len(named) < _MAX_TAG_NUMBERS:
        head, colon, last = name.rpartition(":")
        word, equals, value = last.partition("=")
        number = to_number(value if equals else last)
        if not colon or not head.strip() or number is None:
            break
        if equals:
            named[word.strip().lower()] = number
        else:
            numbers.insert(0, number)
        name = head
    weight = named.get("unet", numbers[0] if numbers else named.get("te"))
    clip = named.get("te", numbers[1] if len(numbers) > 1 else None)
    return ResourceClaim(type=kind, name=name, weight=weight, strength_clip=clip)


def strip_model_name(name: str) -> str:
    """The name of a model without its folder (of either slash) and without a known model extension.

    Applying it twice changes nothing more. A name that would become empty keeps its last part. What is longer than
    any name stays as it is.
    """
    if len(name) > DEFAULT_LIMITS.name_length:
        return name
    if "." not in name and "/" not in name and "\\" not in name:
        return name.strip()
    end = len(name.rstrip())
    start = max(name.rfind("/", 0, end), name.rfind("\\", 0, end)) + 1
    if start >= end:
        return name.strip()
    stem = name[start:end].strip()
    while stem[-_LONGEST_EXTENSION:].lower().endswith(MODEL_EXTENSIONS):
        shorter = stem[: stem.rindex(".")].rstrip()
        if not shorter:
            break
        stem = shorter
    return stem


def normal_name(name: str) -> str:
    """The name as names of one file are compared: without case, folder, extension, ``:`` and ``,``."""
    return folded_name(strip_model_name(name))


def folded_name(name: str) -> str:
    """`normal_name` of a name without folder and extension."""
    return name.casefold().replace(":", "").replace(",", "")


def clean_hash(value: str) -> str | None:
    """Lower-case hex (with the algorithm in front where the source has it: ``blake3:``); None when it is no hash.

    No hash are words such as ``None`` and ``NOFILE`` and the SHA-256 of nothing, which broken trainers store.
    """
    match = _HASH.fullmatch(value) or _HASH.fullmatch(strip_hash_prefix(value).lower())
    return None if match is None or _EMPTY_SHA256.startswith(match[1]) else match[0]


def is_name_hash(name: str, hash: str) -> bool:
    """Whether a model's hash is the SHA-256 of its file's name, not of the file.

    Forge wrote such ones from August 2024 to February 2025 (10 digits, 12 for LoRAs). `name` may lack its extension.
    """
    if len(hash) < _SHORTEST_NAME_HASH:
        return False
    names = (name, *(name + extension for extension in CHECKPOINT_EXTENSIONS))
    return any(sha256(item.encode("utf-8", "replace")).hexdigest().startswith(hash) for item in names)


def strip_hash_prefix(value: str) -> str:
    """A hash as its source writes it, but without ``0x``."""
    text = value.strip()
    prefix = _HASH_PREFIX.match(text)
    return text[prefix.end() :].strip() if prefix else text


def is_no_name(value: str) -> bool:
    """Whether the value in place of a model's name says that nothing was chosen."""
    return value.strip().casefold() in NO_NAMES


def is_hash_word(value: str) -> bool:
    """Whether the value says that there is no hash."""
    return value.strip().casefold() in _NO_HASH
