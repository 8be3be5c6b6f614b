"""The optional helpers, as far as they are installed: rows of PNG and sampling in C, and a faster zlib."""

from __future__ import annotations

import zlib
from importlib import import_module
from types import ModuleType
from typing import Final


def _optional(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None


ROWS: Final = _optional("extractor.pixels._rows")
"""The extension in ``_rows.c``; None where there was no compiler to build it."""

SAMPLING: Final = _optional("extractor.pixels._sampling")
"""The extension in ``_sampling.c``; None where there was no compiler to build it."""

INFLATE: Final = _optional("isal.isal_zlib") or zlib
"""What inflates pixels; used as `zlib` is."""


def png_way() -> str:
    """How the pixels of usual PNGs are decoded, in words."""
    if ROWS is None:
        return "Pillow"
    return f"own rows ({ROWS.FORM}), inflated by {'zlib' if INFLATE is zlib else 'isal'}"
