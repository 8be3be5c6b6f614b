from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from extractor.cli.cells import cut_end, cut_middle, padded, shown, shown_name, wrapped

TEXTS = st.text(alphabet=st.sampled_from("ab テ桜🏮é\u0301\t\n"), max_size=60)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (7, "7"),
        (2**64 - 1, "18446744073709551615"),
        (True, "true"),
        ("a\n  cat\t", "a cat"),
        ("a \x1b[31mred", "a \\u001b[31mred"),
        ({"a": ["é"]}, '{"a": ["é"]}'),
        ("x" * 5000, "x" * 4000 + "…"),
    ],
)
def test_values_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_blanks_of_names_count() -> None:
    assert shown_name("a  b\n.png") == "a  b\\u000a.png"
    assert shown_name("a" * 9000 + "b" * 9000) == "a" * 4000 + "…" + "b" * 4000


@pytest.mark.parametrize(
    ("width", "end", "middle"),
    [
        (9, "abcdefghi", "abcdefghi"),
        (8, "abcdefg…", "abc…fghi"),
        (3, "ab…", "a…i"),
        (1, "…", "…"),
        (0, "", ""),
    ],
)
def test_cutting(width: int, end: str, middle: str) -> None:
    assert (cut_end("abcdefghi", width), cut_middle("abcdefghi", width)) == (end, middle)


def test_a_wide_character_is_not_halved() -> None:
    assert cut_end("テテテ", 4) == "テ…"
    assert cut_middle("テテテテ", 6) == "テ…テ"


@settings(deadline=None, derandomize=True)
@given(TEXTS, st.integers(0, 40))
def test_what_is_cut_fits(text: str, width: int) -> None:
    line = text.replace("\n", "").replace("\t", "")
    for cut in (cut_end, cut_middle):
        assert cell_len(cut(line, width)) <= width
        assert cell_len(padded(cut(line, width), width)) == width


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a cat", ["a cat"]),
        ("a cat on a mat", ["a cat on a", "mat"]),
        ("a cat, on the mat", ["a cat, on", "the mat"]),
        ("unbreakableword", ["unbreakabl", "eword"]),
        ("a unbreakableword", ["a", "unbreakabl", "eword"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("  in 1234567", ["  in", "1234567"]),
        ("テストテスト", ["テストテス", "ト"]),
    ],
)
def test_wrapping(text: str, lines: list[str]) -> None:
    assert list(wrapped(text, 10)) == lines


@settings(deadline=None, derandomize=True)
@given(TEXTS, st.integers(8, 40))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wrapping_is_linear() -> None:
    begin = time.process_time()
    assert sum(1 for _ in wrapped("word " * 400_000, 80)) == 25_000
    assert time.process_time() - begin < 10
