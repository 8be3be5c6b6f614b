"""One member of an archive: where it stands, and what it is called."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from extractor.errors import ExtractorError
from extractor.files.address import Address, Known, member_address
from extractor.text.printable import encodable

STORED: Final = 0
DEFLATED: Final = 8
"""Methods of compression, as ZIP numbers them."""


TABLE: Final = "parquet"
"""Scheme of the members of tables, which have numbers in place of names."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a member stand in its archive."""

    offset: int
    """Of its local header in a ZIP, of its data elsewhere."""
    length: int
    """Bytes of its data there; in a ZIP behind the local header."""
    method: int = STORED
    has_header: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was named."""

    scheme: str
    path: str
    """As given: a path, or an `Address`."""
    url: str
    known: Known
    """The etag of one on disk is made of its size and time."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive."""

    archive: Archive
    name: str
    """As it stands there; never a path."""
    known: Known
    place: Place | None = None
    data: bytes | None = None
    """All of it, where the archive is read from its beginning to its end."""

    @property
    def address(self) -> Address:
        """What results call it."""
        return member_address(self.archive.scheme, encodable(self.name), self.archive.path)

    @property
    def url(self) -> str:
        """Of a record."""
        return str(member_address(self.archive.scheme, encodable(self.name), self.archive.url))

    @property
    def relative(self) -> str:
        """A name below the archive's that is safe to make a file of."""
        return safe_relative(self.name)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A member that cannot be read, or the rest of an archive (no name)."""

    name: str
    error: ExtractorError


_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[ .]|$)")
"""Names that Windows gives to devices, whatever the extension."""
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]')
_HARMLESS: Final = re.compile(r"[a-z0-9_][\w/ -]{3,150}\.[a-z0-9]{1,5}", re.ASCII)
"""Most names, but for `_TROUBLE`: nothing of them needs a closer look, which takes 9 us."""
_TROUBLE: Final = re.compile(r"//| /|(?i:con|prn|aux|nul|com|lpt)")
_LONGEST: Final = 200
"""Bytes of a name; most systems take 255, of which a sidecar's suffix and a temporary name need some."""
_DEEPEST: Final = 64
"""Folders below each other that are made for a name."""


def safe_relative(name: str) -> str:
    """A relative path with slashes that stays below where it is put, on every system.

    Of two names that differ only in what is unsafe, both may come out the same.
    """
    if _HARMLESS.fullmatch(name) and not _TROUBLE.search(name) and name.count("/") < _DEEPEST:
        return name
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if len(parts) > _DEEPEST:
        parts = [_digest("/".join(parts[:-1])), parts[-1]]
    return "/".join(map(_safe_part, parts)) or "_"


def _safe_part(part: str) -> str:
    safe = _UNSAFE.sub("_", part)
    safe = safe[:-1] + "_" if safe[-1] in " ." else safe
    if _DEVICES.match(safe):
        safe = f"_{safe}"
    if len(safe.encode()) <= _LONGEST:
        return safe
    stem, dot, suffix = safe.rpartition(".")
    ending = dot + suffix if dot and len(suffix) < 16 else ""
    return _digest(safe) + ending if stem else _digest(safe)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
