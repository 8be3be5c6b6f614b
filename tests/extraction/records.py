"""One small picture, and how its records are compared."""

from __future__ import annotations

from typing import Any

from extractor import ImageRecord
from tests.support import INFOTEXT, png, text_chunk

PARAMETERS = text_chunk("parameters", INFOTEXT)
PICTURE = png(PARAMETERS)
META = {
    "prompt": "a cat",
    "negativePrompt": "dog",
    "seed": 1,
    "steps": 20,
    "cfgScale": 7,
    "sampler": "Euler a",
    "Size": "512x512",
}


def codes(record: ImageRecord) -> list[str]:
    assert record.extraction is not None
    return [warning.code for warning in record.extraction.warnings or []]


def without_place(record: ImageRecord) -> dict[str, Any]:
    """What does not depend on where the file stands."""
    data = record.model_dump(by_alias=True, exclude_none=True)
    for key in ("url", "id", "createdAt"):
        data.pop(key, None)
    data["extraction"]["stamp"].pop("mtimeNs", None)
    return data
