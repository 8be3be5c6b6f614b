from __future__ import annotations

import zlib
from types import SimpleNamespace

import pytest

from extractor.pixels import ways


@pytest.mark.parametrize(
    ("rows", "inflate", "told"),
    [
        (None, zlib, "Pillow"),
        (None, SimpleNamespace(), "Pillow"),
        (SimpleNamespace(FORM="neon"), zlib, "own rows (neon), inflated by zlib"),
        (SimpleNamespace(FORM="sse2"), SimpleNamespace(), "own rows (sse2), inflated by isal"),
    ],
)
def test_the_way_in_words(rows: object, inflate: object, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "ROWS", rows)
    monkeypatch.setattr(ways, "INFLATE", inflate)
    assert ways.png_way() == told


def test_a_module_that_is_not_there() -> None:
    assert ways._optional("extractor.no_such_module") is None
    assert ways._optional("no_such_package.inside") is None
