from __future__ import annotations

import pytest

from extractor.containers.bmff import Box, BoxWalker
from extractor.files.bytesource import BytesSource
from extractor.ledger import Ledger
from extractor.limits import Limits
from tests.readers.boxes import box, large_box, u32
from tests.readers.damage import SparseSource


@pytest.mark.parametrize(
    ("data", "found", "codes"),
    [
        pytest.param(b"", [], [], id="nothing"),
        pytest.param(box(b"free", b"abc") + box(b"meta"), [(b"free", 8, 11), (b"meta", 19, 19)], [], id="two"),
        pytest.param(
            large_box(b"mdat", b"abc") + box(b"x   "), [(b"mdat", 16, 19), (b"x   ", 27, 27)], [], id="64-bit"
        ),
        pytest.param(u32(0) + b"mdat" + b"abc", [(b"mdat", 8, 11)], [], id="0-is-to-the-end"),
        pytest.param(box(b"free") + b"\0\0\0", [(b"free", 8, 8)], [], id="rest-too-short"),
        pytest.param(
            box(b"free") + u32(7) + b"meta", [(b"free", 8, 8)], ["container-invalid"], id="shorter-than-header"
        ),
        pytest.param(u32(1) + b"meta" + b"\0" * 8, [], ["container-invalid"], id="64-bit-zero"),
        pytest.param(u32(1) + b"meta", [], ["container-invalid"], id="64-bit-cut"),
        pytest.param(u32(1) + b"meta" + b"\xff" * 8 + b"abc", [(b"meta", 16, 19)], ["truncated"], id="64-bit-huge"),
        pytest.param(u32(99) + b"meta" + b"abc", [(b"meta", 8, 11)], ["truncated"], id="past-the-end"),
    ],
)
def test_walk(data: bytes, found: list[tuple[bytes, int, int]], codes: list[str]) -> None:
    log = Ledger()
    walker = BoxWalker(BytesSource(data), log, "test")
    assert list(walker.walk(0, len(data))) == [Box(*each) for each in found]
    assert [warning.code for warning in log.items] == codes


def test_children_stay_inside() -> None:
    inner = box(b"a   ", b"1") + u32(500) + b"b   " + b"23"
    data = box(b"meta", b"\0\0\0\0", inner) + box(b"c   ", b"4" * 500)
    walker = BoxWalker(BytesSource(data), Ledger(), "test")
    meta = next(walker.walk(0, len(data)))
    assert list(walker.children(meta, 4)) == [Box(b"a   ", 20, 21), Box(b"b   ", 29, 31)]


def test_one_budget_for_all_walks() -> None:
    log = Ledger(Limits(chunks=5))
    data = box(b"free") * 3
    walker = BoxWalker(BytesSource(data), log, "test")
    assert [len(list(walker.walk(0, len(data)))) for _ in range(3)] == [3, 2, 0]
    assert [warning.code for warning in log.items] == ["limit:chunks"]


def test_payload_is_bounded() -> None:
    log = Ledger(Limits(box_bytes=2))
    walker = BoxWalker(BytesSource(box(b"keys", b"abc")), log, "test")
    assert walker.payload(Box(b"keys", 8, 11)) == b"ab"
    assert [warning.code for warning in log.items] == ["limit:box_bytes"]


def test_payloads_are_hopped_over() -> None:
    source = SparseSource(u32(1 << 29) + b"mdat", 1 << 30)
    walker = BoxWalker(source, Ledger(), "test")
    assert [each.kind for each in walker.walk(0, source.size)] == [b"mdat", b"\0\0\0\0"]
    assert source.read < 100
