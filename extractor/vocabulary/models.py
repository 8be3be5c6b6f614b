"""Models and the files that hold them: their names, their hashes, and the tags that name them in a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from extractor.finding import ResourceClaim
from extractor.limits import DEFAULT_LIMITS
from extractor.text.coerce import to_number
from extractor.vocabulary.air import SOURCES
from extractor.vocabulary.nothing import NO_VALUES, says_nothing

CHECKPOINT_EXTENSIONS: Final = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
"""Files that a loader in a graph takes for the model itself."""
MODEL_EXTENSIONS: Final = (*CHECKPOINT_EXTENSIONS, ".onnx", ".pkl")
_ENDINGS: Final = (b"", *(extension.encode() for extension in CHECKPOINT_EXTENSIONS))
_LONGEST_EXTENSION: Final = max(map(len, MODEL_EXTENSIONS))

_TAG: Final = re.compile(r"<(lora|lyco|hypernet):([^<>\n]++)>", re.IGNORECASE)
_TAG_TYPES: Final = {"lora": "lora", "lyco": "lycoris", "hypernet": "hypernet"}
_NUMBER: Final = r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_ARGUMENT: Final = re.compile(rf"\s*+(?:{_NUMBER}(?=\s*+\Z|[@,])|\[{_NUMBER}\s*+\Z|[A-Za-z_]++\s*+=)")
"""What may follow the name in a tag: a number, several, a schedule (``0.8@0,1@0.5``, ``[0.5:1:10]``), or ``te=``..."""
_SCHEDULES: Final = ("@", "[")

_EMPTY_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_SHORTEST_HASH: Final = 6
_HASH: Final = re.compile(rf"(?:[a-z][a-z0-9_]{{1,15}}:)?([0-9a-f]{{{_SHORTEST_HASH},128}})")
_TITLE: Final = re.compile(r" \[(?:[0-9a-f]{8}|[0-9a-f]{10}|[0-9a-f]{12}|[0-9a-f]{64})\]\Z")
_HASH_PREFIX: Final = re.compile(r"(?:0[xX]\s*+)++")
_SHORTEST_NAME_HASH: Final = 10
_NO_CHOICES: Final = frozenset(
    (
        *("auto", "automatic", "default", "@default", "default (model)", "baked", "baked vae", "use same checkpoint"),
        *("use same choices", "use checkpoint vae", "none selected", "no vae", "built-in", "passthrough"),
        *("from checkpoint", "(from checkpoint)", "ckpt vae", "checkpoint vae", "use ckpt vae", "embedded vae"),
    )
)
"""Words, case folded, that a choice list writes when nothing was chosen."""


def prompt_tags(prompt: str) -> Iterator[ResourceClaim]:
    """The resources named by ``<lora:NAME:WEIGHT>``, ``<lyco:...>`` and ``<hypernet:...>`` tags, in their order."""
    return (_tag(_TAG_TYPES[match[1].lower()], match[2]) for match in _TAG.finditer(prompt))


def graph_tags(text: str) -> Iterator[ResourceClaim]:
    """As `prompt_tags`, as the tag loaders of graphs read them: of two numbers the first is the model's."""
    for claim in prompt_tags(text):
        if claim.strength_clip is not None:
            claim.weight, claim.strength_clip = claim.strength_clip, claim.weight
        yield claim


def _tag(kind: str, body: str) -> ResourceClaim:
    """``NAME:WEIGHT...``: the name, which may hold colons, goes up to the first colon that an argument follows.

    As A1111 reads them: of two numbers, or ``te=`` and ``unet=``, the first is the text encoder's; one alone is both.
    A strength that changes over the steps is none. What other extensions write behind the numbers is left out.
    """
    parts = body.split(":")
    end = next((at for at in range(1, len(parts)) if _begins_arguments(parts, at)), len(parts))
    numbers: list[float | int | None] = []
    named: dict[str, float | int | None] = {}
    for part in parts[end:]:
        word, equals, value = part.partition("=")
        if equals:
            named.setdefault(word.strip().lower(), to_number(value))
        elif any(mark in part for mark in _SCHEDULES) or to_number(part) is not None:
            numbers.append(to_number(part))
            if "[" in part:
                break
        else:
            break
    clip = named.get("te", numbers[0] if numbers else None)
    weight = named.get("unet", numbers[1] if len(numbers) > 1 else clip)
    clip = None if clip == weight else clip
    return ResourceClaim(type=kind, name=":".join(parts[:end]).rstrip(":") or body, weight=weight, strength_clip=clip)


