"""Rows for data frames."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from extractor.files.paths import GivenPaths
from extractor.rows.rows import Scalar, flat_row
from extractor.scanning.scan import scan


def scan_rows(paths: GivenPaths, **options: Any) -> Iterator[dict[str, Scalar]]:
    """A flat row with the columns of CSV for each image, and for each file that cannot be read.

    Values are text, numbers, booleans or None; lists and objects are JSON. `paths` and `options` are the arguments of
    `extractor.scan`. Closing the iterator ends the scan at once.
    """
    with closing(scan(paths, **options)) as results:
        for result in results:
            if result.record is not None or result.error is not None:
                yield flat_row(result)
