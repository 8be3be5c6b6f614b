"""The pictures that tests read as they are: made ones of the project and, where it is there, the collection."""

from __future__ import annotations

from pathlib import Path

from tests.support import ROOT, SHARED

_OTHERS = (".json", ".md", ".py", ".txt", ".pyc")


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix not in _OTHERS)


MADE = _pictures(ROOT / "sample_images")
REAL = _pictures(SHARED / "samples")
FILES = MADE + REAL
