from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.gallery.compare import word_difference


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a castle", "a castle", [["=", "a castle"]]),
        ("", "a", [["+", "a"]]),
        ("a", "", [["-", "a"]]),
        ("", "", []),
        (
            "1girl, red dress, night",
            "1girl, blue dress, night",
            [["=", "1girl, "], ["-", "red "], ["+", "blue "], ["=", "dress, night"]],
        ),
        ("a b c", "b c d", [["-", "a "], ["=", "b "], ["-", "c"], ["+", "c d"]]),
        ("cat,dog", "cat, dog", [["-", "cat,"], ["+", "cat, "], ["=", "dog"]]),
        ("猫 犬", "猫 鳥", [["=", "猫 "], ["-", "犬"], ["+", "鳥"]]),
        ("Red fox runs", "red fox ran", [["-", "Red "], ["+", "red "], ["=", "fox "], ["-", "runs"], ["+", "ran"]]),
    ],
)
def test_words(before: str, after: str, words: list[list[str]]) -> None:
    assert list(word_difference(before, after)) == words


@given(st.text("ab ,C\n"), st.text("ab ,C\n"))
def test_nothing_is_lost_and_runs_are_whole(before: str, after: str) -> None:
    words = list(word_difference(before, after))
    assert "".join(text for sign, text in words if sign != "+") == before
    assert "".join(text for sign, text in words if sign != "-") == after
    assert all(text for _, text in words)
    assert all(one[0] != other[0] for one, other in itertools.pairwise(words))


def test_long_texts_take_no_longer_than_they_are_long() -> None:
    before, after = "a b " * 100_000, "b a " * 100_000 + "x"
    started = time.perf_counter()
    words = list(word_difference(before, after))
    assert time.perf_counter() - started < 2
    assert "".join(text for sign, text in words if sign != "+") == before
    close = [" ".join(f"word{number % step}" for number in range(590)) for step in (7, 5)]
    started = time.perf_counter()
    list(word_difference(*close))
    assert time.perf_counter() - started < 3
