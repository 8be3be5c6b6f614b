"""What changes while the page is open: a scan goes on, the server goes and comes back."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.gallery.browser.conftest import TOKEN, Served, Tab, serve
from tests.gallery.browser.pictures import infotext, picture

_ROWS = 1200


def _many(folder: Path) -> None:
    """Files enough for a scan that takes a while: copies, for one picture costs as much to read as another."""
    first = picture(folder / "0.png", infotext("one of many"), shape=(700, 500))
    for number in range(1, _ROWS):
        shutil.copy2(first, folder / f"{number}.png")


def test_the_grid_grows_while_a_scan_goes_on(open_tab: Callable[..., Tab], chromium: str, tmp_path: Path) -> None:
    _many(tmp_path / "pictures")
    served = serve(tmp_path / "pictures", tmp_path / "cache", "-o", str(tmp_path / "catalog.db"))
    try:
        tab = open_tab(f"{served.url}#sort=name")
        counts = set()
        ends = time.monotonic() + 40
        while time.monotonic() < ends and tab.texts("#status") != [f"{_ROWS:,} pictures"]:
            counts.add(tab.texts("#status")[0])
            tab.page.wait_for_timeout(50)
        tab.status(f"{_ROWS:,} pictures")
        assert len(counts) > 1
        tab.page.locator("#scan").wait_for(state="hidden")
        tab.page.goto("about:blank")
    finally:
        served.end()


def test_what_is_looked_at_stays_where_it_is_when_pictures_come(
    open_tab: Callable[..., Tab], chromium: str, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    for number in range(60):
        picture(
            folder / f"{number}.png",
            infotext(f"old {number}", Seed=number),
            number=number,
            when=f"2023-01-{1 + number // 3:02d}",
        )
    catalog = tmp_path / "catalog.db"
    served = serve(folder, tmp_path / "cache", "-o", str(catalog), token=TOKEN)
    try:
        tab = open_tab(served.url)
        tab.status("60 pictures")
        tab.page.locator("#scan").wait_for(state="hidden")
        tab.page.mouse.move(800, 500)
        tab.page.mouse.wheel(0, 900)
        tab.wait("() => document.querySelector('#grid').scrollTop >= 900")
        tab.settled()
        place = """() => { const edge = document.querySelector('#grid').getBoundingClientRect().top;
          const tile = [...document.querySelectorAll('.tile')].sort((a, b) => a.dataset.position - b.dataset.position)
            .find((one) => one.getBoundingClientRect().top + one.clientHeight / 2 >= edge);
          return [tile.querySelector('img').alt, Math.round(tile.getBoundingClientRect().top)]; }"""
        before = tab.page.evaluate(place)
        served.end()
        tab.page.get_by_text("The gallery's server has stopped").wait_for(timeout=15_000)
        for number in range(7):
            picture(folder / f"new{number}.png", infotext("new", Seed=number), when="2024-05-05")
        served = serve(folder, tmp_path / "cache", "-o", str(catalog), "--port", str(served.port), token=TOKEN)
        tab.page.locator("#banner").wait_for(state="hidden", timeout=15_000)
        tab.wait("() => document.querySelector('#status').textContent === '67 pictures'", seconds=15)
        tab.wait("(name) => [...document.querySelectorAll('.tile img')].some((one) => one.alt === name)", before[0])
        where = """(name) => Math.round([...document.querySelectorAll('.tile')]
          .find((one) => one.querySelector('img').alt === name).getBoundingClientRect().top)"""
        assert tab.page.evaluate(where, before[0]) == before[1]
        tab.page.get_by_role("button", name="7 new pictures").click()
        tab.wait("() => document.querySelector('#grid').scrollTop === 0")
        tab.settled()
        assert tab.page.locator("#newer").is_hidden()
    finally:
        served.end()
    tab.problems.clear()  # connections that were refused while there was no server


def test_who_has_only_just_come_sees_the_newest_pictures(
    open_tab: Callable[..., Tab], chromium: str, tmp_path: Path
) -> None:
    folder, catalog = tmp_path / "pictures", tmp_path / "catalog.db"
    for number in range(3):
        picture(folder / f"{number}.png", infotext("old", Seed=number), number=number, when="2023-01-01")
    served = serve(folder, tmp_path / "cache", "-o", str(catalog), token=TOKEN)
    try:
        tab = open_tab(served.url)
        tab.status("3 pictures")
        tab.page.locator("#scan").wait_for(state="hidden")
        tab.settled()
        served.end()
        tab.page.get_by_text("The gallery's server has stopped").wait_for(timeout=15_000)
        for number in range(60):
            picture(folder / f"new{number}.png", infotext("new", Seed=number), when="2024-05-05")
        served = serve(folder, tmp_path / "cache", "-o", str(catalog), "--port", str(served.port), token=TOKEN)
        tab.wait("() => document.querySelector('#status').textContent === '63 pictures'", seconds=15)
        tab.wait("() => (document.querySelector('.tile[data-position=\"0\"] img')?.alt ?? '').startsWith('new')")
        assert tab.page.evaluate("() => document.querySelector('#grid').scrollTop") == 0
        assert tab.page.locator("#newer").is_hidden()
        tab.page.goto("about:blank")
    finally:
        served.end()
    tab.problems.clear()  # connections that were refused while there was no server


def test_tabs_do_not_stand_in_each_other_s_way(open_tab: Callable[..., Tab], served: Served) -> None:
    tabs = [open_tab(served.url) for _ in range(2)]
    context = tabs[0].page.context
    for _ in range(7):  # more than a browser has connections for a host
        context.new_page().goto(served.url)
    tabs[0].page.bring_to_front()
    for tab in tabs:
        tab.page.reload()
        tab.settled()
