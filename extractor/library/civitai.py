"""Answers of Civitai's API that were saved in files: versions, models, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator

from extractor.library.claims import MOST, Claim, ClaimedFile, hashes_of, identifier, size_of_kib, text, texts
from extractor.text.jsontext import JsonObject, JsonValue


def versions(value: JsonValue, source: str) -> Iterator[Claim]:
    """Every model version in an answer: of ``model-versions``, ``models``, ``by-hash``, or a list of these."""
    items = value.get("items", value) if isinstance(value, dict) else value
    for item in items if isinstance(items, list) else (items,):
        if isinstance(item, dict):
            yield from _of_item(item, source)


def version(value: JsonValue, source: str, model: JsonObject | None = None) -> Claim | None:
    """One model version; `model` is the object it stands in. None when it has no id."""
    if not isinstance(value, dict) or identifier(value.get("id")) is None:
        return None
    inner = value.get("model")
    of = model if model is not None else inner if isinstance(inner, dict) else {}
    files = value.get("files")
    return Claim(
        source=source,
        version_id=identifier(value.get("id")),
        model_id=identifier(value.get("modelId")) or identifier(of.get("id")),
        model_name=text(of.get("name")),
        version_name=text(value.get("name")),
        type=text(of.get("type")),
        base=text(value.get("baseModel")),
        words=texts(value.get("trainedWords")),
        files=[_file(item) for item in files[:MOST] if isinstance(item, dict)] if isinstance(files, list) else [],
    )


def _of_item(item: JsonObject, source: str) -> Iterator[Claim]:
    nested = item.get("modelVersions")
    if not isinstance(nested, list):
        nested, model = [item], None
    else:
        model = item
    for value in nested:
        claim = version(value, source, model)
        if claim is not None:
            yield claim


def _file(item: JsonObject) -> ClaimedFile:
    return ClaimedFile(text(item.get("name")), size_of_kib(item.get("sizeKB")), hashes_of(item.get("hashes")))
