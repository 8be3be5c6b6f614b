from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gallery.galleries import PICTURES, Client, make_catalog, make_folder, shown

pytest.importorskip("starlette", reason="the gallery needs the extra gallery")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = make_folder(tmp_path / "pics")
    for number, name in enumerate(PICTURES):  # the first is the newest
        os.utime(folder / name, (1_700_000_000 - number * 86_400 * 20,) * 2)
    return folder


@pytest.fixture
def catalog(folder: Path, tmp_path: Path) -> Path:
    return make_catalog(folder, tmp_path / "catalog.db")


@pytest.fixture
def client(catalog: Path, folder: Path) -> Iterator[Client]:
    with shown(catalog, folder) as client:
        yield client
