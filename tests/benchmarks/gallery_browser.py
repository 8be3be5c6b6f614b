"""What a browser makes of a gallery, for `bench_gallery.py --browser`: needs playwright and Chromium."""

from __future__ import annotations

import shutil
import statistics
from typing import Any, Final

Figures = dict[str, tuple[float, str]]

_WATCH: Final = """
addEventListener("DOMContentLoaded", () => {
  const seen = () => [...document.querySelectorAll(".tile")]
    .filter((tile) => tile.getBoundingClientRect().top < innerHeight);
  const look = () => {
    const tiles = seen();
    if (tiles.length && !window.painted) window.painted = performance.now();
    if (tiles.length && tiles.every((tile) => tile.matches(".loaded, .bare"))) window.shown ??= performance.now();
    if (!window.shown) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""
"""Notes when tiles are first painted, and when all that are seen have their thumbnails."""

_FRAMES: Final = """() => {
  window.frames_ = [];
  let last = performance.now();
  const note = (now) => { window.frames_.push(now - last); last = now; window.noting = requestAnimationFrame(note); };
  window.noting = requestAnimationFrame(note);
}"""
_KEYS: Final = """() => {
  window.keys = [];
  let pressed = 0;
  document.querySelector("#query").addEventListener("keydown", () => { pressed = performance.now(); });
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    if (pressed) window.keys.push(performance.now() - pressed);
    pressed = 0;
  }))).observe(document.querySelector("#status"), { childList: true });
}"""


def browser_figures(url: str, chromium: str | None = None) -> Figures:
    """What Chromium needs for the gallery at an address: name -> (figure, target at 200,000 pictures).

    Milliseconds, but for the share of slow frames (percent) and the heap (MiB). The page is loaded twice before it is
    measured, so that its thumbnails are made; each figure of time is the median of three.
    """
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    path = chromium or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.add_init_script(_WATCH)
        loads = [_load(page, url) for _ in range(5)][2:]
        frames = _wheel(page)
        heap = _heap(page)
        keys = _type(page, "word12 mast")
        browser.close()
    slow = 100 * sum(frame > 34 for frame in frames) / len(frames)
    return {
        "to tiles painted, ms": (statistics.median(painted for painted, _ in loads), "400"),
        "to thumbnails, warm, ms": (statistics.median(shown for _, shown in loads), "600"),
        "a frame of the wheel, p50, ms": (statistics.median(frames), "-"),
        "a frame of the wheel, p95, ms": (statistics.quantiles(frames, n=20)[-1], "-"),
        "frames over 34 ms, %": (slow, "5"),
        "JS heap, MiB": (heap, "15"),
        "key to painted, p50, ms": (statistics.median(keys), "-"),
        "key to painted, most, ms": (max(keys), "-"),
    }


def _load(page: Any, url: str) -> tuple[float, float]:
    """Milliseconds from navigation to tiles, and to all thumbnails that are seen."""
    page.goto("about:blank")
    page.goto(url)
    for _ in range(600):
        if page.evaluate("() => Boolean(window.shown)"):
            break
        page.wait_for_timeout(50)
    painted, shown = page.evaluate("() => [window.painted, window.shown]")
    return float(painted), float(shown)


def _wheel(page: Any) -> list[float]:
    """Milliseconds between frames while the wheel turns for four seconds, on through 20,000 pixels."""
    page.mouse.move(800, 500)
    page.evaluate(_FRAMES)
    for _ in range(170):
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(16)
    frames = page.evaluate("() => { cancelAnimationFrame(window.noting); return window.frames_.slice(1); }")
    return [float(frame) for frame in frames]


def _heap(page: Any) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["JSHeapUsedSize"]) / 2**20


def _type(page: Any, text: str) -> list[float]:
    """Milliseconds from a key to its answer on the page, for keys far enough apart to have one each."""
    page.evaluate(_KEYS)
    page.locator("#query").focus()
    for character in text:
        page.keyboard.press("Space" if character == " " else character)
        page.wait_for_timeout(700)
    return [float(key) for key in page.evaluate("() => window.keys")]
