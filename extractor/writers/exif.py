"""The EXIF tags that carry generation data, and how they are written so that every reader of the field reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from extractor.errors import WriteRefusedError
from extractor.limits import Limits
from extractor.writers.tiffedit import InvalidTiffError, Value, edit_tiff, is_empty

USER_COMMENT: Final = 0x9286
MAKE: Final = 0x010F
MODEL: Final = 0x0110
ORIENTATION: Final = 0x0112
ARTIST: Final = 0x013B
SOFTWARE: Final = 0x0131
MAKER_NOTE: Final = 0x927C
_ASCII, _SHORT, _UNDEFINED = 2, 3, 7
_UNICODE: Final = b"UNICODE\0"
GENERATOR_ARTIST: Final = "ai"
"""Civitai's mark on pictures that it made; Software is the number of the job then."""
LABELS: Final = {"workflow": MAKE, "prompt": MODEL}
"""Key of a graph -> tag of IFD0 that holds it behind a label of that name, as ComfyUI and its save nodes read it."""
EXIF_IFD_TAGS: Final = frozenset((USER_COMMENT, MAKER_NOTE, *range(0x9000, 0x9300), *range(0xA000, 0xA500)))
TEXT_TAGS: Final = frozenset((0x000B, 0x010D, 0x010E, SOFTWARE, 0x9213, USER_COMMENT, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F))
"""Tags in which generators leave texts: what names a person, a camera or a time is none of them."""


def comment_value(text: str) -> Value:
    """A UserComment in the one form that A1111, Civitai, SD Prompt Reader and exiftool all read: UTF-16BE without a
    byte order mark, whatever the order of the TIFF.

    Raises `WriteRefusedError` for a NUL, at which some of them stop.
    """
    if "\0" in text:
        raise WriteRefusedError("a text with a NUL cannot be written")
    return Value(_UNDEFINED, _UNICODE + text.encode("utf-16-be", "replace"))


def label_value(key: str, graph: str) -> Value:
    """A graph behind its label, as ASCII JSON without a blank after the colon."""
    if not graph.isascii():  # outside of ASCII, only strings of a JSON text have characters
        graph = "".join(char if char < "\x80" else json.dumps(char)[1:-1] for char in graph)
    return Value(_ASCII, f"{key}:{graph}".encode("ascii") + b"\0")


def ascii_value(text: str) -> Value:
    """A short plain text."""
    return Value(_ASCII, text.encode("utf-8", "replace").replace(b"\0", b"") + b"\0")


def edited(
    block: bytes | None, values: Mapping[int, Value | None], limits: Limits, *, remove: Iterable[int] = ()
) -> bytes | None:
    """The block with these tags set or taken away, empty when nothing is left; None when it cannot be edited."""
    changes: dict[int, Value | None] = dict.fromkeys(sorted(remove))
    changes.update(values)
    ifd0 = {tag: value for tag, value in changes.items() if tag not in EXIF_IFD_TAGS}
    exif = {tag: value for tag, value in changes.items() if tag in EXIF_IFD_TAGS}
    for tag in changes:  # what goes or is replaced, goes from the other directory too
        for directory in (ifd0, exif):
            directory.setdefault(tag, None)
    try:
        new = edit_tiff(block, ifd0, exif, limits)
        return b"" if is_empty(new, limits) else new
    except InvalidTiffError:
        return None


def orientation_only(orientation: int, limits: Limits) -> bytes | None:
    """A block that says nothing but how the picture is turned; None when it is not."""
    if orientation == 1:
        return None
    return edit_tiff(None, {ORIENTATION: Value(_SHORT, orientation.to_bytes(2, "big"))}, {}, limits)
