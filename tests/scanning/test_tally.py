from __future__ import annotations

from extractor.errors import CorruptImageError, UnsupportedFormatError
from extractor.scanning.scan import ScanResult
from extractor.scanning.tally import FailureGroup, Tally
from tests.scanresults import ALL, found


def test_every_result_is_counted_once() -> None:
    tally = Tally()
    marked = found(meta=None, extraction={"generator": "openai", "aiGenerated": True})
    for result in (*ALL, found(), found(meta=None), found(extraction=None), marked):
        tally.add(result)
    assert tally == Tally(
        with_metadata=3,
        without_metadata=1,
        ai_marked=1,
        markers={"openai": 1},  # type: ignore[arg-type]
        passed_over=1,
        skipped=1,
        failed=1,
        bytes=3 * 1234,
        generators={"a1111": 2, "unknown": 1},  # type: ignore[arg-type]
        failures={
            "not an image": FailureGroup("not an image", 1, ["pics/b.png"]),
        },
    )
    assert (tally.files, tally.results) == (7, 8)


def test_failures_are_grouped_by_reason_and_bounded() -> None:
    tally = Tally()
    for number in range(5):
        tally.add(ScanResult(f"{number}.png", error=UnsupportedFormatError("not an image")))
    for number in range(1000):
        tally.add(ScanResult(f"c{number}.png", error=CorruptImageError(f"cut off at {number}")))
    assert tally.failures["not an image"] == FailureGroup("not an image", 5, ["0.png", "1.png", "2.png"])
    assert len(tally.failures) == 51
    assert tally.failures["other reasons"].files == 1000 - 49
    assert tally.failed == 1005
