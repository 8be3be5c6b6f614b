from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.text.printable import encodable, json_text, lines, one_line

_ANY_TEXT = st.text(st.characters(codec=None), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a cat, テスト 🐈", "a cat, テスト 🐈"),
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b2J", "\\u009b2J"),
        ("a\nb\r\tc\x7f", "a\\u000ab\\u000d\\u0009c\\u007f"),
        ("photo\u202egnp.exe", "photo\\u202egnp.exe"),
        ("\u2066a\u2069\u200f\u061c\ufeff\u2028", "\\u2066a\\u2069\\u200f\\u061c\\ufeff\\u2028"),
        ("caf\udce9.png", "caf\\udce9.png"),
        ("[red]bold[/red]", "[red]bold[/red]"),
        ("", ""),
    ],
)
def test_one_line_shows_what_would_steer_a_terminal(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_lines_keeps_line_ends_and_tabs_only() -> None:
    assert lines("a\r\nb\rc\td\x1b[0m\x00\u202e") == "a\nb\nc\td\\u001b[0m\\u0000\\u202e"


@given(_ANY_TEXT)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_nothing_that_is_shown_steers_a_terminal(text: str) -> None:
    shown = one_line(text)
    assert {unicodedata.category(character) for character in shown}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert all(line == one_line(line).replace("\\u0009", "\t") for line in lines(text).split("\n"))


@given(
    st.recursive(_ANY_TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_ANY_TEXT, inner, max_size=3))
)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_json_text_is_utf8_of_the_same_value(value: object) -> None:
    safe = json_text(json.dumps(value, ensure_ascii=False))
    assert json.loads(safe.encode("utf-8")) == value
    assert lines(safe) == safe


def test_encodable_keeps_what_can_be_encoded() -> None:
    assert encodable("é\x1b") == "é\x1b"
    assert encodable("\udcff") == "\\udcff"
