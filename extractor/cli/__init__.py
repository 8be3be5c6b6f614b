"""The command line: one module per command, each imported when it is used."""

from __future__ import annotations

import gc
import os
import sys
from typing import Final, NoReturn

from extractor.cli.status import INTERRUPTED

_NEW_OBJECTS: Final = 50_000
"""New objects after which the collector of cycles runs: imports alone would have it look through them many times."""


def main() -> NoReturn:
    """Entry point of the command ``extractor``.

    Exits with 0 (all was read), 1 (a file failed, a sidecar was in conflict, or the output could not be written),
    2 (wrong usage), or 130 (interrupted).
    """
    gc.set_threshold(_NEW_OBJECTS)
    # Whatever plugins of pydantic are installed have no part in this; all packages would be searched for one.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from extractor.cli.program import run

        status = run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    gc.freeze()  # all is closed by now: what is left goes with the process without being looked through once more
    sys.exit(status)
