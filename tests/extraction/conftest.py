from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.extraction.records import PICTURE


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a b.png"
    path.write_bytes(PICTURE)
    os.utime(path, ns=(0, 1_700_000_000_123_456_789))
    return path
