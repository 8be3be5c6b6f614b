"""Exit codes, beside 0 (all was read) and click's own 2 (wrong usage)."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
"""A file failed, a sidecar was in conflict, or the output could not be written."""
INTERRUPTED: Final = 130
