"""How the page and its parts are sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import extractor.gallery
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


def test_the_page_asks_for_all_its_modules_at_once(client: Client) -> None:
    static = Path(extractor.gallery.__file__).parent / "static"
    asked = re.findall(r'<link rel="modulepreload" href="static/([^"]+)">', client.get("").decode())
    assert sorted(["main.js", *asked]) == sorted(path.name for path in static.glob("*.js"))
