"""Paths as a terminal hands them over when something is dropped on it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from extractor.errors import LimitExceededError
from extractor.extraction.identity import path_of_url
from extractor.files.address import address_of
from extractor.limits import PATH_BYTES

_QUOTES: Final = ("'", '"')
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_BLOCK: Final = 64 * 1024


def resolve_argument(text: str) -> str:
    r"""The path an argument means: the argument itself if it exists, else what is left of it.

    Tried in this order, each on top of the one before, until something exists: without blanks around it, without
    quotes, as a ``file:`` URI, without backslash escapes. The argument comes back unchanged if nothing does.
    """
    if is_there(text):
        return text
    path = text
    for step in _STEPS:
        path = step(path)
        if path and is_there(path):
            return path
    return text


def resolve_source(text: str) -> str:
    """As `resolve_argument`, of a command that also reads remote files: what is no path but a URL is an `Address`.

    Only for what somebody typed: the entries of a list are paths.
    """
    path = resolve_argument(text)
    if is_there(path):
        return path
    return address_of(_without_quotes(text.strip())) or path


def read_list(stream: BinaryIO, *, separator: bytes = b"\n") -> Iterator[str]:
    """The paths of a list, one by one as it is read; empty ones are left out.

    Raises `LimitExceededError` when an entry is longer than any path (`PATH_BYTES`).
    """
    rest = b""
    while block := _read_some(stream):
        *whole, rest = (rest + block).split(separator)
        for item in whole:
            if item:
                yield os.fsdecode(item)
        if len(rest) > PATH_BYTES:
            raise LimitExceededError(f"not a list of paths: an entry is longer than {PATH_BYTES} bytes")
    if rest:
        yield os.fsdecode(rest)


def _read_some(stream: BinaryIO) -> bytes:
    """What has arrived: paths written by a slow program are handed on at once."""
    read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    return read(_BLOCK)


def is_there(path: str) -> bool:
    """Whether the path exists, be it a link to nowhere."""
    try:
        return os.path.lexists(path)
    except ValueError:
        return False


def _without_quotes(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES else text


def _from_uri(text: str) -> str:
    path = path_of_url(text)
    return text if path is None else path


def _without_escapes(text: str) -> str:
    return text if os.sep == "\\" else _ESCAPED.sub(r"\1", text)


_STEPS: Final[tuple[Callable[[str], str], ...]] = (str.strip, _without_quotes, _from_uri, _without_escapes)
