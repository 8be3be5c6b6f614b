"""Where the gallery keeps what it makes, when nobody says where."""

from __future__ import annotations

import os

from extractor.catalog.find import index_path


def catalog_of(folder: str) -> str:
    """The catalog of a folder: in the user's cache, the one that ``extractor search --index`` keeps too."""
    return index_path(folder)


def thumbs_path() -> str:
    """The cache of thumbnails of this user."""
    return os.path.join(os.path.dirname(os.path.dirname(index_path("."))), "thumbnails.db")
