"""Dates of a record: UTC, milliseconds, ``Z``. A date without a zone is no date: it would depend on the machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST: Final = 40


def utc_from_iso(text: str) -> str | None:
    """``2024-05-01T12:00:00+09:00`` as ``2024-05-01T03:00:00.000Z``; None without a zone or when it is no date."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return _format(moment) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def utc_from_mtime(mtime_ns: int) -> str | None:
    """A file's modification time in nanoseconds since 1970; None beyond the years 1 to 9999."""
    try:
        return _format(_EPOCH + timedelta(microseconds=mtime_ns // 1000))
    except OverflowError:
        return None


def _format(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
