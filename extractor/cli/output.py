"""What the commands print. On a terminal nothing that was read from a file reaches it unescaped."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO, cast

import click

from extractor.text.printable import encodable, json_text, lines


def print_text(text: str) -> None:
    """Print a text of a file: as it is into a pipe or a file, harmless on a terminal."""
    data_stream().write(f"{encodable(text)}\n".encode())


def print_json(text: str) -> None:
    """Print a JSON text."""
    print_text(json_text(text))


def note(text: str = "") -> None:
    """Print a line of our own (with untrusted parts escaped by the caller) on stderr."""
    click.echo(text, err=True)


def wants_color() -> bool:
    """Whether stdout is a terminal that shows colours, and nobody has asked for none (NO_COLOR)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def data_stream(*, escaped: bool = True) -> BinaryIO:
    """Standard output for bytes of UTF-8: what is written is out at once.

    `escaped` shows controls instead of sending them when stdout is a terminal.
    """
    return cast("BinaryIO", _Stdout(sys.stdout.buffer, escaped=escaped and sys.stdout.isatty()))


class _Stdout:
    def __init__(self, stream: BinaryIO, *, escaped: bool) -> None:
        self._stream = stream
        self._escaped = escaped

    def write(self, data: bytes) -> int:
        self._stream.write(lines(data.decode()).encode() if self._escaped else data)
        self._stream.flush()
        return len(data)
