from __future__ import annotations

import pytest

from extractor.text.dates import utc_from_iso, utc_from_mtime


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
