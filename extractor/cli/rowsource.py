"""The results that become rows: of files and folders, and of an image on standard input."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from extractor.scanning.scan import ScanResult

STDIN: Final = "-"
_OF_ONE: Final = ("hash", "stealth", "raw", "foreign_sidecars", "models")
"""Arguments of `scan` that `extract` takes too."""


def row_source(given: Iterable[str], **scanning: Any) -> Generator[ScanResult, None, None]:
    """The results of `scan`, and that of ``-`` in its place.

    Only where the paths are all known: a list that is read as it comes holds no ``-``.
    """
    from extractor.scanning.scan import scan

    if not isinstance(given, Sequence) or STDIN not in given:
        with closing(scan(given, **scanning)) as results:
            yield from results
        return
    at = given.index(STDIN)
    for paths in (given[:at], None, [path for path in given[at:] if path != STDIN]):
        if paths is None:
            yield _stdin({name: scanning[name] for name in _OF_ONE})
        elif paths:
            with closing(scan(paths, **scanning)) as results:
                yield from results


def _stdin(reading: Mapping[str, Any]) -> ScanResult:
    from extractor.errors import ExtractorError
    from extractor.extraction.extract import extract
    from extractor.scanning.scan import ScanResult

    try:
        return ScanResult(STDIN, extract(sys.stdin.buffer, **reading))
    except ExtractorError as error:
        return ScanResult(STDIN, error=error)


def without_pixels(scanning: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for a table, which shows no hash: pixels are decoded only where they may hide a text."""
    from extractor.extraction.options import ALPHA

    stealth = ALPHA if scanning["hash"] and scanning["stealth"] is None else scanning["stealth"]
    return {**scanning, "hash": False, "stealth": stealth}
