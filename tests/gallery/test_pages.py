"""How the page and its parts are sent."""

from __future__ import annotations

import pytest

from tests.gallery.galleries import TOKEN, Client


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("", "no-cache"),
        ("static/main.js", "private, max-age=31536000, immutable"),
        ("static/base.css", "private, max-age=31536000, immutable"),
        ("info", "no-store"),
    ],
)
def test_parts_are_asked_for_once_a_run(client: Client, path: str, kept: str) -> None:
    answer = client.http.get(f"/{TOKEN}/{path}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, kept)
