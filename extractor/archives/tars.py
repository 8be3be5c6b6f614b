"""tar: header after header, in the forms of POSIX (ustar, pax) and GNU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from extractor.archives.member import Archive, Damaged, Member, Place
from extractor.errors import CorruptImageError, ExtractorError, LimitExceededError, UnsupportedFormatError
from extractor.files.address import Known
from extractor.files.bytesource import ByteSource
from extractor.files.window import windowed
from extractor.limits import MIB, Limits

BLOCK: Final = 512
_FILES: Final = (b"0", b"\0", b"7")
_LONG_NAME: Final = b"L"
_PAX: Final = (b"x", b"X")
_GLOBAL: Final = b"g"
_ABOUT_THE_NEXT: Final = (_LONG_NAME, b"K", *_PAX, _GLOBAL)
_HARD_LINK: Final = b"1"
_SPARSE: Final = b"S"
_SPARSE_KEYS: Final = ("GNU.sparse.realsize", "GNU.sparse.size", "GNU.sparse.map")
_KEYS: Final = ("path", "size", "mtime", *_SPARSE_KEYS)
_LONGEST: Final = MIB
"""Bytes of what is told of a member before it."""


def is_tar(head: bytes) -> bool:
    """Whether the first block is the header of a tar: a checksum that fits, since the oldest have no magic."""
    return len(head) >= BLOCK and head[:1] != b"\0" and _has_checksum(head[:BLOCK])


@dataclass(slots=True)
class _Told:
    """What headers of their own tell of the next member, and of all that follow."""

    name: str | None = None
    pax: dict[str, str] = field(default_factory=dict)
    always: dict[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str | None:
        return self.pax.get(key, self.always.get(key))


def tar_members(source: ByteSource, archive: Archive, limits: Limits) -> Iterator[Member | Damaged]:
    """The files of a tar in their order. Hard links have no bytes of their own; of one name the first member counts.

    An archive that is cut off ends with a `Damaged` without a name. Raises `LimitExceededError`.
    """
    told, seen, at = _Told(), set[int](), 0
    source = windowed(source)
    for _ in range(limits.members):
        header = source.read_at(at, BLOCK)
        if not header.strip(b"\0"):
            return  # two blocks of zeros, or the end of the file
        if len(header) < BLOCK or not _has_checksum(header):
            yield Damaged("", CorruptImageError(f"tar: no header where one must stand, at byte {at}"))
            return
        kind, data = header[156:157], at + BLOCK
        size = _size(header, told)
        if size is None or size < 0:
            yield Damaged("", CorruptImageError(f"tar: a size that is no number, at byte {at}"))
            return
        at = data + (size + BLOCK - 1) // BLOCK * BLOCK
        if kind in _ABOUT_THE_NEXT:
            if size > _LONGEST:
                yield Damaged("", CorruptImageError(f"tar: {size} bytes about one member"))
                return
            _listen(kind, source.read_at(data, size), told)
            continue
        name = told.get("path") or told.name or _name(header)
        error = _refusal(kind, told, seen, name, data + size > source.size)
        if error is not None:
            yield Damaged(name, error)
        elif kind in _FILES and not name.endswith("/"):
            yield Member(
                archive, name, Known(size, _mtime(header, told, archive), archive.known.etag), Place(data, size)
            )
        told.name, told.pax = None, {}
    raise LimitExceededError(f"tar: more than members = {limits.members} members")


def _refusal(kind: bytes, told: _Told, seen: set[int], name: str, is_cut: bool) -> ExtractorError | None:
    """Why a member is not read; None also for what is no file."""
    if kind == _HARD_LINK:
        return UnsupportedFormatError("a hard link, which has no bytes of its own")
    if kind not in (*_FILES, _SPARSE):
        return None
    if kind == _SPARSE or any(told.get(key) is not None for key in _SPARSE_KEYS):
        return UnsupportedFormatError("a sparse file")
    if is_cut:
        return CorruptImageError("the archive ends before it does")
    key = hash(name)
    if key in seen:
        return CorruptImageError("the archive has another member of this name before it")
    seen.add(key)
    return None


def _has_checksum(header: bytes) -> bool:
    """Whether the sum of the header's bytes is what it says, its own field counted as blanks."""
    stated = _number(header[148:156])
    return stated is not None and stated == sum(header) - sum(header[148:156]) + 8 * 0x20


def _number(text: bytes) -> int | None:
    """A number in octal, or in base 256 where the first bit is set."""
    if text[0] & 0x80:
        return int.from_bytes(bytes((text[0] & 0x7F,)) + text[1:], "big")
    digits = text.strip(b" \0")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        return None


def _size(header: bytes, told: _Told) -> int | None:
    stated = told.get("size")
    if stated is None or header[156:157] in _ABOUT_THE_NEXT:
        return _number(header[124:136])
    return int(stated) if _is_digits(stated) and len(stated) < 20 else None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _mtime(header: bytes, told: _Told, archive: Archive) -> int | None:
    """In nanoseconds; that of the archive where a packer wrote none, so that records are the same on every machine."""
    stated = told.get("mtime")
    if stated is not None:
        whole, _, part = stated.partition(".")
        if (
            whole.isascii()
            and whole.isdigit()
            and len(whole) < 12
            and (not part or (part.isascii() and part.isdigit()))
        ):
            return int(whole) * 10**9 + int(part[:9].ljust(9, "0"))
    seconds = _number(header[136:148])
    return seconds * 10**9 if seconds and seconds < 2**40 else archive.known.mtime_ns


def _name(header: bytes) -> str:
    name = header[:100].partition(b"\0")[0]
    if header[257:262] == b"ustar" and header[262:263] == b"\0":
        prefix = header[345:500].partition(b"\0")[0]
        name = prefix + b"/" + name if prefix else name
    return name.decode("utf-8", "surrogateescape")


def _listen(kind: bytes, data: bytes, told: _Told) -> None:
    """Take in what a header of its own tells."""
    if kind == _LONG_NAME:
        told.name = data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
    elif kind in _PAX:
        told.pax = dict(_wanted(data))
    elif kind == _GLOBAL:
        told.always |= dict(_wanted(data))


def _wanted(data: bytes) -> Iterator[tuple[str, str]]:
    """The records that count here: whatever the others are, they are not kept."""
    return ((key, value) for key, value in _pairs(data) if key in _KEYS)


def _pairs(data: bytes) -> Iterator[tuple[str, str]]:
    """The records of a pax header, ``LENGTH KEY=VALUE`` and a line end; the length is that of the whole record."""
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 12)
        digits = data[at:space] if space > at else b""
        if not digits.isdigit() or int(digits) <= space - at + 1:
            return
        end = at + int(digits)
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not equals or end > len(data):
            return
        yield key.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        at = end
