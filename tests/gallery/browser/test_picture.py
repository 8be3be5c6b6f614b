"""One picture with its recipe, and two compared."""

from __future__ import annotations

from collections.abc import Callable

from tests.gallery.browser.conftest import Served, Tab, ids
from tests.gallery.browser.pictures import COUNT


def _open(open_tab: Callable[..., Tab], served: Served, name: str = "001.png") -> Tab:
    tab = open_tab(served.url, permissions=["clipboard-read", "clipboard-write"])
    tab.settled()
    tab.page.evaluate("(id) => { location.hash = `image=${id}`; }", ids(tab)[name])
    tab.page.locator(".detail .parameters").wait_for()
    return tab


def test_the_recipe_is_told_whole(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = _open(open_tab, served)
    assert tab.texts(".detail h2") == ["001.png"]
    assert tab.texts(".detail .folder") == [str(served.folder / "set1")]
    assert tab.texts(".detail .prompt") == ["a castle number1, red dress, <lora:epiNoise:0.8>", "lowres, bad anatomy"]
    facts = dict(zip(tab.texts(".detail dt"), tab.texts(".detail dd"), strict=True))
    assert {
        "Steps": "20",
        "CFG scale": "7",
        "Sampler": "DPM++ 2M Karras",
        "Seed": "1",
        "Model": "dreamshaper_8",
    }.items() <= facts.items()
    assert tab.texts(".detail .resource-name") == ["epiNoise", "dreamshaper_8"]
    assert tab.texts(".detail .counter") == [f"2 of {COUNT}"]
    assert tab.texts(".detail .sources li") == ["png · iTXt:parameters"]
    tab.wait("() => document.querySelector('.detail .whole').naturalWidth === 64")
    assert tab.page.locator(".detail .whole").get_attribute("draggable") == "true"


def test_copies_are_what_they_are_called(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = _open(open_tab, served)
    clipboard = "() => navigator.clipboard.readText()"
    for name, start in (
        ("Infotext", "a castle number1, red dress, <lora:epiNoise:0.8>\nNegative prompt: "),
        ("Civitai JSON", "{"),
    ):
        tab.page.get_by_role("button", name=name, exact=True).click()
        tab.page.get_by_text(f"{name} copied").wait_for()
        assert tab.page.evaluate(clipboard).startswith(start)
    tab.page.get_by_role("button", name="Copy prompt").click()
    tab.page.get_by_text("Prompt copied", exact=True).wait_for()
    assert tab.page.evaluate(clipboard) == "a castle number1, red dress, <lora:epiNoise:0.8>"


def test_values_filter_and_the_way_back_is_kept(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = _open(open_tab, served)
    tab.page.locator(".detail dd a", has_text="dreamshaper_8").click()
    tab.status(f"16 of {COUNT} pictures")
    assert tab.page.locator(".detail").is_hidden()
    tab.page.go_back()
    tab.page.locator(".detail .parameters").wait_for()
    tab.page.locator(".detail .phrase", has_text="red dress").click()
    tab.status(f"24 of {COUNT} pictures")
    tab.page.go_back()
    tab.page.locator(".detail .same a", has_text="Same LoRAs").click()
    tab.status(f"16 of {COUNT} pictures")


def test_keys_walk_select_and_leave(tab: Tab) -> None:
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("Space")
    for name in ("001.png", "002.png"):
        tab.page.keyboard.press("ArrowRight")
        tab.wait("(name) => document.querySelector('.detail h2')?.textContent === name", name)
    tab.page.keyboard.press("x")
    tab.wait("() => document.querySelector('.detail .check').getAttribute('aria-pressed') === 'true'")
    tab.page.keyboard.press("i")
    assert tab.page.locator(".detail .panel").is_hidden()
    tab.page.keyboard.press("i")
    tab.page.keyboard.press("+")
    tab.wait("() => document.querySelector('.detail .whole').style.transform.endsWith('scale(1.3)')")
    tab.page.keyboard.press("0")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("() => document.activeElement.closest('dialog') !== null")
    tab.page.keyboard.press("Escape")
    tab.wait("() => !document.querySelector('.detail').open")
    assert tab.current() == 2
    assert tab.page.locator("#tile-2").get_attribute("aria-selected") == "true"
    assert tab.page.evaluate("() => document.activeElement.id") == "grid"
    assert tab.page.evaluate("() => location.hash") == ""


def test_the_raw_tab_has_the_file_s_own_text(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = _open(open_tab, served)
    tab.page.get_by_role("tab", name="Recipe").focus()
    tab.page.keyboard.press("ArrowRight")
    tab.wait("() => document.querySelectorAll('.detail pre').length === 2")
    text, record = tab.texts(".detail pre")
    assert text.startswith("a castle number1, red dress, <lora:epiNoise:0.8>\nNegative prompt: lowres")
    assert '"negativePrompt": "lowres, bad anatomy"' in record


def test_two_pictures_are_compared(tab: Tab) -> None:
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("x")
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("x")
    tab.wait("() => document.querySelector('#selection [role=status]').textContent === '2 selected'")
    tab.page.keyboard.press("c")
    tab.page.locator(".differences table").wait_for()
    assert tab.texts(".compare .names span") == ["000.png", "001.png"]
    assert tab.texts(".differences del") == ["number0, blue sky, <lora:add_detail:0.8>"]
    assert tab.texts(".differences ins") == ["number1, red dress, <lora:epiNoise:0.8>"]
    differing = tab.texts(".differences tbody th")
    assert {"Seed", "Model", "Sampler"} <= set(differing)
    assert not {"Steps", "CFG scale"} & set(differing)
    line = "() => document.querySelector('.compare .line').style.left"
    assert tab.page.evaluate(line) == "50%"
    box = tab.page.locator(".compare .stage").bounding_box()
    tab.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 20)
    assert tab.page.evaluate(line) == "25%"
    tab.page.keyboard.press("Space")
    assert tab.page.evaluate(line) in ("0%", "100%")
    tab.page.keyboard.press("2")
    tab.page.keyboard.press("+")
    scales = """() => [...document.querySelectorAll('.compare .whole')]
      .map((picture) => picture.style.transform.split(' ').at(-1))"""
    assert tab.page.evaluate(scales) == ["scale(1.3)", "scale(1.3)"]
    tab.page.keyboard.press("3")
    tab.wait("() => document.querySelector('.compare .stage').classList.contains('flipped')")
    tab.page.keyboard.press("Escape")
    tab.wait("() => !document.querySelector('.compare').open")
    assert tab.page.locator("#selection").is_visible()
