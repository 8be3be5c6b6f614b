"""The command line: one module per command, each imported when it is used."""

from __future__ import annotations

import sys
from typing import NoReturn

from extractor.cli.status import INTERRUPTED


def main() -> NoReturn:
    """Entry point of the command ``extractor``.

    Exits with 0 (all was read), 1 (a file failed, a sidecar was in conflict, or the output could not be written),
    2 (wrong usage), or 130 (interrupted).
    """
    try:
        from extractor.cli.program import run

        status = run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)
