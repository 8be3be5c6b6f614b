from __future__ import annotations

import pytest

from extractor.containers.ebml import Element, ElementWalker
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits


@pytest.mark.parametrize(
    ("text", "found", "codes"),
    [
        pytest.param("", [], [], id="nothing"),
        pytest.param("ec 80 83 81 01", [(0xEC, 2, 2), (0x83, 4, 5)], [], id="two"),
        pytest.param("4dbb 4001 00", [(0x4DBB, 4, 5)], [], id="wider-size"),
        pytest.param("1a45dfa3 0100000000000001 00", [(0x1A45DFA3, 12, 13)], [], id="widest"),
        pytest.param("1f43b675 ff a3 81 00", [(0x1F43B675, 5, 8, False), (0xA3, 7, 8)], [], id="unknown-size"),
        pytest.param(
            "18538067 01ffffffffffffff ec 80", [(0x18538067, 12, 14, False), (0xEC, 14, 14)], [], id="unknown-8"
        ),
        pytest.param("a3 85 0102", [(0xA3, 2, 4)], ["truncated"], id="past-the-end"),
        pytest.param("ec 80 a3", [(0xEC, 2, 2)], ["truncated"], id="no-size"),
        pytest.param("ec 80 1f43", [(0xEC, 2, 2)], ["truncated"], id="cut-id"),
        pytest.param("ec 80" + "00" * 20, [(0xEC, 2, 2)], ["container-invalid"], id="zeros"),
        pytest.param("08 80" + "ff" * 20, [], ["container-invalid"], id="id-of-five-bytes"),
        pytest.param("ec 00" + "ff" * 20, [], ["container-invalid"], id="size-of-nine-bytes"),
    ],
)
def test_walk(text: str, found: list[tuple[int, ...]], codes: list[str]) -> None:
    data = bytes.fromhex(text)
    log = Ledger()
    walker = ElementWalker(BytesSource(data), log, "test", ())
    assert list(walker.walk(0, len(data))) == [Element(*each) for each in found]
    assert [warning.code for warning in log.items] == codes


def test_children_stay_inside() -> None:
    data = bytes.fromhex("1254c367 83 a38501 ffff")
    walker = ElementWalker(BytesSource(data), Ledger(), "test", ())
    tags = next(walker.walk(0, len(data)))
    assert list(walker.children(tags)) == [Element(0xA3, 7, 8)]


def test_budgets() -> None:
    log = Ledger(Limits(chunks=3, pixel_chunks=5))
    data = bytes.fromhex("a380" * 9)
    media = ElementWalker(BytesSource(data), log, "test", {0xA3})
    assert len(list(media.walk(0, len(data)))) == 5
    other = ElementWalker(BytesSource(data), log, "test", ())
    assert [len(list(other.walk(0, len(data)))) for _ in range(2)] == [3, 0]
    assert [warning.code for warning in log.items] == ["limit:pixel_chunks", "limit:chunks"]
