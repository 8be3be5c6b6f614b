"""Dates of a record: UTC, milliseconds, ``Z``. A date without a zone is no date: it would depend on the machine."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1)
_LONGEST: Final = 40
_PARTS: Final = re.compile(r"\s*+(\d{4})[:-](\d\d)[:-](\d\d)[ T]([0-9:.]{5,15}+) ?(UTC|GMT|Z|[+-][0-9:]{4,6})\s*+\Z")
_ZONES: Final = dict.fromkeys(("UTC", "GMT", "Z"), "+00:00")


def utc_from_iso(text: str) -> str | None:
    """``2024-05-01T12:00:00+09:00`` as ``2024-05-01T03:00:00.000Z``; None without a zone or when it is no date."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return None
        return _written(moment.astimezone(UTC).replace(tzinfo=None))
    except (ValueError, OverflowError):
        return None


def utc_from_text(text: str) -> str | None:
    """As `utc_from_iso`, also of a date as mails have it: ``Sat, 09 Aug 2025 10:41:50 GMT`` (RFC 2822).

    And as EXIF and Python put it: ``2025:08:09 10:41:50+02:00``, ``2025-08-09 10:41:50 UTC``.
    """
    parts = _PARTS.match(text)
    found = utc_from_iso(
        f"{'-'.join(parts.group(1, 2, 3))}T{parts[4]}{_ZONES.get(parts[5], parts[5])}" if parts else text
    )
    if found is not None or len(text) > _LONGEST:
        return found
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
        return None if moment.tzinfo is None else _written(moment.astimezone(UTC).replace(tzinfo=None))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def utc_from_mtime(mtime_ns: int) -> str | None:
    """A file's modification time in nanoseconds since 1970; None beyond the years 1 to 9999."""
    try:
        return _written(_EPOCH + timedelta(milliseconds=mtime_ns // 1_000_000))
    except OverflowError:
        return None


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"
