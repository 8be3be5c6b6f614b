"""What the commands print. On a terminal nothing that was read from a file reaches it unescaped."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import BinaryIO, Final, cast

import click

from extractor.text.printable import encodable, json_text, lines

COLOR_KEY: Final = "extractor.color"
"""Where the context of a command line keeps the answer of ``--color``."""

_TOKEN: Final = re.compile(r'("(?:[^"\\]|\\.)*+")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*+')
"""A string (and the colon behind a key), a literal or a number of JSON."""


def print_text(text: str) -> None:
    """Print a text of a file: as it is into a pipe or a file, harmless on a terminal."""
    data_stream().write(f"{encodable(text)}\n".encode())


def print_json(text: str) -> None:
    """Print a JSON text."""
    data_stream(paint=json_painter()).write(f"{json_text(text)}\n".encode())


def print_exactly(text: str) -> None:
    """Print a text of a file to its last byte, without a line end; on a terminal as `print_text`."""
    if sys.stdout.isatty():
        print_text(text)
    else:
        data_stream().write(encodable(text).encode())


def note(text: str = "") -> None:
    """Print a line of our own (with untrusted parts escaped by the caller) on stderr."""
    click.echo(text, err=True)


def wants_color() -> bool:
    """Whether stdout is to be coloured.

    What ``--color`` says; else no for NO_COLOR; yes for FORCE_COLOR and CLICOLOR_FORCE; else whether it is a
    terminal that shows colours.
    """
    context = click.get_current_context(silent=True)
    chosen = None if context is None else context.find_root().meta.get(COLOR_KEY)
    if chosen in ("always", "never"):
        return bool(chosen == "always")
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def json_painter() -> Callable[[str], str] | None:
    """What colours a JSON text for stdout; None where it is not coloured."""
    return _painted if wants_color() else None


def _painted(text: str) -> str:
    return _TOKEN.sub(_paint_token, text)


def _paint_token(match: re.Match[str]) -> str:
    # Bold and two colours that can be read on light and on dark.
    if match[2] is not None:
        return click.style(match[1], bold=True) + match[2]
    return click.style(match[0], fg="green" if match[1] is not None else "magenta")


def data_stream(*, escaped: bool = True, paint: Callable[[str], str] | None = None) -> BinaryIO:
    """Standard output for bytes of UTF-8: what is written is out at once.

    `escaped` shows controls instead of sending them when stdout is a terminal; `paint` colours what is shown then.
    """
    return cast("BinaryIO", _Stdout(sys.stdout.buffer, escaped=escaped and sys.stdout.isatty(), paint=paint))


class _Stdout:
    def __init__(self, stream: BinaryIO, *, escaped: bool, paint: Callable[[str], str] | None) -> None:
        self._stream = stream
        self._escaped = escaped
        self._paint = paint

    def write(self, data: bytes) -> int:
        if self._escaped or self._paint is not None:
            text = lines(data.decode()) if self._escaped else data.decode()
            self._stream.write((text if self._paint is None else self._paint(text)).encode())
        else:
            self._stream.write(data)
        self._stream.flush()
        return len(data)
