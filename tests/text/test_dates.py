from __future__ import annotations

import pytest

from extractor.text.dates import utc_from_iso, utc_from_mtime, utc_from_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T12:00:00Z", "2024-05-01T12:00:00.000Z"),
        ("2024-05-01T12:00:00.123456+09:00", "2024-05-01T03:00:00.123Z"),
        ("2024-05-01T12:00:00", None),
        ("2024-05-01", None),
        ("0001-01-01T00:00:00+09:00", None),
        ("nonsense", None),
        ("9" * 5000, None),
    ],
)
def test_a_date_needs_a_zone(text: str, expected: str | None) -> None:
    assert utc_from_iso(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-08-09T10:41:50+02:00", "2025-08-09T08:41:50.000Z"),
        ("Sat, 09 Aug 2025 10:41:50 GMT", "2025-08-09T10:41:50.000Z"),
        ("Sat, 09 Aug 2025 10:41:50 +0200", "2025-08-09T08:41:50.000Z"),
        ("9 Aug 2025 10:41 GMT", "2025-08-09T10:41:00.000Z"),
        ("2025:08:09 10:41:50+02:00", "2025-08-09T08:41:50.000Z"),
        ("2025-08-09 10:41:50 UTC", "2025-08-09T10:41:50.000Z"),
        (" 2025-08-09 10:41:50.25 -0330 ", "2025-08-09T14:11:50.250Z"),
        ("Sat, 09 Aug 2025 10:41:50 -0000", None),
        ("Sat Aug  9 10:41:50 2025", None),
        ("2025:08:09 10:41:50", None),
        ("2025-13-09 10:41:50 UTC", None),
        ("2025-08-09 10:41:50 PST", None),
        ("Sat, 99 Aug 2025 10:41:50 GMT", None),
        ("", None),
        ("GMT" * 5000, None),
    ],
)
def test_dates_in_other_spellings(text: str, expected: str | None) -> None:
    assert utc_from_text(text) == expected


@pytest.mark.parametrize(
    ("mtime_ns", "expected"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123Z"),
        (-1_000_000_000, "1969-12-31T23:59:59.000Z"),
        (10**21, None),
    ],
)
def test_modification_times(mtime_ns: int, expected: str | None) -> None:
    assert utc_from_mtime(mtime_ns) == expected
