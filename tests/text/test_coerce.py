from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.text.coerce import to_int, to_number, to_prompt, to_text


@pytest.mark.parametrize(
    ("value", "integer", "number"),
    [
        (20, 20, 20),
        (20.0, 20, 20.0),
        (7.5, None, 7.5),
        ("20", 20, 20),
        (" -5 ", -5, -5),
        ("+5", 5, 5),
        ("20.0", 20, 20.0),
        ("7.5", None, 7.5),
        ("18446744073709551616", 18446744073709551616, 18446744073709551616),
        (10**60, 10**60, 10**60),
        ("9" * 40, int("9" * 40), int("9" * 40)),
        ("9" * 41, None, None),
        ("-" + "9" * 40, -int("9" * 40), -int("9" * 40)),
        ("12345678901234567891.0", 12345678901234567891, 12345678901234567891.0),
        ("9" * 42, None, None),
        ("5.", 5, 5.0),
        (".0", None, 0.0),
        ("1_000", None, None),
        ("٣", None, None),
        ("0x10", None, None),
        ("1e41", None, 1e41),
        (1e41, None, 1e41),
        ("1e400", None, None),
        ("nan", None, None),
        (float("inf"), None, None),
        (True, None, None),
        (None, None, None),
        ([1], None, None),
        ("", None, None),
    ],
)
def test_numbers(value: object, integer: int | None, number: float | None) -> None:
    assert to_int(value) == integer
    assert to_number(value) == number


@given(st.integers(-(10**39), 10**39))
@settings(deadline=None, derandomize=True)
def test_integers_are_exact_as_numbers_and_as_text(value: int) -> None:
    assert to_int(value) == to_int(str(value)) == to_number(str(value)) == value


def test_an_integer_stays_one() -> None:
    assert isinstance(to_number("7"), int)
    assert isinstance(to_number("7.0"), float)


@pytest.mark.parametrize(
    ("value", "text", "prompt"),
    [(" a ", "a", "a"), ("", None, ""), ("  ", None, ""), (None, None, None), (1, None, None)],
)
def test_texts(value: object, text: str | None, prompt: str | None) -> None:
    assert to_text(value) == text
    assert to_prompt(value) == prompt
