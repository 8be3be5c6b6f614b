"""Dates of a record: UTC, milliseconds, ``Z``. A date without a zone is no date: it would depend on the machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

_LAST_YEAR: Final = 9999
_LONGEST: Final = 40


def utc_from_iso(text: str) -> str | None:
    """``2024-05-01T12:00:00+09:00`` as ``2024-05-01T03:00:00.000Z``; None without a zone or when it is no date."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return None
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    except (ValueError, OverflowError):
        return None


def utc_from_mtime(mtime_ns: int) -> str | None:
    """A file's modification time in nanoseconds since 1970; None beyond the years 1 to 9999."""
    seconds, rest = divmod(mtime_ns, 1_000_000_000)
    try:
        moment = time.gmtime(seconds)
    except (OverflowError, ValueError, OSError):
        return None
    if not 1 <= moment.tm_year <= _LAST_YEAR:
        return None
    day, clock = "{:04}-{:02}-{:02}".format(*moment[:3]), "{:02}:{:02}:{:02}".format(*moment[3:6])
    return f"{day}T{clock}.{rest // 1_000_000:03}Z"
