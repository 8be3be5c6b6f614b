"""Addresses of remote files and of members of archives, told from paths by their type.

A string is a path wherever this library takes one; only `Address` is anything else. So a path that looks like a URL
(``s3:/b`` is a fine name of a folder) is never fetched, and no program that hands on a stranger's strings fetches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://")
"""Two letters at least: ``C:`` is a drive."""
_LOCAL: Final = ("file", "local")
WEB: Final = ("http", "https")
CHAIN: Final = "::"
"""Between a member and its archive: ``zip://a.png::s3://b/x.zip``, as fsspec writes it."""
IN_ARCHIVE: Final = ("zip", "tar", "parquet")
"""Schemes of members of archives."""


class Address(str):
    """Where a remote file or a member of an archive is found: a string that is no path."""

    __slots__ = ()


class Parts(NamedTuple):
    """A remote address taken apart."""

    scheme: str
    root: str
    """What a store is opened for: ``s3://bucket``, ``https://host``."""
    key: str
    """What is asked of the store, as it stands in the address."""


class Known(NamedTuple):
    """What a listing tells of a remote file, or a directory of a member."""

    size: int
    mtime_ns: int | None = None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote file, with what is known of it before it is opened."""

    address: Address
    known: Known | None = None
    data: bytes | None = None
    """All of it, where it was fetched already."""

    @property
    def url(self) -> str:
        """Of a record."""
        return str(self.address)


def address_of(text: str) -> Address | None:
    """The text as an address, if it has the form of one: ``scheme://...`` of any scheme but that of local files."""
    if isinstance(text, Address):
        return text
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[0][:-3].lower() in _LOCAL:
        return None
    return Address(text)


def parts_of(address: str) -> Parts:
    """An address taken apart. The query of a web address belongs to its key."""
    scheme, _, rest = address.partition("://")
    host, _, key = rest.partition("/")
    return Parts(scheme.lower(), f"{scheme}://{host}", key)


def name_of(address: str) -> str:
    """The file name at the end: percent-encoding undone where the address is one of the web."""
    parts = parts_of(address)
    if parts.scheme in WEB:
        return unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2] or parts.root.rpartition("/")[2]
    return parts.key.rstrip("/").rpartition("/")[2] or parts.root.rpartition("/")[2]


def is_prefix(address: str) -> bool:
    """Whether it can only be a folder: it ends with a slash, or is a whole bucket."""
    parts = parts_of(address)
    return parts.scheme not in WEB and (not parts.key or parts.key.endswith("/"))


def member_address(scheme: str, name: str, archive: str) -> Address:
    """The address of a member of an archive, which is a path, a ``file://`` URI or a remote address."""
    return Address(f"{scheme}://{name}{CHAIN}{archive}")


def split_member(address: str) -> tuple[str, str, str] | None:
    """(scheme, name, archive) of a member's address; None for others. A name may hold ``::``, an archive's not."""
    scheme, mark, rest = address.partition("://")
    if not mark or scheme not in IN_ARCHIVE:
        return None
    name, chain, archive = rest.rpartition(CHAIN)
    return (scheme, name, archive) if chain else None


def folder_and_name(path: str) -> tuple[str, str] | None:
    """Of a member's address: its archive with the folder in it, and its name; None for others.

    ``zip://x/a.png::b.zip`` gives ``b.zip/x`` and ``a.png``.
    """
    parts = split_member(path)
    if parts is None:
        return None
    folder, _, name = parts[1].rpartition("/")
    return f"{parts[2]}/{folder.strip('/')}".rstrip("/"), name
