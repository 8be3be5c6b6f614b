"""A real Chromium before a real server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.gallery.browser.pictures import fill
from tests.support import ROOT

REQUIRED: Final = "EXTRACTOR_REQUIRE_BROWSER"
"""Set where the absence of a browser is a failure."""

PATIENCE: Final = 30
"""Seconds until what does not come is given up; machines that run tests are slow and shared."""

TOKEN: Final = "t" * 32
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
)
_SERVE: Final = (
    "import sys; import extractor.gallery.guard as guard; token = sys.argv.pop(1);"
    "guard.new_token = (lambda: token) if token else guard.new_token;"
    "from extractor.cli import main; main()"
)


_LOOK: Final = """async ([argument, most]) => {
  const holds = HOLDS;
  for (const end = performance.now() + most; performance.now() < end;) {
    if (holds(argument)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}"""


@dataclass
class Served:
    """A gallery that runs in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    folder: Path

    @property
    def port(self) -> int:
        match = re.search(r":(\d+)/", self.url)
        assert match is not None
        return int(match[1])

    @property
    def bare(self) -> str:
        """A page of the same origin that runs nothing: the text of a module."""
        return f"{self.url}static/state.js"

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def serve(source: Path, cache: Path, *options: str, token: str = "") -> Served:
    """`extractor gallery` over a folder or a catalog; a `token` makes its address known beforehand."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, token, "gallery", str(source), "--no-open", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    told = []
    while line := process.stdout.readline():
        told.append(line)
        if match := re.search(r"http://\S+/", line):
            return Served(process, match[0], source)
    raise AssertionError("the gallery did not start: " + "".join(told))


@dataclass
class Tab:
    """A page of the browser, and what went wrong on it."""

    page: Any
    problems: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_text_contents()]

    def wait(self, expression: str, argument: Any = None, seconds: float = PATIENCE) -> None:
        """Lets the page look until a function holds (`wait_for_function` needs what the page's policy forbids)."""
        if not self.page.evaluate(_LOOK.replace("HOLDS", expression), [argument, seconds * 1000]):
            raise AssertionError(f"never came true: {expression} {argument!r}")

    def settled(self) -> None:
        """Waits until every tile that is seen has its thumbnail."""
        seen = (
            "[...document.querySelectorAll('.tile')].filter((tile) => tile.getBoundingClientRect().top < innerHeight)"
        )
        self.wait(
            f"() => {{ const seen = {seen};"
            "return seen.length > 0 && seen.every((tile) => tile.matches('.loaded, .bare')); }"
        )

    def status(self, text: str) -> None:
        """Waits until the page counts so."""
        self.wait("(text) => document.querySelector('#status').textContent === text", text)

    def current(self) -> int:
        """The position of the current tile."""
        return int(self.page.locator(".tile.current").get_attribute("data-position"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        import playwright  # noqa: F401
    except ImportError:
        found = None
    if found is None:
        reason = "the gallery's page is tested with playwright and Chromium"
        if os.environ.get(REQUIRED):
            pytest.fail(f"{reason}: {REQUIRED} says they must be here")
        pytest.skip(reason)
    return found


@pytest.fixture(scope="package")  # for a session, its event loop would stand in the way of other tests'
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gallery of the pictures of :func:`tests.gallery.browser.pictures.fill`, scanned to the end."""
    folder = tmp_path_factory.mktemp("pictures")
    fill(folder)
    catalog = tmp_path_factory.mktemp("catalog") / "catalog.db"
    subprocess.run(
        [sys.executable, "-m", "extractor", "scan", str(folder), "-o", str(catalog)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    served = serve(catalog, tmp_path_factory.mktemp("cache"))
    served.folder = folder
    yield served
    served.end()


@pytest.fixture(scope="package")
def contexts(browser: Any, served: Served) -> Callable[..., Any]:
    """One context for each set of options, in which a page without scripts stays open.

    Pages of such a context start in a process that is warm, for a third of what the first page of a fresh one costs.
    They share no more than the browser's cache: `test_a_tab_keeps_what_it_keeps_for_itself`.
    """
    made: dict[str, Any] = {}

    def context(**options: Any) -> Any:
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = browser.new_context(**options)
            made[key].set_default_timeout(PATIENCE * 1000)
            made[key].new_page().goto(served.bare)
        return made[key]

    return context


@pytest.fixture
def open_tab(contexts: Callable[..., Any], request: pytest.FixtureRequest) -> Iterator[Callable[..., Tab]]:
    """Opens an address in a page of its own. At the end nothing may have gone wrong that the test did not note."""
    tabs: list[Tab] = []

    def opened(
        url: str, *, width: int = 1280, height: int = 800, media: dict[str, Any] | None = None, **context: Any
    ) -> Tab:
        tab = Tab(contexts(**context).new_page())
        tabs.append(tab)
        _watch(tab)
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.emulate_media(**media or {})
        tab.page.goto(url)
        return tab

    yield opened
    failed = getattr(request.node, "failed", False)
    for number, tab in enumerate(tabs):
        if failed or tab.problems or tab.refused:
            _keep(tab, request, number)
    for context in {tab.page.context for tab in tabs}:
        for page in context.pages[1:]:
            page.close()
    assert [(tab.problems, tab.refused) for tab in tabs] == [([], [])] * len(tabs)


@pytest.fixture
def tab(open_tab: Callable[..., Tab], served: Served) -> Tab:
    """The gallery's page with its thumbnails."""
    tab = open_tab(served.url)
    tab.settled()
    return tab


def _watch(tab: Tab) -> None:
    def said(message: Any) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            tab.problems.append(message.text)

    def answered(response: Any) -> None:
        if response.status >= 400:
            tab.refused.append(f"{response.status} {response.url.split('/', 4)[-1]}")

    def asked(dialog: Any) -> None:
        tab.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    tab.page.on("console", said)
    tab.page.on("pageerror", lambda error: tab.problems.append(str(error)))
    tab.page.on("dialog", asked)
    tab.page.on("response", answered)


def _keep(tab: Tab, request: pytest.FixtureRequest, number: int) -> None:
    """What the page looked like when a test failed."""
    folder = request.config.rootpath / "artefacts"
    folder.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", request.node.name)
    tab.page.screenshot(path=folder / f"{name}-{number}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


def ids(tab: Tab, count: int = 500) -> dict[str, int]:
    """The ids of the pictures of the whole view, by name."""
    ask = """async (count) => {
      const view = await (await fetch('view')).json();
      return (await (await fetch(`view/${view.key}/cells?from=0&n=${count}`)).json()).cells
        .map((cell) => [cell.name, cell.id]);
    }"""
    return dict(tab.page.evaluate(ask, count))


def drop(tab: Tab, *files: Path) -> None:
    """Drops files onto the page as the system would."""
    session = tab.page.context.new_cdp_session(tab.page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 200, "y": 400, "data": data})
        tab.page.wait_for_timeout(60)
    session.detach()
