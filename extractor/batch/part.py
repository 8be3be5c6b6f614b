"""One part of a run: from a piece of the manifest to a file with as many rows. All that an engine has to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import pyarrow
from pyarrow import compute

from extractor.arrow import SCHEMA, Tasks, read_all, with_rows
from extractor.batch.manifest import COLUMNS, MANIFEST, ROWS, part_name
from extractor.batch.run import Run
from extractor.batch.tables import read_part, table_bytes
from extractor.errors import AccessDeniedError, ExtractorError
from extractor.export.nested import fitted_row
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
    job = AddressJob(run.options, fitted_row)
    return Crew(job, run.options, workers=hands.workers, connections=hands.connections, told=told)


def run_part(run: Run, number: int, crew: Crew[Made]) -> PartReport:
    """Read the files of one part and write its rows, unless that is done.

    Raises `ExtractorError` when the part cannot be done as a whole; then nothing is written.
    """
    store, name = run.store, part_name(ROWS, number)
    if store.has(name):
        return PartReport(number, is_new=False)
    manifest = read_part(store, part_name(MANIFEST, number), COLUMNS)
    table = read_all(Tasks(manifest), crew, _unless_denied)
    store.create(name, table_bytes(table))  # another writer's rows are as good
    return _report(number, table)


def retry_part(run: Run, number: int, crew: Crew[Made]) -> PartReport:
    """Read again what failed in one part and may not do so now. Raises `ExtractorError`."""
    store, name = run.store, part_name(ROWS, number)
    failures = read_part(store, name, _ERRORS)
    places = _transient(failures)
    if not places:
        return _report(number, failures, is_new=False)
    tasks = Tasks(read_part(store, part_name(MANIFEST, number), COLUMNS, rows=failures.num_rows))
    table = read_part(store, name, SCHEMA)
    table = with_rows(table, places, _unless_denied(crew.do(tasks.some(places), far=tasks.is_far)))
    store.replace(name, table_bytes(table))
    return _report(number, table)


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


def _unless_denied(made: Iterator[Made]) -> Iterator[Made]:
    """Results as they come. Raises the error where access is denied to all of them, or to many in a row.

    A single object may be private; credentials that are wrong, or have run out, would only fill the part with errors.
    """
    row, is_all = 0, True
    for one in made:
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
