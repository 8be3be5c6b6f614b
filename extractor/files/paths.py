"""Paths and how they are opened: the flags of every open, whether a file is gone, folders that are made."""

from __future__ import annotations

import os
from typing import Final

from extractor.errors import OutputError, access_error


def _flag(name: str) -> int:
    """A flag of `os.open`; 0 where the system has none."""
    flag: int = getattr(os, name, 0)
    return flag


NO_FOLLOW: Final = _flag("O_NOFOLLOW")
"""0 where the system cannot refuse a symlink while it opens."""
_OURS: Final = _flag("O_BINARY") | _flag("O_CLOEXEC")
READ: Final = os.O_RDONLY | _OURS | _flag("O_NONBLOCK")
"""A FIFO or a device does not hang the call."""
READ_HERE: Final = READ | NO_FOLLOW
CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OURS | NO_FOLLOW
FOLDER: Final = os.O_RDONLY | _OURS | _flag("O_DIRECTORY")


def is_gone(path: str) -> bool:
    """Whether nothing stands there; what cannot be asked is not gone."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def make_folder(path: str) -> None:
    """As `os.makedirs`, which would need a stack as deep as the path. Raises `OutputError`."""
    missing = []
    while path and not os.path.isdir(path) and path != os.path.dirname(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        try:
            os.mkdir(folder)
        except FileExistsError:
            continue  # made by another worker meanwhile, or a file: writing into it will tell
        except OSError as error:
            raise access_error(error, OutputError) from error
