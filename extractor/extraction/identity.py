"""The `url` and `id` of a record."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_FILE_SCHEME: Final = "file:"
_AUTHORITY: Final = "//"
_ID_SHIFT: Final = 11
"""Leaves 53 bits: every id is exact as a JavaScript number."""


def file_url(path: str | os.PathLike[str]) -> str:
    """The ``file://`` URI of a path, made absolute; symlinks are not resolved."""
    absolute = os.path.abspath(path)
    if os.name == "nt":
        return Path(absolute).as_uri()
    return "file://" + quoted(absolute)


def path_of_url(url: str) -> str | None:
    """The path that a ``file:`` URI of this machine means; None for any other text."""
    if url[: len(_FILE_SCHEME)].lower() != _FILE_SCHEME:
        return None
    place = url[len(_FILE_SCHEME) :]
    if place.startswith(_AUTHORITY):
        host, slash, rest = place[len(_AUTHORITY) :].partition("/")
        if host.lower() not in ("", "localhost"):
            return None
        place = slash + rest
    path = os.fsdecode(unquote_to_bytes(os.fsencode(place)))
    # On Windows the path of a URI is /C:/folder/name.
    return path[1:] if os.name == "nt" and path[2:3] == ":" else path


def quoted(path: str) -> str:
    """A path, or a part of one, as it stands in a URI: bytes of its name that are no text are kept."""
    return quote_from_bytes(os.fsencode(path))


def joined_url(base_url: str, relative: str) -> str:
    """`base_url`, a slash, and a relative path in percent-encoding."""
    return f"{base_url.rstrip('/')}/{quoted(relative.replace(os.sep, '/'))}"


def content_url(sha256: str) -> str:
    """The URN of bytes that have no path."""
    return f"urn:sha256:{sha256}"


def record_id(url: str) -> int:
    """A stable positive integer below 2^53 for a url; never changes between versions."""
    digest = hashlib.sha256(url.encode("utf-8", "surrogateescape")).digest()
    return (int.from_bytes(digest[:8], "big") >> _ID_SHIFT) or 1
