from __future__ import annotations

from typing import get_args

import pytest

from extractor.ledger import ExtractionWarning, Ledger
from extractor.limits import LimitName, Limits


def test_every_limit_has_its_name() -> None:
    assert get_args(LimitName) == tuple(Limits.__dataclass_fields__)


def test_warnings_are_kept_once_and_up_to_their_limit() -> None:
    ledger = Ledger(Limits(warnings=2))
    for code in ("one", "one", "two", "three"):
        ledger.add(code, "said")
    assert ledger.items == [ExtractionWarning("one", "said"), ExtractionWarning("two", "said")]


def test_taking_until_nothing_is_left() -> None:
    ledger = Ledger(Limits(xmp_packets=2))
    assert [ledger.take("xmp_packets", "no more") for _ in range(3)] == [True, True, False]
    assert ledger.items == [ExtractionWarning("limit:xmp_packets", "no more (limit xmp_packets = 2)")]
    assert ledger.take("exif_blocks", "other limits are not touched")


@pytest.mark.parametrize(
    ("wanted", "allowed", "codes"),
    [
        ([10, 10], [10, 10], []),
        ([11, 10, 10], [10, 10, 5], ["limit:text_bytes", "limit:text_total_bytes"]),
        ([10, 10, 5, 1], [10, 10, 5, 0], ["limit:text_total_bytes"]),
        ([0], [0], []),
    ],
)
def test_bytes_of_text(wanted: list[int], allowed: list[int], codes: list[str]) -> None:
    ledger = Ledger(Limits(text_bytes=10, text_total_bytes=25))
    assert [ledger.allow_text(count, "a text") for count in wanted] == allowed
    assert [warning.code for warning in ledger.items] == codes
    assert ledger.left("text_total_bytes") == 25 - sum(allowed)
