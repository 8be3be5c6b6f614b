"""Who may ask: nobody without the token, no other site, no other name of this host. See docs/gallery.md."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_TOKEN_BYTES: Final = 24
_HOST: Final = re.compile(rb"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?", re.IGNORECASE)
"""At any port: the far end of a tunnel has another one."""
_SITES: Final = (b"same-origin", b"none")
_METHODS: Final = ("GET", "HEAD", "POST")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": _POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "x-frame-options": "DENY",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "x-robots-tag": "noindex",
    }.items()
)
"""Of every answer, refusals too."""


def new_token() -> str:
    """192 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


class Guard:
    """Stands in front of the application, which sees paths without the token."""

    def __init__(self, app: App, token: str) -> None:
        self._app = app
        self._token = token.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refusal(scope)
        if refused is not None:
            await _plain(send, *refused)
            return
        rest = scope["path"][1 + len(self._token) :]
        if not rest:
            location = f"/{self._token.decode()}/".encode()
            await _plain(send, 308, "", ((b"location", location),))
            return
        inner = {**scope, "path": rest, "raw_path": rest.encode("utf-8", "surrogatepass"), "root_path": ""}
        await self._app(inner, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        hosts = headers.get(b"host", [])
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
            return 403, "This server answers to 127.0.0.1 and localhost only."
        if any(origin.lower() != b"http://" + hosts[0].lower() for origin in headers.get(b"origin", [])):
            return 403, "Not from another site."
        first = scope["path"][1:].partition("/")[0].encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(first, self._token):
            return 404, "Not found."
        if any(site not in _SITES for site in headers.get(b"sec-fetch-site", [])) and not self._is_arrival(
            scope, headers
        ):
            return 403, "Not from another site."
        if scope["method"] not in _METHODS:
            return 405, "Not allowed."
        return None

    def _is_arrival(self, scope: Scope, headers: Mapping[bytes, list[bytes]]) -> bool:
        """Whether a person comes to the page itself by a link or from the redirect file.

        The page holds nothing; what it then asks for, it asks for itself, and it cannot be framed or scripted.
        """
        return (
            scope["method"] == "GET"
            and scope["path"] == f"/{self._token.decode()}/"
            and headers.get(b"sec-fetch-mode") == [b"navigate"]
            and headers.get(b"sec-fetch-dest") == [b"document"]
        )


def _headers(scope: Scope) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
        await send(message)

    return sending


async def _plain(send: Send, status: int, text: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    own = ((b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers, *HEADERS]})
    await send({"type": "http.response.body", "body": text.encode()})
