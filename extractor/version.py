"""The version, in one place: the package and its build read it here."""

from __future__ import annotations

from typing import Final

__version__: Final = "0.1.0"
