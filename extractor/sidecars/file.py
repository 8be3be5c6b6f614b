"""One sidecar file: its place and text, and whether a file is one of ours."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from pydantic_core import ValidationError, from_json

from extractor.errors import FileAccessError, OutputError, SidecarConflictError, access_error
from extractor.extraction.identity import record_id
from extractor.files.bytesource import FileSource
from extractor.files.paths import NO_FOLLOW, READ_HERE
from extractor.limits import MIB
from extractor.readers.beside import SIDECAR_SUFFIX
from extractor.record import ImageRecord

_LARGEST: Final = 128 * MIB
"""Bytes of a sidecar that is read whole; a record with all raw texts stays below."""
_USUAL: Final = 64 * 1024
"""Nearly all are shorter; a longer one is for a worker to read."""
_OURS: Final = frozenset(("id", "url", "hash", "width", "height", "createdAt", "meta", "extraction"))
"""Keys at the top level that are written anew; all others are kept."""
_UTF8: Final = codecs.getincrementaldecoder("utf-8")
_ENDED: Final = "EOF"
"""How the message begins when JSON is right as far as it goes."""
_BEGIN: Final = b'{\n  "id": '
CUT_OFF: Final = "the sidecar was cut off while it was written"
_FILE_SCHEME: Final = "file://"


def sidecar_path(image: str) -> str:
    """Where the sidecar of an image stands: ``a.png`` -> ``a.png.json``. Raises `TypeError` for another type."""
    if not isinstance(image, str):
        raise TypeError(f"image must be str, not {type(image).__name__}: pass os.fspath(path)")
    return image + SIDECAR_SUFFIX


def sidecar_json(record: ImageRecord) -> bytes:
    """A record as a sidecar holds it: UTF-8, two spaces, keys in the schema's order, a final line end."""
    return record.model_dump_json(by_alias=True, exclude_unset=True, indent=2).encode() + b"\n"


def read_sidecar(path: str | os.PathLike[str]) -> ImageRecord:
    """The record in a sidecar.

    Raises `FileAccessError` when it is missing or unreadable, and `SidecarConflictError` when it is a file this
    library did not write.
    """
    try:
        data = content(os.fspath(path))
    except FileAccessError as error:
        error.filename = os.fspath(path)
        raise
    record = validated(own_record(data))
    if record is None:
        raise SidecarConflictError("not a sidecar of this library")
    return record


def validated(record: dict[str, Any] | None) -> ImageRecord | None:
    """The record of a JSON object; None where somebody has changed it so that it is none any more."""
    try:
        return None if record is None else ImageRecord.model_validate(record)
    except ValidationError:
        return None


def record_at(url: str, old: dict[str, Any]) -> ImageRecord | None:
    """The record of a sidecar whose image stands elsewhere now; None where it cannot be read any more."""
    return validated(old | {"id": record_id(url), "url": url})


def with_additions(record: ImageRecord, old: dict[str, Any] | None) -> ImageRecord:
    """A new record with what a person has added to the old one at the top level."""
    added = {key: value for key, value in (old or {}).items() if key not in _OURS}
    if not added:
        return record
    return ImageRecord.model_validate(record.model_dump(by_alias=True, exclude_unset=True) | added)


def is_cut_off(old: dict[str, Any] | None) -> bool:
    """Whether `own_at` found what a cut-off write of ours left."""
    return old is not None and not old


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
    """The sidecar of ours at `path`, None if nothing is there. Raises `SidecarConflictError` for anything else.

    What a write of ours left that was cut off (by a power cut, say) is an empty object.
    """
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            name = f"{len(os.fsencode(os.path.basename(path)))} bytes"
            raise OutputError(error.errno, f"the sidecar's name ({name}) is longer than the system takes") from error
        raise access_error(error, FileAccessError) from error
    if not stat.S_ISREG(mode):
        raise SidecarConflictError("a folder, a link or a device stands in the sidecar's place")
    try:
        data = content(path)
    except FileAccessError as error:
        raise SidecarConflictError(f"what stands in the sidecar's place cannot be read: {error}") from error
    own = own_record(data)
    if own is not None:
        return own
    if _is_begun(data):
        return {}
    raise SidecarConflictError("another program's file stands in the sidecar's place")


def _is_begun(data: bytes) -> bool:
    """Whether a file holds the beginning of a sidecar of ours and no more, or nothing: zeros on some file systems."""
    begin = data.rstrip(b"\0")
    if not begin:
        return True
    if not begin.startswith(_BEGIN[: len(begin)]):
        return False
    try:
        from_json(_UTF8().decode(begin))  # without half a character at the end
    except ValueError as error:
        return str(error).startswith(_ENDED)
    return False


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
