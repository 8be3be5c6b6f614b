"""Odd files come out the same by every way in; `python tests/hostile/everywhere.py` does it with thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.everywhere import check
from tests.hostile.odd_files import makers, odd_files

FILES = 120


def test_odd_files_by_every_way(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = check(odd_files(FILES), tmp_path, workers=(1,))
    assert (found.escapes, found.differing) == ([], [])
    assert found.files == FILES
    assert set(found.errors) > {"none"}, "some are read and some are not"
    assert set(found.calls.values()) >= {FILES}
    assert capfd.readouterr() == ("", "")


def test_they_are_the_same_ones_each_time() -> None:
    assert list(odd_files(30, 5)) == list(odd_files(30, 5))
    assert list(odd_files(30, 5)) != list(odd_files(30, 6))
    assert len(makers()) > 1_000
