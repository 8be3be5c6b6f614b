"""Images to records inside any engine that hands Arrow tables over: Ray Data, Spark, Daft, polars, plain pyarrow.

`extract_batch` takes a table with a row for each image and gives one with a record, or an error, for each. It keeps no
state and needs no other process of this package, so that engines may call it wherever they like.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import accumulate, islice
from typing import Any, Final, NamedTuple, TypeAlias

from extractor.errors import extra_command
from extractor.export.nested import arrow_schema, fitted_row
from extractor.extraction.options import Completer, HashOption, Stealth, checked_options
from extractor.files.address import Known, Remote, address_of
from extractor.files.paths import Paths
from extractor.limits import Limits
from extractor.scanning.addressed import AddressJob, AddressTask, Made, MemberTask, deserves_another_try
from extractor.scanning.crew import Crew
from extractor.scanning.near import check_connections
from extractor.scanning.scan import check_workers

try:
    import pyarrow
except ImportError as missing:
    raise ImportError(f"extractor.arrow needs pyarrow: {extra_command('parquet')}") from missing

SCHEMA: Final[pyarrow.Schema] = arrow_schema(pyarrow)
"""Columns of what `extract_batch` gives: those of the Parquet files that this package writes.

Maps are lists of ``{key, value}``. ``error`` is null, or has ``type``, ``message`` and ``transient`` (whether another
try may succeed).
"""

Through: TypeAlias = Callable[[Iterator[Made]], Iterator[Made]]
_ROWS: Final = 256
"""Rows that become columns at once: longer than it takes the workers to run out of tasks would have them wait."""


def extract_batch(
    table: Any,
    *,
    hash: HashOption = True,
    stealth: Stealth = None,
    raw: bool = False,
    foreign_sidecars: bool | None = None,
    limits: Limits | None = None,
    models: Completer | None = None,
    workers: int | None = 1,
    connections: int | None = None,
) -> pyarrow.Table:
    """The records of a table of images: as many rows, in the same order.

    Args:
        table: A `pyarrow.Table` or `RecordBatch` (or what can be made a table) with a column ``url``: paths,
            ``file:`` URIs, and addresses (``s3:``, ``gs:``, ``az:``, ``https:``), which are fetched from. A column
            ``bytes`` has the files themselves: then nothing is opened, and ``url`` (it may be absent) only goes into
            the record. ``size``, ``mtime`` (a timestamp; without a zone: UTC) and ``etag`` tell what a listing knew: a
            remote file that is another one by now is read as it is, with the warning ``replaced-since-listed``.
            Other columns are ignored.
        hash: As in `extractor.extract`, like all that follow up to `models`. Pixels are decoded in another process,
            since decoders may crash; starting it costs a fraction of a second for each call.
        stealth: See `extractor.extract`.
        raw: See `extractor.extract`.
        foreign_sidecars: See `extractor.extract`; files of other tools beside local images. In buckets none are read.
        limits: See `extractor.extract`.
        models: See `extractor.extract`.
        workers: Files read at the same time; None: as many as there are processors. Engines run several calls side by
            side, so one is right for them.
        connections: Remote files read at the same time; None: 64.

    Returns:
        A table of `SCHEMA`. A file that cannot be read is a row with ``error``, and with its ``url``.

    Raises:
        TypeError: The table has neither ``url`` nor ``bytes``, or one of its columns is of a type that says nothing.
    """
    options = checked_options(
        hash=hash,
        stealth=stealth,
        raw=raw,
        foreign_sidecars=foreign_sidecars,
        base_url=None,
        limits=limits,
        models=models,
    )
    tasks = Tasks(table)
    count, most = check_workers(workers), check_connections(connections, Paths((), remote=True))
    with Crew(AddressJob(options, fitted_row), options, workers=count, connections=most) as crew:
        return read_all(tasks, crew).table


class Rows(NamedTuple):
    """The rows of some files of a table, in their order."""

    table: pyarrow.Table
    counts: Mapping[int, int]
    """Place of a file -> how many it has: one, but for archives."""
    again: Collection[int]
    """Places of the files that failed, in whole or in part, and may not do so again."""

    def replaced(self, by: Rows) -> Rows:
        """The rows of all files, with newer ones of some. Of an archive that went further before, the old ones stay."""
        starts, counts = list(accumulate(self.counts.values(), initial=0)), dict(self.counts)
        pieces, end, at = [], 0, 0
        for place, count in by.counts.items():
            rows, at = by.table.slice(at, count), at + count
            if 0 < count < counts[place] and rows.column("error")[-1].is_valid:
                continue
            pieces += [self.table.slice(end, starts[place] - end), rows]
            end, counts[place] = starts[place + 1], count
        return Rows(pyarrow.concat_tables([*pieces, self.table.slice(end)]).combine_chunks(), counts, by.again)


def read_all(tasks: Tasks, crew: Crew[Made], through: Through = iter) -> Rows:
    """The rows of all files. What failed, and may not do so again, is tried once more when all others are done.

    `through` sees the results pass by, and may raise.
    """
    rows = read_some(tasks, range(len(tasks)), crew, through)
    return rows.replaced(read_some(tasks, rows.again, crew)) if rows.again else rows


def read_some(tasks: Tasks, places: Iterable[int], crew: Crew[Made], through: Through = iter) -> Rows:
    """The rows of the files at some places, which rise."""
    counts = dict.fromkeys(places, 0)
    again: dict[int, None] = {}
    batches: list[pyarrow.RecordBatch] = []
    made = through(crew.do(tasks.some(counts), far=tasks.is_far))
    rows = (one for one in made if one.row is not None)
    while some := list(islice(rows, _ROWS)):
        for one in some:
            counts[one.place] += 1
            if deserves_another_try(one):
                again[one.place] = None
        batches.append(pyarrow.RecordBatch.from_pylist([one.row for one in some], schema=SCHEMA))
    return Rows(pyarrow.Table.from_batches(batches, schema=SCHEMA), counts, again.keys())


class Tasks:
    """What is to be read, as a table tells it; a task is made when its turn comes."""

    def __init__(self, table: Any) -> None:
        """Raises `TypeError` for a table that does not tell it."""
        if isinstance(table, pyarrow.RecordBatch):
            table = pyarrow.Table.from_batches([table])
        elif not isinstance(table, pyarrow.Table):
            table = pyarrow.table(table)
        if not {"url", "bytes"} & {*table.column_names}:
            raise TypeError("the table needs a column url, or bytes")
        self._columns = {
            name: _column(table.column(name), name, kind)
            for name, kind in _COLUMNS.items()
            if name in table.column_names
        }
        self._tick = _tick(table.schema)
        self._rows: int = table.num_rows

    def __len__(self) -> int:
        return self._rows

    def some(self, places: Iterable[int]) -> Iterator[AddressTask | MemberTask | Made]:
        """The tasks of some rows, or what came of them."""
        return map(self.task, places)

    def task(self, place: int) -> AddressTask:
        """The file that a row tells."""
        values = {name: column[place].as_py() for name, column in self._columns.items()}
        url, data, mtime = values.get("url"), values.get("bytes"), values.get("mtime")
        mtime = None if mtime is None else mtime * self._tick
        address = None if url is None or data is not None else address_of(url)
        if address is None:
            return AddressTask(url, data, mtime, place=place)
        size = values.get("size")
        known = None if size is None else Known(size, mtime, values.get("etag"))
        return AddressTask(address, origin=Remote(address, known), place=place)

    @property
    def is_far(self) -> bool:
        """Whether any of the files are remote."""
        urls = self._columns.get("url")
        return urls is not None and any(address_of(url) for url in urls.to_pylist() if url is not None)


class _Kind(NamedTuple):
    """What a column may be."""

    words: str
    fits: tuple[Callable[[pyarrow.DataType], bool], ...]
    type: pyarrow.DataType | None
    """What it is cast to: None where that would copy files."""


_types = pyarrow.types
_TEXT: Final = _Kind("text", (_types.is_string, _types.is_large_string, _types.is_string_view), pyarrow.large_string())
_COLUMNS: Final = {
    "url": _TEXT,
    "bytes": _Kind("binary", (_types.is_binary, _types.is_large_binary, _types.is_binary_view), None),
    "size": _Kind("integers", (_types.is_integer,), pyarrow.int64()),
    "mtime": _Kind("timestamps", (_types.is_timestamp,), pyarrow.int64()),
    "etag": _TEXT,
}
"""Columns of the table that is given."""
_TICKS: Final = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Unit of a timestamp -> nanoseconds."""


def _column(column: pyarrow.ChunkedArray, name: str, kind: _Kind) -> pyarrow.ChunkedArray:
    """A column as it is read here. Raises `TypeError`."""
    if _types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not _types.is_null(column.type) and not any(fits(column.type) for fits in kind.fits):
        raise TypeError(f"the column {name} must hold {kind.words}, not {column.type}")
    return column if kind.type is None else column.cast(kind.type)


def _tick(columns: pyarrow.Schema) -> int:
    """Nanoseconds that one of the mtimes counts."""
    return next(
        (_TICKS[field.type.unit] for field in columns if field.name == "mtime" and _types.is_timestamp(field.type)), 1
    )
