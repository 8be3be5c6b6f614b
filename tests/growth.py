"""No input makes the work worse than linear: sixteen times the input takes about sixteen times as long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from extractor.limits import Limits

UNBOUNDED = Limits(
    **{
        name: 1 << 30
        for name in Limits.__dataclass_fields__
        if not name.endswith("_depth") and name != "integer_digits"
    }
)
"""Limits on counts are no help where this is given: the time must be linear without them."""

_TIMES = 16
_SLACK = 6
"""Quadratic work takes 16 times longer still; a machine in use is slower for moments."""
_LEAST_SECONDS = 0.002
"""A smaller input that takes less would let the larger one be many times slower than it is, unseen."""
_SMALLEST, _LARGEST = 2_000, 1_000_000


def filled(piece: str, begin: str = "", end: str = "") -> Callable[[int], str]:
    """A text of about the size it is given, `piece` over and over."""
    return lambda size: begin + piece * (size // len(piece)) + end


def filled_bytes(piece: bytes, begin: bytes = b"", end: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: begin + piece * (size // len(piece)) + end


def numbered(piece: str, begin: str = "", end: str = "") -> Callable[[int], str]:
    """The same with another number in each piece, in place of ``#``."""
    return lambda size: begin + "".join(piece.replace("#", str(n)) for n in range(size // len(piece))) + end


def assert_linear(work: Callable[[Any], object], make: Callable[[int], Any]) -> None:
    """Fails when `work` on what `make` gives for a size grows faster than the size.

    The smaller input is as large as it takes to need two milliseconds; where a megabyte needs less (the work ends at
    once), there is nothing in it that could grow unseen, and sixteen times two milliseconds are the bound.
    """
    work(make(_SMALLEST))  # imports do not count
    size = _SMALLEST
    while (small := _seconds(work, make(size))) < _LEAST_SECONDS and size < _LARGEST:
        size *= 2
    large = _seconds(work, make(size * _TIMES))
    assert large < _SLACK * _TIMES * max(small, _LEAST_SECONDS), f"{small:.4f} s at {size:,}, then {large:.4f} s"


def _seconds(work: Callable[[Any], object], given: Any) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        work(given)
        best = min(best, time.process_time() - begin)
    return best
