"""Where libraries stand when nobody says where."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Final

_PROGRAM: Final = "extractor"
_MODE: Final = 0o700
"""Names of models tell a lot about a person."""


def default_library() -> str:
    """The library of this user; its folder is not made yet."""
    return os.path.join(_data_folder(), "models.db")


def library_of_folder(folder: str) -> str:
    """The library that is kept for one folder of models."""
    name = hashlib.sha256(os.fsencode(os.path.abspath(folder))).hexdigest()[:16]
    return os.path.join(_data_folder(), "folders", f"{name}.db")


def make_home(db: str) -> None:
    """Make the folder of a library. Raises `OSError`."""
    os.makedirs(os.path.dirname(os.path.abspath(db)), mode=_MODE, exist_ok=True)


def _data_folder() -> str:
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.join(base, _PROGRAM)
