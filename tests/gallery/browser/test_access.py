"""For whom the page has to work: axe on every screen, the keyboard alone, a narrow page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any

import pytest

from tests.gallery.browser.conftest import Served, Tab, drop, ids
from tests.gallery.browser.pictures import COUNT

GRAVE = ("serious", "critical")


@cache
def _axe() -> str:
    try:
        return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    except ImportError:
        pytest.skip("axe-core comes with axe-playwright-python")


def findings(tab: Tab) -> list[tuple[str, str]]:
    """What axe finds grave: rule and element."""
    tab.page.wait_for_timeout(150)  # colours are in transition
    if not tab.page.evaluate("() => 'axe' in window"):
        tab.page.evaluate(_axe())
    found: Any = tab.page.evaluate("async () => (await axe.run({ resultTypes: ['violations'] })).violations")
    return [(one["id"], node["html"][:200]) for one in found if one["impact"] in GRAVE for node in one["nodes"]]


def _screens(tab: Tab, served: Served) -> Iterator[str]:
    """Every screen, one after another."""
    tab.settled()
    yield "grid"
    tab.page.evaluate("() => { location.hash = 'f=model:dreamshaper_8&f=-lora:epiNoise&q=castle'; }")
    tab.wait("() => document.querySelectorAll('#chips .chip').length === 2")
    yield "chips"
    tab.page.evaluate("() => { location.hash = 'q=unheard'; }")
    tab.page.get_by_role("heading", name="No picture matches").wait_for()
    yield "nothing"
    known = ids(tab)
    tab.page.evaluate("(id) => { location.hash = `image=${id}`; }", known["001.png"])
    tab.page.locator(".detail .parameters").wait_for()
    yield "picture"
    tab.page.get_by_role("tab", name="Raw").click()
    tab.page.locator(".detail pre").first.wait_for()
    yield "raw"
    tab.page.evaluate("(pair) => { location.hash = `compare=${pair}`; }", f"{known['000.png']},{known['001.png']}")
    tab.page.locator(".differences table").wait_for()
    yield "compare"
    for panel, mark in (
        ("stats", ".stats .plot"),
        ("report", ".report form"),
        ("help", ".help dl"),
        ("read", ".drop .drop-head"),
    ):
        tab.page.evaluate("(panel) => { location.hash = `panel=${panel}`; }", panel)
        tab.page.locator(mark).first.wait_for()
        yield panel
    drop(tab, served.folder / "set1" / "001.png")
    tab.page.locator(".drop .parameters").wait_for()
    yield "dropped"
    tab.page.evaluate("() => { location.hash = ''; }")
    tab.status(f"{COUNT} pictures")
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("x")
    tab.page.locator("#selection").wait_for()
    tab.page.keyboard.press("/")
    tab.page.keyboard.type("a OR")
    tab.page.locator("#query-problem").wait_for()
    yield "selection, bad query"
    tab.refused.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave_on_any_screen(open_tab: Callable[..., Tab], served: Served, scheme: str) -> None:
    tab = open_tab(served.url, media={"color_scheme": scheme})
    assert {screen: found for screen in _screens(tab, served) if (found := findings(tab))} == {}


def test_the_whole_page_can_be_walked_by_keyboard(tab: Tab) -> None:
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("() => document.activeElement.textContent") == "Skip to the pictures"
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("() => document.activeElement.id") == "grid"
    tab.page.locator("#rail-button").focus()
    walked = []
    for _ in range(90):
        walked.append(tab.page.evaluate("() => document.activeElement.id || document.activeElement.className"))
        ring = tab.page.evaluate(
            "() => [getComputedStyle(document.activeElement).outlineStyle, document.activeElement.id]"
        )
        assert ring[0] != "none" or ring[1] == "grid"  # the grid shows it at its current tile
        tab.page.keyboard.press("Tab")
        if walked[-1] == "grid":
            break
    order = [
        name
        for name in walked
        if name
        in ("rail-button", "query", "stats-button", "help-button", "sort", "squares-button", "size", "timeline", "grid")
    ]
    assert order == [
        "rail-button",
        "query",
        "stats-button",
        "help-button",
        "sort",
        "squares-button",
        "size",
        "timeline",
        "grid",
    ]
    assert "facet-value" in walked
    tab.page.locator("#grid").focus()
    tab.page.keyboard.press("ArrowRight")
    assert (
        tab.page.evaluate("() => getComputedStyle(document.querySelector('.tile.current'), '::after').boxShadow")
        != "none"
    )


def test_a_dialog_keeps_the_focus_and_gives_it_back(tab: Tab) -> None:
    button = tab.page.locator("#report-button")
    button.focus()
    tab.page.keyboard.press("Enter")
    tab.page.locator(".report form").wait_for()
    for _ in range(20):
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate(
            "() => document.activeElement === document.body || document.activeElement.closest('.report') !== null"
        )
    tab.page.keyboard.press("Escape")
    tab.wait("() => document.activeElement.id === 'report-button'")


@pytest.fixture
def narrow(open_tab: Callable[..., Tab], served: Served) -> Tab:
    tab = open_tab(served.url, width=390, height=844, has_touch=True, is_mobile=True)
    tab.settled()
    return tab


_WIDE = """() => [document.documentElement, ...document.querySelectorAll('dialog[open]')]
  .map((one) => one.scrollWidth).filter((width) => width > 390)"""


def test_a_narrow_page_has_two_columns_and_filters_as_a_sheet(narrow: Tab) -> None:
    tops = narrow.page.evaluate(
        "() => [...document.querySelectorAll('.tile')].map((tile) => Math.round(tile.getBoundingClientRect().top))"
    )
    assert {tops.count(top) for top in tops[:8]} == {2}
    assert narrow.page.locator("#rail").is_hidden()
    narrow.page.locator("#rail-button").tap()
    assert narrow.page.evaluate("() => document.activeElement.id") == "rail-close"
    narrow.page.locator(".facet-value", has_text="dreamshaper_8").tap()
    narrow.page.get_by_role("button", name="Show 16 pictures").tap()
    assert narrow.page.locator("#rail").is_hidden()
    assert narrow.texts("#chips .chip") == ["Model: dreamshaper_8"]
    assert narrow.page.evaluate(_WIDE) == []


def test_every_screen_fits_a_narrow_page(narrow: Tab, served: Served) -> None:
    assert {screen: wide for screen in _screens(narrow, served) if (wide := narrow.page.evaluate(_WIDE))} == {}


def test_a_narrow_page_by_finger(narrow: Tab) -> None:
    narrow.page.locator("#tile-0").tap()
    narrow.wait("() => document.querySelector('.detail h2')?.textContent === '000.png'")
    narrow.page.locator(".detail .next").tap()
    narrow.wait("() => document.querySelector('.detail h2')?.textContent === '001.png'")
    session = narrow.page.context.new_cdp_session(narrow.page)
    for kind, x in (("touchStart", 300), ("touchMove", 200), ("touchMove", 100), ("touchEnd", None)):
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if x is None else [{"x": x, "y": 200}]}
        )
    narrow.wait("() => document.querySelector('.detail h2')?.textContent === '002.png'")
    narrow.page.locator(".detail .check").click()
    narrow.page.locator(".detail .check[aria-pressed=true]").wait_for()
    narrow.page.locator(".detail .close").tap()
    narrow.wait("() => document.querySelector('#selection [role=status]')?.textContent === '1 selected'")
