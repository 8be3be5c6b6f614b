"""Safety 1 to 4 of docs/gallery.md, each attacked: who may ask, and what an answer allows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from extractor.gallery.guard import Guard, new_token
from tests.gallery.galleries import HOST, TOKEN, Client

DATA = ("view", "info", "stats", "image/1", "file/1", "thumb/1", "static/page.js", "nothing")


@pytest.mark.parametrize("host", [HOST, "localhost:7777", "LOCALHOST:1", "127.0.0.1", "localhost", "127.0.0.1:65535"])
def test_hosts_that_are_this_computer_at_any_port(client: Client, host: str) -> None:
    client.get("info", headers={"host": host})


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evil.test:7777", "127.0.0.1.evil.test", "127.0.0.2", "0.0.0.0:7777", "[::1]:7777", "", "localhost.",
     "127.0.0.1:7777@evil.test", "evil.test#127.0.0.1", "127.1", "2130706433", "localhost:7777:1", "127.0.0.1:"],
)  # fmt: skip
def test_a_rebound_name_gets_nothing(client: Client, host: str) -> None:
    answer = client.http.get(f"/{TOKEN}/info", headers={"host": host})
    assert (answer.status_code, answer.text) == (403, "This server answers to 127.0.0.1 and localhost only.")


def test_two_hosts_are_none(client: Client) -> None:
    answer = client.http.get(f"/{TOKEN}/info", headers=[("host", HOST), ("host", "evil.test")])
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/", "/info", "/view", "//info", f"/{TOKEN[:-1]}/info", f"/{TOKEN}T/info", f"/{TOKEN.lower()}/info", "/\0/info",
     f"/x/../{TOKEN}/info", f"//{TOKEN}/info", "/é/info", "/\udcff/info", "/favicon.ico", "/robots.txt"],
)  # fmt: skip
def test_without_the_token_there_is_nothing(path: str) -> None:
    asked: list[object] = []
    answer: list[dict[str, Any]] = []

    async def app(*_: object) -> None:
        asked.append(_)

    async def send(message: Any) -> None:
        answer.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read of it")

    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", HOST.encode())]}
    asyncio.run(Guard(app, TOKEN)(scope, receive, send))
    assert (answer[0]["status"], answer[1]["body"], asked) == (404, b"Not found.", [])


def test_tokens_have_192_bits_and_differ() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}  # 24 bytes of base64


@pytest.mark.parametrize("path", DATA)
@pytest.mark.parametrize("origin", ["http://evil.test", "null", "https://127.0.0.1:7777", "http://127.0.0.1:8888", ""])
def test_another_origin_gets_nothing(client: Client, path: str, origin: str) -> None:
    assert client.http.get(f"/{TOKEN}/{path}", headers={"origin": origin}).status_code == 403


def test_the_own_origin_is_right_at_the_far_end_of_a_tunnel_too(client: Client) -> None:
    client.get("info", headers={"host": "localhost:9000", "origin": "http://localhost:9000"})
    assert (
        client.http.get(f"/{TOKEN}/info", headers={"host": "localhost:9000", "origin": f"http://{HOST}"}).status_code
        == 403
    )


@pytest.mark.parametrize("path", [*DATA, ""])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "elsewhere"])
@pytest.mark.parametrize("dest", ["image", "script", "iframe", "empty"])
def test_other_sites_get_nothing_by_img_script_iframe_or_fetch(client: Client, path: str, site: str, dest: str) -> None:
    mode = "navigate" if dest == "iframe" else "no-cors"
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert client.http.get(f"/{TOKEN}/{path}", headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["read", "report"])
def test_other_sites_cannot_post(client: Client, path: str) -> None:
    for headers in ({"origin": "http://evil.test"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        answer = client.http.post(f"/{TOKEN}/{path}", content=b"x", headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
@pytest.mark.parametrize("path", ["read", "report"])
def test_what_a_form_can_send_is_not_read(client: Client, path: str, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    assert client.http.post(f"/{TOKEN}/{path}", content=b"{}", headers=headers).status_code == 415


def test_a_link_leads_to_the_page_and_to_nothing_else(client: Client) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.http.get(f"/{TOKEN}/", headers=headers).status_code == 200
    for path in DATA:
        assert client.http.get(f"/{TOKEN}/{path}", headers=headers).status_code == 403
    assert client.http.post(f"/{TOKEN}/", headers=headers).status_code == 403


def test_the_page_of_a_token_without_a_slash_is_told_where_it_is(client: Client) -> None:
    answer = client.http.get(f"/{TOKEN}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"/{TOKEN}/")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    answer = client.http.request(method, f"/{TOKEN}/view")
    assert answer.status_code == 405
    assert not any(name.startswith("access-control-") for name in answer.headers)


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["", "info", "view", "nothing", "image/999999", "static/nothing.js", "file/1"])
def test_every_answer_forbids_what_is_not_needed(client: Client, path: str) -> None:
    for headers in ({}, {"origin": "http://evil.test"}):
        found = client.http.get(f"/{TOKEN}/{path}", headers=headers).headers
        assert found["content-security-policy"] == POLICY
        assert found["x-content-type-options"] == "nosniff"
        assert found["referrer-policy"] == "no-referrer"
        assert found["cross-origin-resource-policy"] == "same-origin"
        assert found["cross-origin-opener-policy"] == "same-origin"
        assert not any(name.startswith("access-control-") or name == "set-cookie" for name in found)


def test_the_page_has_no_inline_script_or_style() -> None:
    import extractor.gallery

    static = Path(extractor.gallery.__file__).parent / "static"
    for page in static.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "<script>" not in text


def test_a_websocket_is_refused(client: Client) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.http.websocket_connect(f"ws://{HOST}/{TOKEN}/events"):
        pass
