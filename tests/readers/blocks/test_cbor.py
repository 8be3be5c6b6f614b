from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.readers.blocks.cbor import CborLoader
from tests.readers.cborbytes import encode


def load(data: bytes, limits: Limits | None = None) -> tuple[Any, list[str]]:
    log = Ledger(limits or Limits())
    return CborLoader(log, "test").load(data), [warning.code for warning in log.items]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1a000f4240", 1000000),
        ("1bffffffffffffffff", 18446744073709551615),
        ("20", -1),
        ("3bffffffffffffffff", -18446744073709551616),
        ("f93c00", 1.0),
        ("fa47c35000", 100000.0),
        ("fbc010666666666666", -4.1),
        ("f97c00", math.inf),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("f7", None),
        ("f8ff", None),
        ("40", b""),
        ("4401020304", b"\1\2\3\4"),
        ("60", ""),
        ("6161", "a"),
        ("62c3bc", "ü"),
        ("61ff", "\ufffd"),
        ("80", []),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a0", {}),
        ("a201020304", {1: 2, 3: 4}),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("a28001616102", {"a": 2}),
        ("c074323031332d30332d32315432303a30343a30305a", "2013-03-21T20:04:00Z"),
        ("d9d9f7d82001", 1),
        ("5f42010243030405ff", b"\1\2\3\4\5"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9fff", []),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
        ("0001", 0),
    ],
)
def test_values(text: str, value: object) -> None:
    assert load(bytes.fromhex(text)) == (value, [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18",
        "1c",
        "61",
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "5bffffffffffffffff00",
        "9f01",
        "bf6161ff",
        "5f6161ff",
        "5f5f4101ffff",
        "ff",
        "f9",
    ],
)
def test_invalid(text: str) -> None:
    assert load(bytes.fromhex(text)) == (None, ["cbor-invalid"])


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"\x81" * 100_000, Limits(), "limit:cbor_depth"),
        (b"\xc1" * 100_000, Limits(), "limit:cbor_depth"),
        (b"\x9f" * 100_000, Limits(), "limit:cbor_depth"),
        (b"\x84\0\0\0\0", Limits(cbor_items=4), "limit:cbor_items"),
    ],
)
def test_limits(data: bytes, limits: Limits, code: str) -> None:
    assert load(data, limits) == (None, [code])


def test_items_are_counted_over_all_loads() -> None:
    log = Ledger(Limits(cbor_items=5))
    loader = CborLoader(log, "test")
    assert [loader.load(b"\x82\1\2") for _ in range(2)] == [[1, 2], None]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=9)
    | st.text(max_size=9)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(VALUES)
def test_round_trip(value: object) -> None:
    assert load(encode(value)) == (value, [])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    value, codes = load(data)
    assert value is None or codes == []
