"""One part of a run: from a piece of the manifest to a file with as many rows. All that an engine has to know."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, TypeAlias

import pyarrow
from pyarrow import compute

from extractor.arrow import SCHEMA, Rows, read_all, read_some
from extractor.batch.manifest import COLUMNS, MANIFEST, ROWS, part_name
from extractor.batch.run import Run
from extractor.batch.tables import counts_of, read_part, table_bytes, with_counts
from extractor.batch.units import Units
from extractor.errors import AccessDeniedError, BatchError, ExtractorError
from extractor.export.nested import fitted_row
from extractor.limits import PART_ROWS
from extractor.scanning.addressed import AddressJob, Made
from extractor.scanning.crew import Crew

_DENIALS: Final = 16
"""Files in a row to which access is denied, and the part is given up."""
_ERROR: Final = "error"
_ERRORS: Final = pyarrow.schema([SCHEMA.field(_ERROR)])


@dataclass(frozen=True, slots=True)
class PartReport:
    """What came of one part."""

    number: int
    rows: int = 0
    failed: int = 0
    """Rows that hold an error."""
    transient: int = 0
    """Those of them that another try may mend."""
    is_new: bool = True
    """Whether anything was read for it."""
    problem: str | None = None
    """Why the part is as absent, or as it was, as before."""


Work: TypeAlias = Callable[[Run, int, "Crew[Made]"], PartReport]


Told: TypeAlias = Callable[[int], None]
"""Called with a number of files that have been read since."""


@dataclass(frozen=True, slots=True)
class Hands:
    """How many files are read at the same time."""

    workers: int | None = 1
    """Local ones; None: as many as there are processors."""
    connections: int | None = None
    """Remote ones; None: the usual number."""


def crew_for(run: Run, hands: Hands, told: Told | None = None) -> Crew[Made]:
    """Those who read a run's files."""

    def tell(made: Made) -> None:
        if told is not None and made.row is not None:
            told(1)

    job = AddressJob(run.options, fitted_row)
    return Crew(job, run.options, workers=hands.workers, connections=hands.connections, told=tell)


def run_part(run: Run, number: int, crew: Crew[Made]) -> PartReport:
    """Read the files of one part and write its rows, unless that is done.

    Raises `ExtractorError` when the part cannot be done as a whole; then nothing is written.
    """
    store, name = run.store, part_name(ROWS, number)
    if store.has(name):
        return PartReport(number, is_new=False)
    manifest = read_part(store, part_name(MANIFEST, number), COLUMNS)
    rows = read_all(Units(manifest, run), crew, _passed)
    store.create(name, _bytes(rows))  # another writer's rows are as good
    return _report(number, rows.table)


def retry_part(run: Run, number: int, crew: Crew[Made]) -> PartReport:
    """Read again what failed in one part and may not do so now: an archive whole. Raises `ExtractorError`."""
    store, name = run.store, part_name(ROWS, number)
    failures = read_part(store, name, _ERRORS)
    failed = _transient(failures)
    if not failed:
        return _report(number, failures, is_new=False)
    counts = counts_of(name, failures)
    manifest = read_part(store, part_name(MANIFEST, number), COLUMNS, rows=len(counts))
    ends = list(accumulate(counts))
    places = list(dict.fromkeys(bisect_right(ends, row) for row in failed))
    rows = Rows(read_part(store, name, SCHEMA), dict(enumerate(counts)), places)
    rows = rows.replaced(read_some(Units(manifest, run), places, crew, _passed))
    store.replace(name, _bytes(rows))
    return _report(number, rows.table)


def _bytes(rows: Rows) -> bytes:
    return table_bytes(with_counts(rows.table, rows.counts.values()))


def attempt(work: Work, run: Run, number: int, crew: Crew[Made]) -> PartReport:
    """Do something with one part; what goes wrong is told in the report."""
    try:
        return work(run, number, crew)
    except ExtractorError as error:
        return PartReport(number, problem=str(error))


def attempt_status(run: Run, number: int) -> PartReport:
    """What is in the file of a part that is done."""
    try:
        return _report(number, read_part(run.store, part_name(ROWS, number), _ERRORS), is_new=False)
    except ExtractorError as error:
        return PartReport(number, problem=str(error))


def alone(work: Work, run: Run, number: int, hands: Hands = Hands()) -> PartReport:
    """`attempt`, for an engine whose workers are processes of their own."""
    with crew_for(run, hands) as crew:
        return attempt(work, run, number, crew)


def _passed(made: Iterator[Made]) -> Iterator[Made]:
    """Results as they come. Raises the error where access is denied to all of them, or to many in a row.

    A single object may be private; credentials that are wrong, or have run out, would only fill the part with errors.
    Raises `BatchError` for an archive of more rows than a part may have.
    """
    row, is_all, rows = 0, True, 0
    for one in made:
        rows += one.row is not None
        if rows > PART_ROWS:
            raise BatchError(f"more than {PART_ROWS:,} rows: an archive of so many files is read by extractor scan")
        is_denied = isinstance(one.error, AccessDeniedError)
        row = row + 1 if is_denied else 0
        is_all = is_all and is_denied
        if one.error is not None and row == _DENIALS:
            raise one.error
        yield one
    if is_all and row and one.error is not None:
        raise one.error


def _report(number: int, table: pyarrow.Table, *, is_new: bool = True) -> PartReport:
    errors = table.column(_ERROR)
    return PartReport(number, table.num_rows, len(errors) - errors.null_count, len(_transient(table)), is_new)


def _transient(table: pyarrow.Table) -> list[int]:
    """Places of the rows that another try may mend."""
    flags = compute.struct_field(table.column(_ERROR), "transient")
    places: list[int] = compute.indices_nonzero(compute.fill_null(flags, False)).to_pylist()
    return places
