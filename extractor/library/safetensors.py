"""The header of a safetensors file: an unsigned 64-bit length, then JSON of that many bytes, then the tensors.

The JSON maps each tensor's name to {dtype, shape, data_offsets}; ``__metadata__`` is a map of text to text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic_core import from_json

from extractor.files.bytesource import ByteSource
from extractor.ledger import Ledger
from extractor.library.bases import base_of_tensors, base_of_words
from extractor.library.header import Header
from extractor.library.kinds import LORA, SAFETENSORS, Names, type_of_tensors
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
        result.repeated = frozenset(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return result


def _loaded(data: bytes, log: Ledger) -> dict[str, Any] | None:
    """The header's object: a `_Pairs`, as all objects in it, where any key might stand twice."""
    try:
        values = _loaded_fast(data, log)
        values = _loaded_whole(data, log) if values is None else values
    except ValueError as error:
        log.add("header-invalid", f"the header is not valid JSON: {error}")
        return None
    if not isinstance(values, dict):
        log.add("header-invalid", "the header is not a JSON object")
        return None
    return values


def _loaded_fast(data: bytes, log: Ledger) -> Any:
    """As `_loaded_whole`, of the usual header, 1.2 ms for 3.4; None: it needs a closer look."""
    if len(data) > log.limits.model_header_items:
        return None
    try:
        values = from_json(data)
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    # Every member with a text has one such mark, all of the metadata and one in each tensor; within a text a quote
    # is escaped. More of them than members: some key stands twice.
    metadata = values.get(_METADATA)
    members = len(values) - 1 + len(metadata) if isinstance(metadata, dict) else len(values)
    return values if sum(map(data.count, _TEXT_MEMBERS)) == members else None


_TEXT_MEMBERS: Final = (b'":"', b'": "')


def _loaded_whole(data: bytes, log: Ledger) -> Any:
    text = data.decode()
    bounds = Ledger(replace(log.limits, json_bytes=len(text), json_values=log.limits.model_header_items))
    if not is_within_bounds(text, bounds, "header"):
        raise ValueError(bounds.items[0].message)
    return json.loads(text, object_pairs_hook=_object)


def _fill(header: Header, values: dict[str, Any], source: ByteSource, log: Ledger) -> None:
    metadata = values.get(_METADATA)
    if not isinstance(metadata, dict):
        metadata = {}
    repeated = _repeated(values) | _repeated(metadata)
    if repeated:
        # Programs differ in which of them they take, so none says anything certain.
        log.add("duplicate-keys", f"{len(repeated)} keys of the header stand there more than once")
    tensors = {name: tensor for name, tensor in values.items() if name != _METADATA and isinstance(tensor, dict)}
    shapes = {name: tensor.get("shape") for name, tensor in tensors.items()}
    _check_size(tensors.values(), header, source, log)
    names = Names(shapes)
    header.type = type_of_tensors(names)
    header.base = base_of_tensors(names, shapes, is_lora=header.type == LORA)
    if _METADATA not in repeated:
        _fill_from_metadata(header, {key: value for key, value in metadata.items() if key not in repeated})


def _repeated(values: dict[str, Any]) -> frozenset[str]:
    return values.repeated if isinstance(values, _Pairs) else frozenset()


def _check_size(tensors: Iterable[dict[str, Any]], header: Header, source: ByteSource, log: Ledger) -> None:
    try:
        end = max([tensor["data_offsets"][1] for tensor in tensors], default=0)
        data = source.size - (header.data_start or 0)
        if end > data:
            log.add("truncated", f"the tensors take {end} bytes, the file has {data} for them")
    except (TypeError, KeyError, IndexError):
        log.add("header-invalid", "a tensor of the header has no place in the file")


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
