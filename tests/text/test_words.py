from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.text.words import Change, word_diff
from tests.growth import assert_linear, filled

S, R, A = Change


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("a cat", "a cat", [(S, "a cat")]),
        ("", "a", [(A, "a")]),
        ("a", "", [(R, "a")]),
        ("a red cat, on a mat", "a blue cat, on a big mat",
         [(S, "a "), (R, "red"), (A, "blue"), (S, " cat, on a"), (A, " big"), (S, " mat")]),
        ("a,b", "a,c,b", [(S, "a,"), (A, "c,"), (S, "b")]),
        ("(fox:1.2)", "(fox:1.3)", [(S, "(fox:1."), (R, "2"), (A, "3"), (S, ")")]),
        ("x y", "z w", [(R, "x"), (A, "z"), (S, " "), (R, "y"), (A, "w")]),
    ],
)  # fmt: skip
def test_pieces(before: str, after: str, pieces: list[tuple[Change, str]]) -> None:
    assert word_diff(before, after) == pieces


TEXTS = st.text(st.sampled_from("ab ,(\n"), max_size=40)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(TEXTS, TEXTS)
def test_both_texts_come_back(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(text for change, text in pieces if change is not A) == before
    assert "".join(text for change, text in pieces if change is not R) == after
    assert (before == after) == all(change is S for change, _ in pieces)


def test_too_many_changes_are_one() -> None:
    before, after = "a b " * 5000, "c d " * 5000
    assert word_diff(f"x {before}y", f"x {after}y") == [(S, "x "), (R, before[:-1]), (A, after[:-1]), (S, " y")]


@pytest.mark.parametrize("piece", ["a,", "a b ", "(", "word "])
def test_time_is_linear(piece: str) -> None:
    assert_linear(lambda text: word_diff(text, "x" + text[1:] + "y"), filled(piece))
