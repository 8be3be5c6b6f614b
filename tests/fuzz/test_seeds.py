"""Fuzzing is done by hand; that its seeds are found is tested, as modules move."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_seeds_that_pass(name: str) -> None:
    given = list(islice(seeds(name), 5))
    assert given
    for data in given:
        TARGETS[name](data)
