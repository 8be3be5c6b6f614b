"""What other pages, other names of this host and hostile files can do: nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.gallery.browser.conftest import Served, Tab, ids
from tests.gallery.browser.pictures import COUNT, HOSTILE


def test_the_policy_is_in_force(tab: Tab, served: Served) -> None:
    head = tab.page.request.get(served.url).headers
    assert head["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert head["x-content-type-options"] == "nosniff"
    assert head["referrer-policy"] == "no-referrer"
    done = tab.page.evaluate(
        """async () => {
          const script = document.createElement('script');
          script.textContent = 'window.ran = true';
          document.body.append(script);
          const holder = document.createElement('div');
          holder.innerHTML = '<img src="data:," onerror="window.ran = true">';
          document.body.append(holder);
          await new Promise((resolve) => setTimeout(resolve, 200));
          let away = 'answered';
          try { await fetch('http://127.0.0.1:9/'); } catch { away = 'refused'; }
          return [window.ran, away];
        }"""
    )
    assert done == [None, "refused"]
    for refused in ("Executing inline script", "Executing inline event handler", "Connecting to 'http://127.0.0.1:9/'"):
        assert any(problem.startswith(refused) for problem in tab.problems), tab.problems
    assert all("Content Security Policy" in problem for problem in tab.problems)
    tab.problems.clear()


def test_hostile_words_are_shown_as_they_are(tab: Tab, served: Served) -> None:
    known = ids(tab)
    for words in HOSTILE:
        name = f"hostile {words.replace('/', '∕')}.png"
        tab.page.evaluate("(id) => { location.hash = `image=${id}`; }", known[name])
        tab.wait("(name) => document.querySelector('.detail h2')?.textContent === name", name)
        assert tab.page.evaluate("() => document.querySelector('.detail .prompt').textContent") == f"hostile {words}"
        tab.page.get_by_role("tab", name="Raw").click()
        tab.wait("(words) => document.querySelector('.detail pre')?.textContent.startsWith(words)", f"hostile {words}")
        tab.page.get_by_role("tab", name="Recipe").click()
    tab.page.evaluate(
        "(pair) => { location.hash = `compare=${pair}`; }",
        ",".join(str(known[f"hostile {words.replace('/', '∕')}.png"]) for words in HOSTILE[:2]),
    )
    tab.page.locator(".differences table").wait_for()
    tab.page.evaluate("() => { location.hash = 'panel=stats'; }")
    tab.page.locator(".stats .ranks").first.wait_for()
    tab.page.evaluate('(q) => { location.hash = new URLSearchParams({ q: `"${q}"`, f: `model:${q}` }); }', HOSTILE[0])
    tab.page.locator("#chips .chip").wait_for()
    assert tab.texts("#chips .chip") == [f"Model: {HOSTILE[0]}"]
    assert tab.page.evaluate("() => document.querySelectorAll('script').length") == 1
    assert (
        tab.page.evaluate("() => document.querySelectorAll('[onerror], [onload], main svg[onload], h2 img').length")
        == 0
    )


_ATTACK = """<!doctype html><title>waiting</title><body><script>
const victim = 'VICTIM';
const tried = {};
const image = (path) => new Promise((done) => { const i = new Image();
  i.onload = () => done('read'); i.onerror = () => done('refused');
  i.src = victim + path; });
const ask = async (name, path, options) => { try { const a = await fetch(victim + path, options);
  tried[name] = a.type === 'opaque' ? 'opaque' : 'read ' + a.status; } catch { tried[name] = 'refused'; } };
(async () => {
  tried.image = await image('thumb/ID?v=x&edge=384');
  tried.file = await image('file/ID');
  await ask('fetch', 'view', {});
  await ask('blind', 'view', { mode: 'no-cors' });
  await ask('post', 'read', { method: 'POST', mode: 'no-cors', body: 'x' });
  await ask('report', 'report', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  const frame = document.createElement('iframe');
  frame.src = victim;
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; setTimeout(done, 1500); });
  let seen = 'refused';
  try { if (frame.contentDocument && frame.contentDocument.querySelector('#grid')) seen = 'read'; }
   catch { seen = 'refused'; }
  tried.frame = seen;
  window.tried = tried;
})();
</script>"""


@pytest.fixture
def foreign() -> Iterator[Callable[[str], str]]:
    """A page of somebody else's, on a port of its own; it is told what it is."""
    text = ""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def shown(page: str) -> str:
        nonlocal text
        text = page
        return f"http://127.0.0.1:{server.server_port}/"

    yield shown
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_foreign_page_that_knows_the_address_gets_nothing(
    tab: Tab, open_tab: Callable[..., Tab], served: Served, foreign: Callable[[str], str]
) -> None:
    page = _ATTACK.replace("VICTIM", served.url).replace("ID", str(ids(tab)["000.png"]))
    other = open_tab(foreign(page))
    other.wait("() => window.tried !== undefined")
    assert other.page.evaluate("() => window.tried") == {
        "image": "refused", "file": "refused", "fetch": "refused",
        "blind": "refused", "post": "refused", "report": "refused", "frame": "refused",
    }  # fmt: skip
    other.problems.clear()
    other.refused.clear()


def test_a_name_that_was_bound_again_gets_nothing(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = open_tab(served.url.replace("127.0.0.1", "evil.test"))
    assert [line[:3] for line in tab.refused] == ["403"]
    assert tab.page.locator("#grid").count() == 0
    tab.refused.clear()
    tab.problems.clear()  # Chromium tells that it ignores one header of a name that is no local one


def test_without_the_token_there_is_nothing(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = open_tab(f"http://127.0.0.1:{served.port}/{'x' * 32}/")
    assert [line[:3] for line in tab.refused] == ["404"]
    assert tab.page.locator("#grid").count() == 0
    tab.refused.clear()


def test_the_page_asks_nobody_else(open_tab: Callable[..., Tab], served: Served) -> None:
    tab = open_tab("about:blank")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.goto(served.url)
    tab.settled()
    tab.status(f"{COUNT} pictures")
    assert [url for url in asked if not url.startswith((served.url, "data:", "blob:"))] == []
