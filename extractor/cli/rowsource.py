"""The results that become rows: of files and folders, and of an image on standard input."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from extractor.catalog.query import Query
    from extractor.scanning.scan import ScanResult
    from extractor.scanning.tally import Tally

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
            yield _stdin(scanning)
        elif paths:
            with closing(scan(paths, **scanning)) as results:
                yield from results


def without_stdin(given: Iterable[str]) -> tuple[Iterable[str], bool]:
    """The files and folders, and whether ``-`` was named too."""
    if not isinstance(given, Sequence) or STDIN not in given:
        return given, False
    return [path for path in given if path != STDIN], True


def found_on_stdin(query: Query, scanning: Mapping[str, Any]) -> Iterator[ScanResult]:
    """The image on standard input, if it meets a query or cannot be read: as `search` gives those of files."""
    from extractor.catalog.matching import matches

    result = _stdin(scanning)
    if result.error is not None or matches(query, result):
        yield result


def counted(results: Iterable[ScanResult], tally: Tally) -> Iterator[ScanResult]:
    """The results with records; failures are counted for the summary."""
    for result in results:
        tally.add(result)
        if result.record is not None:
            yield result


def _stdin(scanning: Mapping[str, Any]) -> ScanResult:
    from extractor.errors import ExtractorError
    from extractor.extraction.extract import extract
    from extractor.scanning.scan import ScanResult

    reading = {name: scanning[name] for name in _OF_ONE if name in scanning}
    try:
        return ScanResult(STDIN, extract(sys.stdin.buffer, **reading))
    except ExtractorError as error:
        return ScanResult(STDIN, error=error)


def stdin_bytes() -> bytes:
    """All of standard input. Raises `LimitExceededError`."""
    from extractor.files.fileobject import FileObject
    from extractor.limits import DEFAULT_LIMITS

    return FileObject(sys.stdin.buffer).read_all(DEFAULT_LIMITS)


def without_pixels(scanning: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments for a table, which shows no hash: pixels are decoded only where they may hide a text.

    `scanning` may say ``hash`` and ``stealth``, where a command has options for them.
    """
    from extractor.extraction.options import ALPHA

    stealth = scanning.get("stealth")
    if stealth is None and scanning.get("hash", True):
        stealth = ALPHA
    return {**scanning, "hash": False, "stealth": stealth}
