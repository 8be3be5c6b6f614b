from __future__ import annotations

import numpy as np
import pytest

from extractor.pixels.blurhash import encode
from extractor.pixels.distance import hash_distance
from extractor.rows.looks import Looks


def hashes(count: int, copies: int, noise: float) -> list[str]:
    """Pictures, each in a few versions that differ by noise."""
    random = np.random.default_rng(1)
    found = []
    for _ in range(count):
        base = np.kron(random.integers(0, 255, (4, 4, 3)), np.ones((4, 4, 1)))
        for _ in range(copies):
            found.append(encode(np.clip(base + random.normal(0, noise, (16, 16, 3)), 0, 255).astype(np.uint8)))
    return found


@pytest.mark.parametrize("threshold", [0.01, 0.04, 0.1, 0.3])
def test_buckets_find_what_comparing_all_finds(threshold: float) -> None:
    looks = Looks(threshold)
    leaders: list[str] = []
    groups: list[list[str]] = []
    for number, hash in enumerate(hashes(60, 3, 12)):
        looks.add(str(number), hash)
        distances = [hash_distance(hash, leader) for leader in leaders]
        if distances and min(distances) <= threshold:
            groups[int(np.argmin(distances))].append(str(number))
        else:
            leaders.append(hash)
            groups.append([str(number)])
    assert looks.groups == groups


def test_nothing_but_equal_ones_at_threshold_0() -> None:
    first, second = hashes(1, 2, 30)
    looks = Looks(0)
    for path, hash in (("a", first), ("b", second), ("c", first)):
        looks.add(path, hash)
    assert looks.groups == [["a", "c"], ["b"]]


def test_what_is_no_hash_is_left_out() -> None:
    looks = Looks(0.1)
    looks.add("a", "not a hash")
    assert looks.groups == []
