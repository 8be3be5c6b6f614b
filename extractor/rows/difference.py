"""In what two recipes differ, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from extractor.record import ImageRecord
from extractor.vocabulary.models import normal_name

_RESOURCES: Final = "resources"
_RESOURCE_VALUES: Final = ("weight", "strengthClip", "hash", "modelVersionId")


class Difference(NamedTuple):
    """One field that differs; a side that has none is None."""

    field: str
    """The schema's key, the tool's own, or ``lora NAME`` for a resource."""
    before: Any
    after: Any


def differences(before: ImageRecord, after: ImageRecord) -> list[Difference]:
    """The fields of two records' generation data that differ, in the order of the first.

    Numbers are compared as numbers (7 is 7.0), resources by type and name. Nothing of the files counts. Raises
    `TypeError` for anything but records.
    """
    for record in (before, after):
        if not isinstance(record, ImageRecord):
            raise TypeError(f"a record must be ImageRecord, not {type(record).__name__}: extract(path) gives one")
    old, new = _meta(before), _meta(after)
    found = [
        Difference(key, old.get(key), new.get(key))
        for key in dict.fromkeys((*old, *new))
        if key != _RESOURCES and old.get(key) != new.get(key)
    ]
    generators = [record.extraction.generator if record.extraction is not None else None for record in (before, after)]
    if generators[0] != generators[1]:
        found.insert(0, Difference("generator", *generators))
    return [*found, *_resources(old.get(_RESOURCES), new.get(_RESOURCES))]


def _meta(record: ImageRecord) -> dict[str, Any]:
    return {} if record.meta is None else record.meta.model_dump(by_alias=True, exclude_none=True)


def _resources(before: Any, after: Any) -> Iterator[Difference]:
    old, new = _by_name(before), _by_name(after)
    for key in dict.fromkeys((*old, *new)):
        first, second = old.get(key), new.get(key)
        if first != second:
            yield Difference(" ".join(filter(None, key)), _values(first), _values(second))


def _by_name(resources: Any) -> dict[tuple[str, str], Mapping[str, Any]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict):
            name = resource.get("name")
            key = str(resource.get("type") or ""), normal_name(name) if isinstance(name, str) else ""
            found[key] = {value: resource[value] for value in _RESOURCE_VALUES if value in resource}
    return found


def _values(resource: Mapping[str, Any] | None) -> Any:
    """What is to be shown of a resource that is there on one side, or differs."""
    if resource is None:
        return None
    return dict(resource) if resource else True
