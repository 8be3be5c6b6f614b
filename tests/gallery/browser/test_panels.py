"""Statistics, reports, help, a model's page; how the page looks."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gallery.browser.conftest import Served, Tab, serve
from tests.gallery.browser.pictures import COUNT, infotext, picture


def test_statistics_filter(tab: Tab) -> None:
    tab.page.locator("#stats-button").click()
    tab.page.locator(".stats .ranks").first.wait_for()
    titles = tab.texts(".stats h3")
    assert {"Models", "LoRAs", "Samplers", "Sizes", "Months"} <= set(titles)
    bars = tab.page.locator(".stats .plot a")
    assert bars.count() >= 24
    tab.page.locator(".stats .ranks a", has_text="dreamshaper_8").click()
    tab.status(f"16 of {COUNT} pictures")
    assert tab.page.locator(".stats").is_hidden()
    tab.page.locator("#stats-button").click()
    tab.page.get_by_text("Of 16 pictures in this view").wait_for()
    tab.page.locator(".stats .plot a").last.focus()
    tab.page.keyboard.press("Enter")
    tab.wait("() => document.querySelectorAll('#chips .chip').length === 2")


def test_a_report_of_the_selection_is_saved(tab: Tab, tmp_path: Path) -> None:
    tab.page.locator("#tile-0").click(modifiers=["Control"])
    tab.page.locator("#tile-2").click(modifiers=["Control"])
    tab.page.locator("#selection").get_by_role("button", name="Report").click()
    assert tab.page.get_by_label("The selection, 2 pictures").is_checked()
    assert not tab.page.get_by_label("Paths of the files").is_checked()
    tab.page.get_by_label("Title").fill("For <b>you</b>")
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name="Save the report").click()
    waiting.value.save_as(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert waiting.value.suggested_filename == "For _b_you_b_.html"
    assert "For &lt;b&gt;you&lt;/b&gt;" in text
    assert "<script" not in text.lower()
    assert text.count("<img") == 2
    tab.wait("() => !document.querySelector('.report').open")


def test_help_names_every_key(tab: Tab) -> None:
    tab.page.keyboard.press("?")
    tab.page.get_by_role("heading", name="Keys and searching").wait_for()
    keys = set(tab.texts(".help kbd"))
    assert {
        "← → ↑ ↓",
        "PgUp PgDn",
        "Home End",
        "Enter Space",
        "X",
        "C",
        "S",
        "G",
        "I",
        "F",
        "B",
        "/",
        "?",
        "Esc",
        "Alt + click",
    } <= keys
    tab.page.go_back()
    tab.wait("() => !document.querySelector('.help').open")


def test_dark_and_light(open_tab: Callable[..., Tab], served: Served) -> None:
    ground = "() => getComputedStyle(document.documentElement).backgroundColor"
    tab = open_tab(served.url, media={"color_scheme": "dark"})
    assert tab.page.evaluate(ground) == "rgb(20, 20, 20)"
    tab.page.locator("#theme-button").click()
    assert tab.page.evaluate(ground) == "rgb(255, 255, 255)"
    tab.page.reload()
    assert tab.page.evaluate(ground) == "rgb(255, 255, 255)"


def test_less_motion_is_none(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = open_tab(served.url, media={"reduced_motion": "reduce"})
    tab.settled()
    assert tab.page.evaluate(
        "() => getComputedStyle(document.querySelector('.tile.loaded img')).transitionDuration"
    ) in ("0s", "1e-05s")


@pytest.fixture
def with_models(chromium: str, tmp_path: Path) -> Served:
    """Two pictures, one with a model that is here."""
    header = json.dumps(
        {
            "__metadata__": {"ss_base_model_version": "sd_v1"},
            "a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
        }
    ).encode()
    models = tmp_path / "models" / "Stable-diffusion"
    models.mkdir(parents=True)
    (models / "here_v1.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    for number, name in enumerate(("here_v1", "gone_v1")):
        text = f"a castle\nSteps: 20, Sampler: Euler a, Seed: {number}, Model: {name}"
        picture(tmp_path / "pictures" / f"{name}.png", text, number=number)
    return serve(
        tmp_path / "pictures",
        tmp_path / "cache",
        "-o",
        str(tmp_path / "catalog.db"),
        "--models",
        str(tmp_path / "models"),
    )


def test_models_that_are_not_here_are_marked(open_tab: Callable[..., Tab], with_models: Served) -> None:
    try:
        tab = open_tab(with_models.url)
        tab.status("2 pictures")
        tab.settled()
        assert tab.page.locator(".tile .mark[title='uses a model that is not here']").count() == 1
        tab.page.get_by_role("button", name="SD 1.5").first.click()
        tab.status("1 of 2 pictures")
        tab.page.locator("#grid").focus()
        tab.page.keyboard.press("ArrowRight")
        tab.page.keyboard.press("Enter")
        tab.page.get_by_role("link", name="Facts of here_v1").click()
        tab.page.locator(".model .parameters").wait_for()
        facts = dict(zip(tab.texts(".model dt"), tab.texts(".model dd"), strict=True))
        assert facts["Base model"] == "SD 1.5"
        assert facts["File"].endswith("here_v1.safetensors")
        tab.page.keyboard.press("Escape")
        tab.wait("() => !document.querySelector('.model').open && document.querySelector('.detail').open")
    finally:
        with_models.end()


def test_the_page_can_be_empty_and_tells_how_to_fill_it(
    open_tab: Callable[..., Tab], chromium: str, tmp_path: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    served = serve(tmp_path / "pictures", tmp_path / "cache", "-o", str(tmp_path / "catalog.db"))
    try:
        tab = open_tab(served.url)
        tab.page.get_by_role("heading", name="This catalog is empty").wait_for()
        assert tab.texts("#nothing .command")[0].startswith("extractor ")
        assert tab.texts("#status") == ["0 pictures"]
    finally:
        served.end()


def test_a_picture_that_is_gone_keeps_its_thumbnail(
    open_tab: Callable[..., Tab], chromium: str, tmp_path: Path
) -> None:
    kept = picture(tmp_path / "pictures" / "kept.png", infotext("kept"))
    lost = picture(tmp_path / "pictures" / "lost.png", infotext("lost"), number=3, when="2024-02-01")
    served = serve(kept.parent, tmp_path / "cache", "-o", str(tmp_path / "catalog.db"))
    try:
        tab = open_tab(served.url)
        tab.status("2 pictures")
        tab.settled()
        tab.page.get_by_text("Reading").wait_for(state="hidden")
        lost.unlink()
        tab.page.locator("#tile-0").click()
        tab.page.locator(".detail .notice").wait_for()
        tab.wait("() => document.querySelector('.detail .whole').naturalWidth > 0")
        tab.page.keyboard.press("Escape")
        tab.page.reload()
        tab.settled()
        tab.page.locator("#tile-0 .mark", has_text="file missing").wait_for()
        assert tab.page.locator(".tile.loaded").count() == 2
    finally:
        served.end()
    tab.refused.clear()
