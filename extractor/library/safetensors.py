"""The header of a safetensors file: an unsigned 64-bit length, then JSON of that many bytes, then the tensors.

The JSON maps each tensor's name to {dtype, shape, data_offsets}; ``__metadata__`` is a map of text to text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.library.bases import base_of_tensors, base_of_words
from extractor.library.header import Header
from extractor.library.kinds import LORA, SAFETENSORS, type_of_tensors
from extractor.text.coerce import to_text
from extractor.text.jsontext import clean_text, is_within_bounds

_LENGTH_BYTES: Final = 8
_METADATA: Final = "__metadata__"
_CLAIMS: Final = {
    "sshs_model_hash": "sshs",
    "sshs_legacy_hash": "sshs-legacy",
    "modelspec.hash_sha256": "modelspec",
}
"""Key of the metadata -> kind of the hash that it claims."""
_TYPE_WORDS: Final = {"lora": LORA}
"""What stands behind the slash of ``modelspec.architecture``."""


def read_safetensors(source: ByteSource, log: Ledger) -> Header:
    """The facts in a header; of one that cannot be read only the format."""
    header = Header(SAFETENSORS)
    length = int.from_bytes(source.read_at(0, _LENGTH_BYTES), "little")
    if source.size < _LENGTH_BYTES or length > source.size - _LENGTH_BYTES:
        log.add("header-length", f"the header is said to have {length} bytes, the file has {source.size}")
        return header
    header.data_start = _LENGTH_BYTES + length
    if length > log.limits.model_header_bytes:
        log.limit("model_header_bytes", f"a header of {length} bytes is not read")
        return header
    values = _loaded(source.read_at(_LENGTH_BYTES, length), log)
    if values is not None:
        _fill(header, values, source, log)
    return header


class _Pairs(dict[str, Any]):
    """A JSON object; `repeated` are the keys that stand in it more than once."""

    repeated: frozenset[str] = frozenset()


def _object(pairs: list[tuple[str, Any]]) -> _Pairs:
    result = _Pairs(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        result.repeated = frozenset(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return result


def _loaded(data: bytes, log: Ledger) -> _Pairs | None:
    try:
        text = data.decode()
        bounds = Ledger(replace(log.limits, json_bytes=len(text), json_values=log.limits.model_header_items))
        if not is_within_bounds(text, bounds, "header"):
            for warning in bounds.items:
                log.add(*warning)
            return None
        values = json.loads(text, object_pairs_hook=_object)
    except ValueError as error:
        log.add("header-invalid", f"the header is not valid JSON: {error}")
        return None
    if not isinstance(values, _Pairs):
        log.add("header-invalid", "the header is not a JSON object")
        return None
    return values


def _fill(header: Header, values: _Pairs, source: ByteSource, log: Ledger) -> None:
    metadata = values.get(_METADATA)
    if not isinstance(metadata, _Pairs):
        metadata = _Pairs()
    repeated = values.repeated | metadata.repeated
    if repeated:
        # Programs differ in which of them they take, so none says anything certain.
        log.add("duplicate-keys", f"{len(repeated)} keys of the header stand there more than once")
    if _METADATA in values.repeated:
        metadata = _Pairs()
    shapes = _shapes(values, header, source, log)
    header.type = type_of_tensors(shapes)
    header.base = base_of_tensors(shapes, is_lora=header.type == LORA)
    _fill_from_metadata(header, {key: value for key, value in metadata.items() if key not in repeated})


def _shapes(values: _Pairs, header: Header, source: ByteSource, log: Ledger) -> dict[str, list[int]]:
    shapes = {}
    end = 0
    for name, tensor in values.items():
        if name == _METADATA or not isinstance(tensor, dict):
            continue
        shape, offsets = tensor.get("shape"), tensor.get("data_offsets")
        shapes[name] = [size for size in shape if isinstance(size, int)] if isinstance(shape, list) else []
        if isinstance(offsets, list) and len(offsets) == 2 and isinstance(offsets[1], int):
            end = max(end, offsets[1])
    data = source.size - (header.data_start or 0)
    if end > data:
        log.add("truncated", f"the tensors take {end} bytes, the file has {data} for them")
    return shapes


def _fill_from_metadata(header: Header, metadata: Mapping[str, Any]) -> None:
    architecture = metadata.get("modelspec.architecture")
    said = base_of_words(metadata.get("ss_base_model_version"), architecture)
    header.base = said or header.base
    if header.type is None and isinstance(architecture, str):
        header.type = _TYPE_WORDS.get(architecture.rpartition("/")[2].lower())
    header.title = _text(metadata.get("modelspec.title"))
    header.alias = _text(metadata.get("ss_output_name"))
    trigger = _text(metadata.get("modelspec.trigger_phrase"))
    header.words = [trigger] if trigger else []
    header.hashes = {
        kind: value for key, kind in _CLAIMS.items() if (value := _text(metadata.get(key))) and len(value) <= 80
    }


def _text(value: object) -> str | None:
    text = to_text(value)
    return clean_text(text)[:1000] if text else None
