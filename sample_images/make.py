"""Remakes the sample images: ``python make.py [FOLDER]``. The same bytes every time, on every machine.

Needs piexif. All pixels are drawn from formulas and encoded by `_encoders`; the texts are made up.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.dont_write_bytecode = True

import _comfyui  # noqa: E402
import _infotexts  # noqa: E402
import _tools  # noqa: E402


def files() -> dict[str, bytes]:
    """File name -> contents of every sample, sidecars included."""
    return _infotexts.files() | _comfyui.files() | _tools.files()


def main() -> None:
    """Write all samples into the folder that is named, or beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for name, data in files().items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
