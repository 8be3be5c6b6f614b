"""One sidecar file: its place and text, and whether a file is one of ours."""

from __future__ import annotations

import os
import stat
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from pydantic_core import from_json

from extractor.errors import FileAccessError, SidecarConflictError, access_error
from extractor.files.bytesource import FileSource
from extractor.files.paths import NO_FOLLOW, READ_HERE
from extractor.limits import MIB
from extractor.record import ImageRecord
from extractor.scanning.walk import SIDECAR_SUFFIX

_LARGEST: Final = 128 * MIB
"""Bytes of a sidecar that is read whole; a record with all raw texts stays below."""
_USUAL: Final = 64 * 1024
"""Nearly all are shorter; a longer one is for a worker to read."""
_FILE_SCHEME: Final = "file://"


def sidecar_path(image: str) -> str:
    """Where the sidecar of an image stands: ``a.png`` -> ``a.png.json``."""
    return image + SIDECAR_SUFFIX


def sidecar_json(record: ImageRecord) -> bytes:
    """A record as a sidecar holds it: UTF-8, two spaces, keys in the schema's order, a final line end."""
    return record.model_dump_json(by_alias=True, exclude_unset=True, indent=2).encode() + b"\n"


def read_sidecar(path: str | os.PathLike[str]) -> ImageRecord:
    """The record in a sidecar.

    Raises `FileAccessError` when it is missing or unreadable, and `SidecarConflictError` when it is a file this
    library did not write.
    """
    data = content(os.fspath(path))
    if own_record(data) is None:
        raise SidecarConflictError("not a sidecar of this library")
    return ImageRecord.model_validate_json(data)


def usual_record(path: str) -> dict[str, Any] | None:
    """What `own_record` makes of a small file, read in one go; None where `own_at` must have a closer look."""
    if not NO_FOLLOW and os.path.islink(path):
        return None
    try:
        fd = os.open(path, READ_HERE)
    except (OSError, ValueError):
        return None
    try:
        data = os.read(fd, _USUAL)
    except OSError:
        return None
    finally:
        os.close(fd)
    return own_record(data) if len(data) < _USUAL else None


def own_at(path: str) -> dict[str, Any] | None:
    """The sidecar of ours at `path`, None if nothing is there. Raises `SidecarConflictError` for anything else."""
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise access_error(error, FileAccessError) from error
    if not stat.S_ISREG(mode):
        raise SidecarConflictError("a folder, a link or a device stands in the sidecar's place")
    try:
        own = own_record(content(path))
    except FileAccessError as error:
        raise SidecarConflictError(f"what stands in the sidecar's place cannot be read: {error}") from error
    if own is None:
        raise SidecarConflictError("another program's file stands in the sidecar's place")
    return own


def content(path: str) -> bytes:
    """All of a file. Raises `FileAccessError`, or `SidecarConflictError` if it is no sidecar by its size."""
    source = FileSource(path)
    try:
        if source.size > _LARGEST:
            raise SidecarConflictError("the file is larger than a sidecar can be")
        return source.read_at(0, source.size)
    finally:
        source.close()


def own_record(data: bytes) -> dict[str, Any] | None:
    """The JSON object, if it is a record with the stamp of this library."""
    try:
        value = from_json(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(stamp_of(value), dict) else None


def stamp_of(record: dict[str, Any]) -> Any:
    """`extraction.stamp` of a record's JSON; None where there is none."""
    extraction = record.get("extraction")
    return extraction.get("stamp") if isinstance(extraction, dict) else None


def name_in_url(url: object) -> str | None:
    """The file name at the end of a record's url."""
    if not isinstance(url, str):
        return None
    return os.fsdecode(unquote_to_bytes(url.rpartition("/")[2]))


def path_of(url: object) -> str | None:
    """The path a ``file://`` URI of ours stands for."""
    if not isinstance(url, str) or not url.startswith(_FILE_SCHEME):
        return None
    path = os.fsdecode(unquote_to_bytes(url.removeprefix(_FILE_SCHEME)))
    return path.removeprefix("/") if os.name == "nt" else path
