"""Where catalogs stand that nobody gave a place."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Final

_HOME: Final = "ai-image-metadata"


def cache_home() -> str:
    """The folder of this program in the user's cache."""
    return os.path.join(_cache(), _HOME)


def index_path(folder: str) -> str:
    """Where the catalog of a folder stands in the user's cache."""
    name = hashlib.sha256(os.fsencode(os.path.abspath(folder))).hexdigest()[:32]
    return os.path.join(cache_home(), "indexes", f"{name}.db")


def _cache() -> str:
    if os.name == "nt":
        return os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    return os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
