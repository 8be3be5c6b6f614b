from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.catalog.tokens import TOKENIZER, contains, has_cjk, spaced, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A cat, (best-Quality:1.2) snake_case", ["a", "cat", "best", "quality", "1", "2", "snake", "case"]),
        ("Crème Brûlée ÉTÉ", ["creme", "brulee", "ete"]),
        ("猫耳girl 2人", ["猫", "耳", "girl", "2", "人"]),
        ("Кот и собака", ["кот", "и", "собака"]),
        (" ... ", []),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_characters_that_are_words_are_set_apart() -> None:
    assert spaced("a猫耳girl、b") == "a 猫 耳 girl、b"
    assert spaced("  as it is ") == "  as it is "
    assert has_cjk("カ")
    assert has_cjk("한")
    assert not has_cjk("é")


@pytest.mark.parametrize(
    ("phrase", "is_prefix", "expected"),
    [
        (("a",), False, True),
        (("c", "d"), False, True),
        (("b", "d"), False, False),
        (("c", "dd"), False, False),
        (("dog",), False, False),
        (("do",), True, False),
        (("d",), True, True),
        (("c", "d", "e"), True, False),
        (("b", "c"), True, True),
    ],
)
def test_a_phrase_stands_in_words(phrase: tuple[str, ...], is_prefix: bool, expected: bool) -> None:
    assert contains(["a", "b", "c", "d"], phrase, is_prefix=is_prefix) is expected


LATIN = st.characters(max_codepoint=0x17F, exclude_categories=("Cs", "Cc"))


@given(st.text(LATIN, max_size=30))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_sqlite_finds_every_word(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE t USING fts5 (text, tokenize = '{TOKENIZER}')")
        connection.execute("INSERT INTO t VALUES (?)", (spaced(text),))
        for word in tokens(text):
            assert connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (f'"{word}"',)).fetchone() == (1,), word
