"""Results of a scan, made by hand."""

from __future__ import annotations

from typing import Any

from extractor.errors import UnsupportedFormatError
from extractor.record import ImageRecord
from extractor.scanning.scan import ScanResult

RECORD: dict[str, Any] = {
    "id": 7,
    "url": "https://example.org/a.png",
    "hash": "U00000",
    "width": 512,
    "height": 768,
    "createdAt": "2024-05-01T03:00:00.000Z",
    "meta": {
        "prompt": "a cat, <lora:Fine Hair:0.8>",
        "negativePrompt": "dog",
        "seed": 2**64 - 1,
        "steps": 20,
        "cfgScale": 7.5,
        "sampler": "Euler a",
        "Model": "real",
        "Model hash": "0123456789",
        "resources": [
            {"type": "lora", "name": "Fine Hair", "weight": 0.8},
            {"type": "model", "name": "real", "hash": "0123456789"},
        ],
        "clipSkip": 2,
        "Size": "512x768",
        "hashes": {"model": "0123456789"},
        "Version": "v1.10.1",
    },
    "extraction": {
        "generator": "a1111",
        "version": "v1.10.1",
        "sources": ["png:tEXt:parameters"],
        "sha256": "ab" * 32,
        "fileSize": 1234,
        "mimeType": "image/png",
        "warnings": [{"code": "hash-unsupported", "message": "no"}],
        "stamp": {"size": 1234, "mtimeNs": 5, "extractor": "0.1.0", "options": {"hash": True}},
    },
}


def found(path: str = "pics/a.png", **changes: Any) -> ScanResult:
    """A result with `RECORD`, some of its keys changed or (None) absent."""
    fields = {key: value for key, value in {**RECORD, **changes}.items() if value is not None}
    return ScanResult(path, ImageRecord.model_validate(fields))


def found_meta(path: str = "pics/a.png", **meta: Any) -> ScanResult:
    """A result with another meta."""
    return found(path, meta=meta)


FAILED = ScanResult("pics/b.png", error=UnsupportedFormatError("not an image"))
PASSED_OVER = ScanResult("pics/c.txt", passed_over=True)
SKIPPED = ScanResult("pics/d.png", skipped=True)
ALL = (found(), FAILED, PASSED_OVER, SKIPPED)
