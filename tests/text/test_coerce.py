from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.text.coerce import to_clip_skip, to_int, to_number, to_prompt, to_seed, to_size, to_text


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


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("832x1216", "832x1216"),
        ("832 x 1216", "832x1216"),
        ("(832, 1216)", "832x1216"),
        ("832×1216 (13:19)", "832x1216"),
        ("832*1216", "832x1216"),
        ([832, 1216], "832x1216"),
        ("0x0", None),
        ("832", None),
        ("1234567x5", None),
        ("5x1234567", None),
        ("-5x5", None),
        ([1, 2, 3], None),
        ([True, 5], None),
        (832, None),
        ({}, None),
        (None, None),
    ],
)
def test_size(value: object, size: str | None) -> None:
    assert to_size(value) == size


@pytest.mark.parametrize(("value", "seed"), [(0, 0), ("-1", None), (-1, None), (-2, -2), (2**64, 2**64), (1.5, None)])
def test_seed(value: object, seed: int | None) -> None:
    assert to_seed(value) == seed


@pytest.mark.parametrize(("value", "skip"), [(0, 0), (-2, 2), ("2", 2), (True, None), ("x", None)])
def test_clip_skip(value: object, skip: int | None) -> None:
    assert to_clip_skip(value) == skip
