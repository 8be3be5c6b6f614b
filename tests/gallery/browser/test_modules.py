"""The page's modules that compute, asked in the browser that runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from extractor.pixels.blurhash import encode, render
from tests.gallery.browser.conftest import Served, Tab


def ask(tab: Tab, module: str, body: str, argument: Any = None) -> Any:
    """What a function body says that has the module's exports as `m` and an argument `a`."""
    return tab.page.evaluate(f"async (a) => {{ const m = await import('./{module}.js'); {body} }}", argument)


@pytest.fixture
def tab(open_tab: Callable[..., Tab], served: Served) -> Tab:
    """A page of the modules' origin, without the gallery."""
    return open_tab(served.bare)


def test_a_blurhash_is_drawn_as_the_library_draws_it(tab: Tab) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (48, 32, 3), dtype=np.uint8)
    pixels[:, :16] //= 3
    text = encode(pixels)
    drawn = ask(tab, "blurhash", "return [...m.decode(a, 8, 12).data]", text)
    assert np.abs(np.array(drawn).reshape(12, 8, 4)[..., :3].astype(int) - render(text, 8, 12)).max() <= 1


@pytest.mark.parametrize(
    "text", ["", "L", "LEHV6nWB2yk8pyo0adR*.7kCMdn", "LEHV6nWB2yk8pyo0adR*.7kCMdn\u00fc", "~" * 166]
)
def test_what_is_no_blurhash_is_not_drawn(tab: Tab, text: str) -> None:
    assert ask(tab, "blurhash", "return m.decode(a)", text) is None


_LAID = """
const shape = new Uint8Array(4 * a.count).map((_, i) => i % 4 ? 0 : 96 + (i * 37) % 64);
const layout = m.justified(shape, a.width, 200, 4);
const rows = [...Array(layout.rows).keys()].map((row) => {
  const boxes = m.boxes(layout, shape, row);
  return [boxes[0].x, boxes.at(-1).x + boxes.at(-1).width, layout.top[row + 1] - layout.top[row] - 4, boxes.length];
});
return { rows, first: [...layout.first], of: [0, 1, a.count - 1].map((position) => m.rowOf(layout, position)) };
"""


@pytest.mark.parametrize("width", [1020, 1600, 3800])
def test_rows_are_full_and_near_the_wanted_height(tab: Tab, width: int) -> None:
    laid = ask(tab, "layout", _LAID, {"count": 997, "width": width})
    *full, last = laid["rows"]
    assert {(left, right) for left, right, _, _ in full} == {(0, width)}
    assert all(150 <= height <= 270 for _, _, height, _ in full)
    assert last[1] <= width
    assert sum(tiles for *_, tiles in laid["rows"]) == 997
    assert laid["first"][-1] == 997
    assert laid["of"] == [0, 0, len(laid["rows"]) - 1]


def test_a_million_tiles_are_laid_in_a_moment(tab: Tab) -> None:
    body = """
    const shape = new Uint8Array(4 * a).map((_, i) => i % 4 ? 0 : 96 + (i * 37) % 64);
    const began = performance.now();
    const layout = m.justified(shape, 1280, 200, 4);
    return [performance.now() - began, layout.top[layout.rows] > 10_000_000];
    """
    elapsed, is_high = ask(tab, "layout", body, 1_000_000)
    assert is_high
    assert elapsed < 400


@pytest.mark.parametrize(
    ("fragment", "again"),
    [
        ("", "#"),
        ("#q=red+dress&prefix=1&f=model%3Aa%26b&f=-lora%3Ax", "#q=red+dress&prefix=1&f=model%3Aa%26b&f=-lora%3Ax"),
        ("#sort=name&stacks=1&image=12", "#sort=name&stacks=1&image=12"),
        ("#compare=1,2", "#compare=1%2C2"),
        ("#compare=1&image=x&panel=evil&sort=up&prefix=1", "#"),
        ("#image=99999999999999999999", "#"),
        ("#panel=stats&f=a%3Ab&f=a%3Ab&f=", "#f=a%3Ab&panel=stats"),
    ],
)
def test_the_address_is_read_and_written(tab: Tab, fragment: str, again: str) -> None:
    assert ask(tab, "state", "return m.format(m.parse(a))", fragment) == again


@pytest.mark.parametrize(
    ("text", "terms", "pieces"),
    [
        ("A Castle, castles", ["castle"], ["A ", ["Castle"], ", castles"]),
        ("A Castle, castles", ["cast*"], ["A ", ["Castle"], ", ", ["castles"]]),
        ("Café <b>", ["cafe"], [["Café"], " <b>"]),
        ("古い寺の庭", ["寺"], ["古い", ["寺"], "の庭"]),
        ("nothing", [], ["nothing"]),
        ("a.b", ["b", "*"], ["a.", ["b"]]),
    ],
)
def test_hits_are_marked_word_by_word(tab: Tab, text: str, terms: list[str], pieces: list[Any]) -> None:
    body = "return m.marked(a.text, a.terms).map((p) => typeof p === 'string' ? p : [p.textContent])"
    assert ask(tab, "marks", body, {"text": text, "terms": terms}) == pieces


def test_months_without_pictures_have_their_place_in_the_timeline(tab: Tab) -> None:
    months = [{"month": m, "count": 1, "first": 0} for m in ("2023-11", "2024-02")]
    assert ask(tab, "timeline", "return m.continuous(a).map((x) => [x.month, x.count])", months) == [
        ["2023-11", 1], ["2023-12", 0], ["2024-01", 0], ["2024-02", 1],
    ]  # fmt: skip
    far = [{"month": m, "count": 1, "first": 0} for m in ("1970-01", "2024-02")]
    assert ask(tab, "timeline", "return m.continuous(a).length", far) == 2


def test_keys_of_the_table_have_an_action_and_no_rival(tab: Tab) -> None:
    keys = ask(tab, "keys", "return m.KEYS")
    taken = [(where, key) for row in keys for where in row["where"] for key in row["keys"]]
    assert len(taken) == len(set(taken))
