"""The grid: tiles, keys, sizes, what is kept where."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.gallery.browser.conftest import Served, Tab
from tests.gallery.browser.pictures import COUNT

_BOXES = """() => [...document.querySelectorAll('.tile')]
  .map((t) => t.getBoundingClientRect()).map((b) => [b.left, b.top, b.right, b.bottom])"""


def test_rows_go_from_edge_to_edge(tab: Tab) -> None:
    grid = tab.page.evaluate(
        "() => { const grid = document.querySelector('#grid');"
        "return [grid.getBoundingClientRect().left, grid.clientWidth]; }"
    )
    rows: dict[float, list[Any]] = {}
    for left, top, right, bottom in tab.page.evaluate(_BOXES):
        rows.setdefault(top, []).append((left, right, bottom))
    assert len(rows) >= 3
    for top, row in sorted(rows.items())[:-1]:
        row.sort()
        assert row[0][0] == grid[0]
        assert row[-1][1] == grid[0] + grid[1]
        assert [b[0] - a[1] for a, b in pairwise(row)] == [4] * (len(row) - 1)
        assert len({bottom - top for _, _, bottom in row}) == 1


def test_pictures_keep_their_proportions(tab: Tab) -> None:
    sizes = tab.page.evaluate(
        "() => [...document.querySelectorAll('.tile.loaded img')]"
        ".map((i) => [i.clientWidth / i.clientHeight, i.naturalWidth / i.naturalHeight])"
    )
    assert all(shown == pytest.approx(min(4, max(0.4, own)), rel=0.06) for shown, own in sizes)


def test_the_page_says_what_it_holds(tab: Tab) -> None:
    assert tab.page.locator("h1").count() == 1
    assert tab.texts("#status") == [f"{COUNT} pictures"]
    first = tab.page.locator("#tile-0")
    assert [
        first.get_attribute(name) for name in ("role", "aria-setsize", "aria-posinset", "aria-selected", "aria-label")
    ] == [
        "option",
        str(COUNT),
        "1",
        "false",
        "000.png, 96 × 64",
    ]
    assert first.locator("img").get_attribute("alt") == "000.png"


def test_keys_walk_through_the_grid(tab: Tab) -> None:
    walked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home", "ArrowDown", "ArrowUp", "PageDown", "PageUp"):
        tab.page.keyboard.press(key)
        tab.page.wait_for_timeout(60)
        walked.append(tab.current())
        assert tab.page.locator("#grid").get_attribute("aria-activedescendant") == f"tile-{walked[-1]}"
    down, up, page_down, page_up = walked[5:]
    assert walked[:5] == [0, 1, 0, COUNT - 1, 0]
    assert down > 2
    assert up == 0
    assert page_down > down
    assert page_up < page_down


def test_a_walk_keeps_the_current_tile_in_sight(tab: Tab) -> None:
    for _ in range(9):
        tab.page.keyboard.press("ArrowDown")
    tab.page.wait_for_timeout(80)
    top, bottom, height = tab.page.evaluate(
        "() => { const b = document.querySelector('.tile.current').getBoundingClientRect();"
        "return [b.top, b.bottom, innerHeight]; }"
    )
    assert 0 < top < bottom <= height


def test_g_makes_squares_and_back(tab: Tab) -> None:
    before = tab.page.evaluate(_BOXES)
    tab.page.keyboard.press("g")
    boxes = tab.page.evaluate(_BOXES)
    assert {(right - left, bottom - top) for left, top, right, bottom in boxes} == {(200, 200), (201, 200)}
    assert boxes[4][2] == 1280
    assert tab.page.locator("#squares-button").get_attribute("aria-pressed") == "true"
    tab.page.locator("#squares-button").click()
    assert tab.page.evaluate(_BOXES) == before


def test_the_size_slider_keeps_the_current_picture_in_place(tab: Tab) -> None:
    for _ in range(5):
        tab.page.keyboard.press("ArrowDown")
    tab.page.wait_for_timeout(80)
    position = tab.current()
    where = "() => Math.round(document.querySelector('.tile.current').getBoundingClientRect().top)"
    before = tab.page.evaluate(where)
    tab.page.locator("#size").fill("152")
    tab.page.wait_for_timeout(80)
    assert tab.current() == position
    assert tab.page.evaluate(where) == before
    assert len(tab.page.evaluate(_BOXES)) > 20


def test_only_tiles_near_what_is_seen_exist(tab: Tab) -> None:
    tab.page.locator("#size").fill("400")
    tab.page.wait_for_timeout(80)
    tab.page.locator("#grid").focus()
    assert tab.page.locator(".tile").count() < COUNT / 2
    tab.page.keyboard.press("End")
    tab.wait(
        "(id) => document.getElementById(id) !== null && document.getElementById('tile-0') === null",
        f"tile-{COUNT - 1}",
    )


def test_stacks_hold_one_recipe(tab: Tab) -> None:
    tab.page.keyboard.press("s")
    tab.status(f"57 stacks · {COUNT} pictures")
    assert tab.page.locator("#stacks-button").get_attribute("aria-pressed") == "true"
    tab.page.keyboard.press("End")
    tab.settled()
    stacked = tab.page.locator(".tile.stacked")
    stacked.wait_for()
    assert stacked.get_attribute("aria-label").endswith("6 pictures of this recipe")
    assert tab.texts(".tile.stacked .mark") == ["6"]
    tab.page.keyboard.press("s")
    tab.status(f"{COUNT} pictures")


def test_b_blurs_everything(tab: Tab) -> None:
    image = "() => getComputedStyle(document.querySelector('.tile img')).filter"
    tab.page.keyboard.press("b")
    assert tab.page.evaluate(image) == "blur(22px)"
    tab.page.keyboard.press("b")
    assert tab.page.evaluate(image) == "none"


def test_back_leads_to_where_one_was(tab: Tab) -> None:
    tab.page.mouse.move(800, 500)
    tab.page.mouse.wheel(0, 700)
    tab.page.wait_for_timeout(300)
    seen = "() => [Math.round(document.querySelector('#grid').scrollTop), location.hash]"
    before = tab.page.evaluate(seen)
    assert before[0] > 500
    tab.page.locator(".facet-value", has_text="dreamshaper_8").click()
    tab.status(f"16 of {COUNT} pictures")
    assert tab.page.evaluate(seen)[0] == 0
    tab.page.go_back()
    tab.status(f"{COUNT} pictures")
    assert tab.page.evaluate(seen) == before
    tab.page.go_forward()
    tab.status(f"16 of {COUNT} pictures")


def test_a_reload_shows_the_same(tab: Tab) -> None:
    tab.page.locator(".facet-value", has_text="dreamshaper_8").click()
    tab.status(f"16 of {COUNT} pictures")
    tab.page.locator("#sort").select_option("name")
    tab.page.keyboard.press("g")
    tab.page.wait_for_timeout(100)
    tab.page.reload()
    tab.settled()
    assert tab.texts("#status") == [f"16 of {COUNT} pictures"]
    assert tab.page.locator("#sort").input_value() == "name"
    assert tab.page.locator("#squares-button").get_attribute("aria-pressed") == "true"


def test_a_tab_keeps_what_it_keeps_for_itself(tab: Tab, open_tab: Callable[..., Tab], served: Served) -> None:
    tab.page.locator("#squares-button").click()
    assert tab.page.evaluate("() => sessionStorage.length") == 1
    other = open_tab(served.url)
    other.settled()
    assert other.page.locator("#squares-button").get_attribute("aria-pressed") == "false"
    assert other.page.evaluate(
        "async () => [document.cookie, localStorage.length, sessionStorage.length,"
        "(await indexedDB.databases()).length, (await caches.keys()).length,"
        "(await navigator.serviceWorker.getRegistrations()).length]"
    ) == ["", 0, 0, 0, 0, 0]


def test_a_query_never_stands_in_an_address_the_server_is_sent_as_a_page(tab: Tab, served: Served) -> None:
    tab.page.locator("#query").fill("castle")
    tab.status(f"48 of {COUNT} pictures")
    assert tab.page.url == f"{served.url}#q=castle&prefix=1"


def test_the_timeline_leads_to_a_month(tab: Tab) -> None:
    timeline = tab.page.locator("#timeline")
    assert timeline.get_attribute("aria-valuetext") == "December 2024, 2 pictures"
    tab.page.locator("[data-month='2023-12']").click()
    tab.wait("() => document.querySelector('#timeline').getAttribute('aria-valuetext') === 'December 2023, 2 pictures'")
    tab.settled()
    timeline.focus()
    tab.page.keyboard.press("ArrowLeft")
    tab.wait("() => document.querySelector('#timeline').getAttribute('aria-valuetext').startsWith('November 2023')")
    tab.page.keyboard.press("End")
    tab.wait("() => document.querySelector('#timeline').getAttribute('aria-valuetext').startsWith('December 2024')")
    assert tab.page.evaluate("() => document.querySelector('#grid').scrollTop") == 0


def test_ctrl_and_shift_select(tab: Tab) -> None:
    tab.page.locator("#tile-1").click(modifiers=["Control"])
    tab.page.locator("#tile-4").click(modifiers=["Shift"])
    tab.wait("() => document.querySelector('#selection [role=status]').textContent === '4 selected'")
    assert tab.page.locator(".tile[aria-selected=true]").count() == 4
    tab.page.get_by_role("button", name="Only these").click()
    tab.status(f"4 of {COUNT} pictures")
    tab.page.locator("#grid").focus()
    tab.page.keyboard.press("Escape")
    assert tab.page.locator("#selection").is_hidden()


def test_a_page_asks_for_its_view_once(tab: Tab) -> None:
    asked = "() => performance.getEntriesByType('resource').filter((one) => /\\/view\\?/.test(one.name)).length"
    assert tab.page.evaluate(asked) == 1
