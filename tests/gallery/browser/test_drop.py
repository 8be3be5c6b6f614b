"""Files dropped onto the page."""

from __future__ import annotations

from pathlib import Path

from tests.gallery.browser.conftest import Served, Tab, drop
from tests.gallery.browser.pictures import COUNT, infotext, picture


def test_a_dropped_file_is_read_and_leads_to_its_siblings(tab: Tab, tmp_path: Path) -> None:
    drop(tab, picture(tmp_path / "new.png", infotext("one recipe, many seeds", Seed=5)))
    tab.page.locator(".drop .parameters").wait_for()
    assert tab.page.locator(".curtain").is_hidden()
    assert tab.texts(".drop h2") == ["Read files", "new.png"]
    assert tab.texts(".drop .prompt") == ["one recipe, many seeds", "lowres, bad anatomy"]
    assert tab.texts(".drop .drop-head .muted") == ["1 of 1 file read"]
    tab.wait("() => document.querySelector('.drop .preview').naturalWidth === 64")
    tab.page.get_by_role("link", name="Find 6 siblings in the catalog").click()
    tab.status(f"6 of {COUNT} pictures")
    assert tab.page.locator(".drop").is_hidden()


def test_several_files_and_a_folder_are_read_each_for_itself(tab: Tab, served: Served, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no picture")
    drop(tab, tmp_path / "letter.txt", served.folder / "photo.png", served.folder / "stack")
    tab.wait(
        "() => document.querySelector('.drop .drop-head .muted').textContent === '7 of 8 files read, 1 could not be'"
    )
    assert tab.texts(".drop .file-name") == ["letter.txt", "photo.png", *(f"seed{seed}.png" for seed in range(6))]
    assert tab.page.locator(".drop .failed").count() == 1
    tab.page.get_by_role("button", name="seed3.png").focus()
    tab.page.keyboard.press("Enter")
    tab.wait("() => document.querySelector('.drop .read h2')?.textContent === 'seed3.png'")
    tab.page.get_by_role("link", name="It is in the catalog").click()
    tab.wait("() => document.querySelector('.detail h2')?.textContent === 'seed3.png'")
    tab.page.keyboard.press("Escape")
    tab.wait("() => !document.querySelector('.detail').open")
    assert [line[:3] for line in tab.refused] == ["422"]
    tab.refused.clear()


def test_nothing_of_a_hostile_file_runs(tab: Tab, served: Served) -> None:
    drop(tab, *sorted(served.folder.glob("hostile*.png")))
    tab.wait("() => document.querySelector('.drop .drop-head .muted').textContent === '7 of 7 files read'")
    names = tab.texts(".drop .file-name")
    assert sorted(names) == sorted(path.name for path in served.folder.glob("hostile*.png"))
    for index in range(len(names)):
        tab.page.locator(".drop .files button").nth(index).click()
        tab.wait("(name) => document.querySelector('.drop .read h2')?.textContent === name", names[index])
        assert tab.texts(".drop .prompt")[0].startswith("hostile ")
    tab.page.keyboard.press("Escape")
    tab.wait("() => !document.querySelector('.drop').open")
