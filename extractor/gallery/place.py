"""Where the gallery keeps what it makes, when nobody says where."""

from __future__ import annotations

import os

from extractor.catalog.place import cache_home, index_path


def catalog_of(folder: str) -> str:
    """The catalog of a folder: in the user's cache, the one that ``extractor search --index`` keeps too."""
    return index_path(folder)


def thumbs_path() -> str:
    """The cache of thumbnails of this user."""
    return os.path.join(cache_home(), "thumbnails.db")
