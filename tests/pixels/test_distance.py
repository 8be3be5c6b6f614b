from __future__ import annotations

from math import cos, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import hash_distance
from extractor.pixels.blurhash import render
from tests.pixels import reference

BLACK = "U00000fQfQfQfQfQfQfQfQfQfQfQfQfQfQfQ"
COLOURS = {"white": "00TSUA", "black": "000000", "red": "00TI:j", "grey 128": "00Eyb["}
"""BlurHashes of one component: one colour."""


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("white", "white", 0.0),
        ("white", "black", 1.0),
        ("black", "white", 1.0),
        ("red", "black", (1 / 3) ** 0.5),
        ("red", "white", (2 / 3) ** 0.5),
        ("grey 128", "black", 128 / 255),
    ],
)
def test_single_colours(first: str, second: str, expected: float) -> None:
    assert hash_distance(COLOURS[first], COLOURS[second]) == pytest.approx(expected, abs=1e-12)


def test_numbers_of_components_may_differ() -> None:
    assert hash_distance(BLACK, COLOURS["black"]) == 0.0


def test_two_components_across() -> None:
    grey, largest, top = 188, "~", 19**3 - 1  # factors of 0.5 in all channels
    text = "1" + largest + reference.base83(grey * 0x010101, 4) + reference.base83(top, 2)
    values = [reference.srgb(reference.linear(grey) + 0.5 * cos(pi * x / 8)) for x in range(8)]
    assert values[0] == 255
    assert values[4] == grey
    assert render(text, 8, 2).tolist() == [[[value] * 3 for value in values]] * 2


def test_scalings_of_one_picture_are_near_and_pictures_are_far() -> None:
    bilinear, mipmap = "UOHM1B~pIoRjO?jYQ-RQN^$*v#M|=GIUS3jF", "UNGl*H_MELRPKiaeQ-RQOX%1v#Ip=HIUSNjF"
    other = "UCFs6{D43q0K1|V[%1RP2t4n}[rr-V%2I:Rj"
    assert hash_distance(bilinear, mipmap) < 0.05
    assert hash_distance(bilinear, other) > 0.15


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("U00000", id="too short"),
        pytest.param(BLACK + "fQ", id="too long"),
        pytest.param(BLACK[:-1], id="half a factor"),
        pytest.param(BLACK[:-1] + "!", id="no digit"),
        pytest.param(BLACK[:-2] + "~~", id="factor too large"),
        pytest.param("00~~~~", id="average too large"),
        pytest.param("~0" + "0000" + "00" * 89, id="ten rows"),
        pytest.param("the quick brown fox jumps over lazy d", id="a sentence"),
        pytest.param("\ud800" * 36, id="lone surrogates"),
    ],
)
def test_what_is_no_hash(text: str) -> None:
    for pair in ((text, BLACK), (BLACK, text)):
        with pytest.raises(ValueError, match="no BlurHash"):
            hash_distance(*pair)


@pytest.mark.parametrize("value", [None, 5, b"U00000"])
def test_what_is_no_text(value: object) -> None:
    with pytest.raises(TypeError, match="a BlurHash is str"):
        hash_distance(BLACK, value)


@given(text=st.one_of(st.text(), st.text(alphabet="0123456789ABCU~", min_size=6, max_size=40)))
def test_any_text_is_a_distance_or_a_value_error(text: str) -> None:
    try:
        distance = hash_distance(text, BLACK)
    except ValueError:
        return
    assert 0 <= distance <= 1
    assert hash_distance(BLACK, text) == distance
    assert hash_distance(text, text) == 0
