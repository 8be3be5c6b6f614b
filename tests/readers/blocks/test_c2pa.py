from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings

from extractor.embedded import C2pa, Embedded
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.blocks.c2pa import add_c2pa, read_c2pa
from tests.readers.boxes import box
from tests.readers.cborbytes import encode
from tests.readers.damage import damaged
from tests.support import SHARED

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MIXED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def jumb(label: str | None, *contents: bytes) -> bytes:
    described = b"\x03" + label.encode() + b"\0" if label is not None else b"\0"
    return box(b"jumb", box(b"jumd", bytes(16), described), *contents)


def cbor(label: str, value: object) -> bytes:
    return jumb(label, box(b"cbor", encode(value)))


def manifest(claim: bytes, *assertions: bytes) -> bytes:
    return jumb(
        "urn:c2pa:1", jumb("c2pa.assertions", *assertions), claim, jumb("c2pa.signature", box(b"cbor", b"\xff"))
    )


def store(*manifests: bytes) -> bytes:
    return jumb("c2pa", *manifests)


CLAIM_1 = cbor("c2pa.claim", {"claim_generator": "Adobe_Firefly/1.0", "claim_generator_info": None})
CLAIM_2 = cbor("c2pa.claim.v2", {"claim_generator_info": {"name": "Some Service", "version": "2.1"}})
ACTIONS_1 = cbor(
    "c2pa.actions",
    {"actions": [{"action": "c2pa.created", "softwareAgent": "Adobe Firefly", "digitalSourceType": AI}]},
)
ACTIONS_2 = cbor(
    "c2pa.actions.v2",
    {
        "actions": [
            {"softwareAgent": {"name": "gpt-image", "version": "2.0"}, "digitalSourceType": AI},
            {"softwareAgent": {"name": "gpt-image", "version": "2.0"}, "digitalSourceType": MIXED},
            {"softwareAgentIndex": 1},
            {"softwareAgent": {"version": "1"}, "digitalSourceType": 5},
            "no action",
        ],
        "softwareAgents": [{"name": "unused"}, {"name": "converter", "version": 3}],
    },
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            store(manifest(CLAIM_1, ACTIONS_1)),
            C2pa("Adobe_Firefly/1.0", (("Adobe Firefly", None),), ("trainedAlgorithmicMedia",)),
            id="version-1",
        ),
        pytest.param(
            store(manifest(CLAIM_2, ACTIONS_2)),
            C2pa(
                "Some Service/2.1",
                (("gpt-image", "2.0"), ("converter", None)),
                ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"),
            ),
            id="version-2",
        ),
        pytest.param(
            store(manifest(CLAIM_1, ACTIONS_1), manifest(CLAIM_2)),
            C2pa("Some Service/2.1", (("Adobe Firefly", None),), ("trainedAlgorithmicMedia",)),
            id="ingredient-and-active",
        ),
        pytest.param(
            store(manifest(cbor("c2pa.claim", {"claim_generator_info": [{"name": "One"}]}))),
            C2pa("One"),
            id="info-in-a-list",
        ),
        pytest.param(
            store(manifest(CLAIM_1, cbor("c2pa.actions__1", {"actions": [{"softwareAgent": "x"}]}))),
            C2pa("Adobe_Firefly/1.0", (("x", None),)),
            id="further-instance",
        ),
        pytest.param(
            store(manifest(CLAIM_1, jumb("c2pa.actions", box(b"json", b'{"actions":[{"softwareAgent":"x"}]}')))),
            C2pa("Adobe_Firefly/1.0", (("x", None),)),
            id="json",
        ),
        pytest.param(
            store(manifest(CLAIM_1, jumb(None, box(b"cbor", b"\xff")), box(b"free", b"abc"))),
            C2pa("Adobe_Firefly/1.0"),
            id="without-label",
        ),
    ],
)
def test_manifests(data: bytes, expected: C2pa) -> None:
    log = Ledger()
    assert read_c2pa(data, log) == expected
    assert log.items == []


@pytest.mark.parametrize(
    ("data", "expected", "codes"),
    [
        (b"", None, ["c2pa-invalid"]),
        (b"garbage, no boxes", None, ["truncated", "c2pa-invalid"]),
        (store(jumb("urn:1")), None, ["c2pa-invalid"]),
        (store(manifest(cbor("c2pa.claim", [1]))), None, ["c2pa-invalid", "c2pa-invalid"]),
        (
            store(manifest(CLAIM_1, jumb("c2pa.actions", box(b"cbor", b"\xa1")))),
            C2pa("Adobe_Firefly/1.0"),
            ["cbor-invalid"],
        ),
        (
            store(manifest(CLAIM_1, ACTIONS_1))[:-60],
            C2pa(None, (("Adobe Firefly", None),), ("trainedAlgorithmicMedia",)),
            ["truncated", "truncated", "cbor-invalid"],
        ),
    ],
)
def test_broken(data: bytes, expected: C2pa | None, codes: list[str]) -> None:
    log = Ledger()
    assert read_c2pa(data, log) == expected
    assert [warning.code for warning in log.items] == codes


def test_depth_is_bounded() -> None:
    data = ACTIONS_1
    for _ in range(3000):
        data = jumb("c2pa", data)
    log = Ledger()
    assert read_c2pa(data, log) is None
    assert [warning.code for warning in log.items] == ["limit:box_depth", "c2pa-invalid"]


def test_number_of_boxes_is_bounded() -> None:
    log = Ledger(Limits(chunks=20))
    assert read_c2pa(store(manifest(CLAIM_1, *[ACTIONS_1] * 50)), log) is not None
    assert [warning.code for warning in log.items] == ["limit:chunks"]


def test_first_readable_store_of_a_few_counts() -> None:
    good = store(manifest(CLAIM_1))
    for tried, expected, codes in (
        ([b"", good, store(manifest(CLAIM_2))], C2pa("Adobe_Firefly/1.0"), ["c2pa-invalid"]),
        ([b"", b"", good], None, ["c2pa-invalid", "limit:c2pa_stores"]),
    ):
        log = Ledger(Limits(c2pa_stores=2))
        embedded = Embedded("png", "image/png")
        for data in tried:
            add_c2pa(data, embedded, log)
        assert embedded.c2pa == expected
        assert [warning.code for warning in log.items] == codes


def test_real_manifest() -> None:
    path = SHARED / "samples" / "chatgpt-image2.png"
    if not path.exists():
        pytest.skip("the real pictures are not beside this repository")
    data = path.read_bytes()
    at = data.index(b"caBX")
    (length,) = struct.unpack_from(">I", data, at - 4)
    log = Ledger()
    assert read_c2pa(data[at + 4 : at + 4 + length], log) == C2pa(
        "OpenAI Media Service API", (("gpt-image", "2.0"),), ("trainedAlgorithmicMedia",)
    )
    assert log.items == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(damaged({"1": store(manifest(CLAIM_1, ACTIONS_1)), "2": store(manifest(CLAIM_2, ACTIONS_2))}))
def test_any_bytes(data: bytes) -> None:
    log = Ledger()
    found = read_c2pa(data, log)
    assert isinstance(found, C2pa) or log.items
