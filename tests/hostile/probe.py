"""Run as a program: reads the files named on the command line and tells, in JSON, what each has cost.

Memory is the peak of resident pages above what the interpreter holds before the first file, in megabytes. The peak
of a process that is started by a larger one begins with that one's (Linux), so it is set back before each file.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from extractor import ExtractorError, extract

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def resident(field: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def main(hashed: bool, warm: str, paths: list[str]) -> None:
    """`warm` is read before, so that what is imported once does not count."""
    extract(warm, hash=hashed)
    base = resident("VmRSS")
    for path in paths:
        _RESET.write_text("5")
        begin = time.process_time()
        try:
            codes = [warning.code for warning in extract(path, hash=hashed).extraction.warnings or ()]
        except ExtractorError as error:
            codes = [type(error).__name__]
        seconds = time.process_time() - begin
        print(json.dumps({"path": path, "seconds": seconds, "megabytes": resident("VmHWM") - base, "codes": codes}))


if __name__ == "__main__":
    main(sys.argv[1] == "hash", sys.argv[2], sys.argv[3:])