def _begins_arguments(parts: list[str], at: int) -> bool:
    """Whether the name of a tag ends before this part: not within an AIR (``civitai:5@6``)."""
    if not _ARGUMENT.match(parts[at]) or parts[at - 1].strip().casefold() in SOURCES:
        return False
    return at > 1 or bool(parts[0].strip())


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
    stem = _without_marks(name[start:end].strip())
    while stem[-_LONGEST_EXTENSION:].lower().endswith(MODEL_EXTENSIONS):
        shorter = stem[: stem.rindex(".")].rstrip()
        if not shorter:
            break
        stem = shorter
    return stem


def _without_marks(stem: str) -> str:
    """The file's name without signs that a list puts behind it (``a.safetensors 🗒️``, ``a.ckpt [6ce0161689]``)."""
    if stem[-1:].isalnum():
        return stem
    title = _TITLE.search(stem)
    if title is not None and stem[: title.start()].lower().endswith(MODEL_EXTENSIONS):
        return stem[: title.start()]
    end = next((at for at in range(len(stem), 0, -1) if stem[at - 1].isalnum()), 0)
    mark = stem[end : end + 1]
    is_marked = (mark.isspace() or not mark.isascii()) and stem[:end].lower().endswith(MODEL_EXTENSIONS)
    return stem[:end] if is_marked else stem


def normal_name(name: str) -> str:
    """The name as names of one file are compared: without case, folder, extension, ``:`` and ``,``."""
    return folded_name(strip_model_name(name))


def folded_name(name: str) -> str:
    """`normal_name` of a name without folder and extension."""
    return name.casefold().replace(":", "").replace(",", "")


def clean_hash(value: str) -> str | None:
    """Lower-case hex (with the algorithm in front where the source has it: ``blake3:``); None when it is no hash.

    No hash are words such as ``None`` and ``NOFILE``, noughts alone, and the SHA-256 of nothing, which broken
    trainers store.
    """
    match = _HASH.fullmatch(value) or _HASH.fullmatch(strip_hash_prefix(value).lower())
    return None if match is None or _is_of_nothing(match[1]) else match[0]


def is_name_hash(name: str, hash: str) -> bool:
    """Whether a model's hash is the SHA-256 of its file's name, not of the file.

    Forge wrote such ones from August 2024 to February 2025 (10 digits, 12 for LoRAs). `name` may lack its extension.
    """
    if len(hash) < _SHORTEST_NAME_HASH:
        return False
    stem = name.encode("utf-8", "replace")
    return any(sha256(stem + ending).hexdigest().startswith(hash) for ending in _ENDINGS)


def strip_hash_prefix(value: str) -> str:
    """A hash as its source writes it, but without ``0x``."""
    text = value.strip()
    prefix = _HASH_PREFIX.match(text)
    return text[prefix.end() :].strip() if prefix else text


def is_no_name(value: str) -> bool:
    """Whether the value in place of a model's name says that nothing was chosen."""
    word = value.strip().casefold().replace("_", " ")
    return word in NO_VALUES or word in _NO_CHOICES


def is_hash_word(value: str) -> bool:
    """Whether the value says that there is no hash, or is that of nothing."""
    return says_nothing(value) or _is_of_nothing(strip_hash_prefix(value).lower())


def _is_of_nothing(digest: str) -> bool:
    return len(digest) >= _SHORTEST_HASH and (_EMPTY_SHA256.startswith(digest) or not digest.strip("0"))
