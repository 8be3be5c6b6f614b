"""A million tiles: the page with a server that is made up, so that nothing has to be scanned."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.gallery.browser.conftest import Served, Tab

COUNT = 1_000_000
CAP = 8_000_000

_TOP = "() => Number(document.querySelector('#grid').scrollTop)"
_FIRST = """() => Math.min(...[...document.querySelectorAll('.tile')]
  .filter((tile) => tile.getBoundingClientRect().bottom >
    document.querySelector('#grid').getBoundingClientRect().top + 1)
  .map((tile) => Number(tile.dataset.position)))"""
_WHERE = "(id) => document.getElementById(id)?.getBoundingClientRect().top ?? null"


def _answer(route: Any) -> None:
    address = urlsplit(route.request.url)
    given = parse_qs(address.query)
    if address.path.endswith("/shape"):
        shape = bytes(value for i in range(1000) for value in (96 + i * 37 % 64, 90, 90, 120)) * (COUNT // 1000)
        return route.fulfill(body=shape, content_type="application/octet-stream")
    if address.path.endswith("/cells"):
        start, count = int(given["from"][0]), int(given["n"][0])
        cells = [
            {
                "id": i + 1,
                "v": "x",
                "name": f"{i}.png",
                "width": 8,
                "height": 8,
                "hash": None,
                "stack": 1,
                "video": True,
            }
            for i in range(start, min(COUNT, start + count))
        ]
        return route.fulfill(json={"from": start, "cells": cells})
    if address.path.endswith("/place"):
        return route.fulfill(json={"position": int(given["id"][0]) - 1})
    view = {
        "key": "k", "total": COUNT, "all": COUNT, "revision": 1, "images": COUNT, "terms": [], "stacked": False,
        "facets": [], "histogram": [], "chips": [], "drop": [],
    }  # fmt: skip
    return route.fulfill(body=json.dumps(view), content_type="application/json")


@pytest.fixture
def million(open_tab: Callable[..., Tab], served: Served) -> Tab:
    tab = open_tab("about:blank")
    tab.page.route(re.compile(r"/view[/?]|/view$"), _answer)
    tab.page.goto(served.url)
    tab.wait("() => document.querySelectorAll('.tile').length > 0")
    return tab


def test_the_wheel_moves_pixel_by_pixel_and_the_bar_in_proportion(million: Tab) -> None:
    assert million.page.evaluate("() => document.querySelector('#sizer').offsetHeight") == CAP
    before = million.page.evaluate(_WHERE, "tile-8")
    million.page.mouse.move(800, 500)
    million.page.mouse.wheel(0, 120)
    million.page.wait_for_timeout(500)
    assert million.page.evaluate(_WHERE, "tile-8") == pytest.approx(before - 120, abs=1)
    million.page.evaluate(f"() => {{ document.querySelector('#grid').scrollTop = {CAP} / 2; }}")
    million.page.wait_for_timeout(400)
    assert million.page.evaluate(_FIRST) == pytest.approx(COUNT / 2, rel=0.01)


def test_both_ends_are_reached_and_what_is_seen_rests(million: Tab) -> None:
    million.page.locator("#grid").focus()
    million.page.keyboard.press("End")
    million.page.locator(f"#tile-{COUNT - 1}").wait_for()
    assert million.page.locator(".tile.current").get_attribute("aria-posinset") == str(COUNT)
    million.page.mouse.move(800, 500)
    for _ in range(12):
        million.page.mouse.wheel(0, -900)
        million.page.wait_for_timeout(30)
    first = 0
    while first != (first := million.page.evaluate(_FIRST)):  # the wheel runs out
        million.page.wait_for_timeout(60)
    assert COUNT - 600 < first < COUNT - 100
    before = million.page.evaluate(_WHERE, f"tile-{first}")
    million.page.wait_for_timeout(400)  # the bar goes to where it belongs, the pictures stay
    assert million.page.evaluate(_WHERE, f"tile-{first}") == pytest.approx(before, abs=1)
    million.page.keyboard.press("Home")
    million.page.locator("#tile-0").wait_for()
    assert million.page.evaluate(_TOP) == 0
    assert million.page.locator(".tile").count() < 120
