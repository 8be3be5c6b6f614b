"""Search, facets, chips, what is said where nothing is found."""

from __future__ import annotations

from tests.gallery.browser.conftest import Tab
from tests.gallery.browser.pictures import COUNT


def test_search_asks_while_one_types(tab: Tab) -> None:
    tab.page.keyboard.press("/")
    assert tab.page.evaluate("() => document.activeElement.id") == "query"
    tab.page.keyboard.type("cast")
    tab.status(f"48 of {COUNT} pictures")
    tab.page.keyboard.type("le blu")
    tab.status(f"24 of {COUNT} pictures")
    tab.page.keyboard.press("Enter")
    tab.wait("() => document.activeElement.id === 'grid'")
    tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("Enter")
    tab.wait("() => document.querySelectorAll('.detail .prompt mark').length === 2")
    assert tab.texts(".detail .prompt mark") == ["castle", "blue"]
    tab.page.go_back()
    tab.page.go_back()
    tab.status(f"{COUNT} pictures")
    assert tab.page.locator("#query").input_value() == ""


def test_a_bad_query_is_told_at_its_place_and_the_pictures_stay(tab: Tab) -> None:
    tab.page.locator("#query").fill("castle OR")
    tab.page.locator("#query-problem").wait_for()
    assert "OR" in tab.texts("#query-problem span")[0]
    assert tab.texts(".query-place b") == ["OR"]
    assert tab.page.locator("#query").get_attribute("aria-invalid") == "true"
    assert tab.page.locator(".tile").count() > 10
    tab.page.locator("#query").fill("castle OR recipe")
    tab.status(f"54 of {COUNT} pictures")
    assert tab.page.locator("#query-problem").is_hidden()
    assert [line[:3] for line in tab.refused] == ["400"]
    tab.refused.clear()


def test_facets_include_and_exclude(tab: Tab) -> None:
    value = tab.page.locator(".facet-value", has_text="dreamshaper_8")
    value.click()
    tab.status(f"16 of {COUNT} pictures")
    assert value.get_attribute("aria-pressed") == "true"
    tab.page.locator(".facet-value", has_text="juggernautXL_v9").click()
    tab.status(f"32 of {COUNT} pictures")
    tab.page.locator(".facet-value", has_text="epiNoise").click(modifiers=["Alt"])
    tab.status(f"16 of {COUNT} pictures")
    assert tab.texts("#chips .chip") == ["Model: dreamshaper_8", "Model: juggernautXL_v9", "notLoRA: epiNoise"]
    tab.page.get_by_role("button", name="Remove Model: juggernautXL_v9").click()
    tab.wait("() => document.querySelectorAll('#chips .chip').length === 2")
    tab.page.get_by_role("button", name="Clear all").click()
    tab.status(f"{COUNT} pictures")
    assert tab.page.locator("#chips").is_hidden()


def test_facets_by_keyboard(tab: Tab) -> None:
    value = tab.page.locator(".facet-value", has_text="dreamshaper_8")
    value.focus()
    tab.page.keyboard.press("Alt+Enter")
    tab.status(f"46 of {COUNT} pictures")
    tab.wait("() => document.activeElement.matches('.facet-value')")
    tab.page.keyboard.press("Enter")
    tab.status(f"16 of {COUNT} pictures")
    tab.page.keyboard.press("Enter")
    tab.status(f"{COUNT} pictures")
    fold = tab.page.get_by_role("button", name="Folders")
    assert fold.get_attribute("aria-expanded") == "false"
    fold.focus()
    tab.page.keyboard.press("Enter")
    tab.page.locator(".facet-value", has_text="stack").click()
    tab.status(f"6 of {COUNT} pictures")


def test_a_facet_can_be_searched(tab: Tab) -> None:
    box = tab.page.get_by_label("Search in Models")
    box.fill("jugg")
    tab.wait("() => document.querySelectorAll('.facet:first-child .facet-value').length === 1")
    tab.page.locator(".facet:first-child .facet-value").click()
    tab.status(f"16 of {COUNT} pictures")
    box.fill("nowhere")
    tab.page.get_by_text("No such value").wait_for()


def test_where_nothing_is_found_the_page_says_what_to_leave_away(tab: Tab) -> None:
    tab.page.locator(".facet-value", has_text="dreamshaper_8").click()
    tab.status(f"16 of {COUNT} pictures")
    tab.page.locator("#query").fill("recipe")
    tab.page.get_by_role("heading", name="No picture matches").wait_for()
    assert sorted(tab.texts("#nothing .button")) == [
        "Without Model: dreamshaper_86 pictures",
        "Without the words “recipe”16 pictures",
    ]
    tab.page.get_by_role("button", name="Without Model").click()
    tab.status(f"6 of {COUNT} pictures")
    assert tab.page.locator("#nothing").is_hidden()


def test_where_nothing_is_found_no_tile_is_current(tab: Tab) -> None:
    tab.page.keyboard.press("Home")
    tab.wait("() => document.querySelector('#grid').getAttribute('aria-activedescendant') === 'tile-0'")
    tab.page.locator("#query").fill("nothinglikethis")
    tab.status(f"0 of {COUNT} pictures")
    assert tab.page.locator("#grid").get_attribute("aria-activedescendant") is None
