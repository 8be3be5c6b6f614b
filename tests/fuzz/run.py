"""Coverage-guided fuzzing by hand, with atheris (``pip install -e .[dev,fuzz]``).

    python tests/fuzz/run.py TARGET [libFuzzer options]

Targets are the keys of `tests.fuzz.targets.TARGETS`; without one they are listed. The inputs found so far are kept
in ``fuzz-corpus/TARGET`` under the system's folder for temporary files and grow from run to run; the first run fills
it with seeds from the tests. A crash is written to ``crash-...`` in the working folder.

    python tests/fuzz/run.py png -runs=1000000 -max_len=4096 -timeout=5 -rss_limit_mb=1024
    python tests/fuzz/run.py --replay png crash-...       # one input, with a plain traceback; needs no atheris

While fuzzing, only errors that Pillow documents count as damaged pixels: any other fails.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

_TESTS = Path(__file__).resolve().parent.parent
# The tests import each other's builders, and those of the sample images, as pytest lets them.
sys.path[:0] = [str(_TESTS.parent), str(_TESTS.parent / "sample_images")]
os.environ["EXTRACTOR_FUZZING"] = "1"


def replay(name: str, paths: list[str]) -> None:
    """Run the target once on each file."""
    from tests.fuzz.targets import TARGETS

    for path in paths:
        TARGETS[name](Path(path).read_bytes())


def fuzz(name: str, options: list[str]) -> None:
    """Run the target until an input fails or the options say stop."""
    import atheris

    with atheris.instrument_imports(include=["extractor"]):
        from tests.fuzz.targets import TARGETS

        target = TARGETS[name]
        # Readers import what they need when they need it; that must be instrumented too.
        from tests.fuzz.seeds import seeds, write

        folder = Path(tempfile.gettempdir()) / "fuzz-corpus" / name
        if not folder.is_dir():
            write(name, folder)
        for data in seeds(name):
            target(data)
    atheris.Setup([sys.argv[0], *options, str(folder)], target)
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """Choose by the first argument."""
    match arguments:
        case ["--replay", name, *paths]:
            replay(name, paths)
        case [name, *options]:
            fuzz(name, options)
        case _:
            from tests.fuzz.targets import TARGETS

            print(__doc__, *TARGETS, sep="\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
