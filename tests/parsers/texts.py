"""Texts as the readers give them, and findings as plain dicts of what they say."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any

from extractor.embedded import Carrier, Text
from extractor.finding import Finding, Kind
from extractor.ledger import Ledger
from extractor.parsers.registry import find


def png(key: str, value: Any) -> Text:
    return Text("png", "tEXt", key, _written(value), Carrier.CHUNK)


def exif(key: str, value: Any, container: str = "jpeg") -> Text:
    return Text(container, "exif", key, _written(value), Carrier.EXIF)


def xmp(key: str, value: Any) -> Text:
    return Text("png", "xmp", key, _written(value), Carrier.XMP)


def stealth(value: Any) -> Text:
    return Text("png", "stealth-alpha", "", _written(value), Carrier.STEALTH)


def sidecar(suffix: str, value: Any) -> Text:
    return Text("sidecar", suffix, "", _written(value), Carrier.SIDECAR)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def found(*texts: Text) -> list[Finding]:
    """The findings of texts that must give no warning."""
    log = Ledger()
    findings = find(list(texts), log)
    assert log.items == []
    return findings


def warned(*texts: Text) -> list[Finding]:
    """The findings of texts that may give warnings."""
    return find(list(texts), Ledger())


def only(*texts: Text) -> dict[str, Any]:
    """What the single finding says: every field that is not absent, but for its kind and its text."""
    (finding,) = found(*texts)
    return said(finding)


def said(finding: Finding) -> dict[str, Any]:
    return {
        field.name: value
        for field in fields(finding)
        if field.name not in ("kind", "text") and (value := getattr(finding, field.name)) != _default(field)
    }


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def sources(*texts: Text) -> list[tuple[str, Kind, str]]:
    """(generator, kind, source) of each finding."""
    return [(finding.generator, finding.kind, finding.text.source) for finding in found(*texts)]


def codes(*texts: Text) -> list[str]:
    """Warning codes of the texts."""
    log = Ledger()
    find(list(texts), log)
    return [warning.code for warning in log.items]
