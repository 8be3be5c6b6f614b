from __future__ import annotations

import pytest

from extractor import Limits


def test_limits_are_set_by_name_and_stay() -> None:
    limits = Limits(chunks=5)
    assert (limits.chunks, limits.json_depth) == (5, Limits().json_depth)
    with pytest.raises(AttributeError):
        limits.chunks = 6  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong", [{"chunks": -1}, {"json_depth": 201}, {"graph_depth": 1000}, {"box_depth": 101}, {"cbor_depth": 10**9}]
)
def test_limits_that_cannot_be_kept_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} = "):
        Limits(**wrong)
