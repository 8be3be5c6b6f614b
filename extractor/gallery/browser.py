"""Opens the page in the user's browser without telling the token to anybody else."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Final

_PAGE: Final = (
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta http-equiv="refresh" content="0;url={address}"><title>Gallery</title>'
    '<p><a href="{address}">Open the gallery</a></p>\n'
)


def _has_screen() -> bool:
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


@contextmanager
def redirect_file(address: str) -> Iterator[str]:
    """A page that leads to an address, which only this user can read; gone after the block.

    A process list shows the arguments of a browser to everybody: they name this file, not the address.
    """
    folder = tempfile.mkdtemp(prefix="extractor-gallery-")  # 0700
    try:
        path = os.path.join(folder, "open.html")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_PAGE.format(address=escape(address)))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_browser(path: str, opener: Callable[[str], bool] = webbrowser.open) -> bool:
    """Show a file in the browser; whether there is one.

    Without a screen, those that are left would take the terminal.
    """
    if not _has_screen():
        return False
    try:
        return opener(Path(path).as_uri())
    except (webbrowser.Error, OSError):
        return False
