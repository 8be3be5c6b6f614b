"""A run: begun once, though several starters may begin it at the same time, and joined by whoever does its parts.

Each starter lists into files of its own; the first to create ``run.json`` names its list there, and the others throw
theirs away. From then on the parts of the list that was named are moved to ``manifest/`` by whoever comes by.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

from extractor.batch.manifest import MANIFEST, ROWS, Count, list_files, part_name, part_numbers, write_parts
from extractor.batch.runfile import TOKEN_BYTES, Inputs, RunFile, read_run, write_run
from extractor.batch.store import Store, store_at
from extractor.errors import BatchError
from extractor.extraction.options import Completer, Options
from extractor.scanning.walk import Filters

USUAL_ROWS: Final = 10_000
_LISTING: Final = ".listing"
"""Folder of the lists that are being made."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run whose manifest is made. Small, and pickled for those who do its parts."""

    place: str
    options: Options
    parts: int
    files: int
    archives: int
    """Those of the files that are gone into."""
    rows: int
    """Files of a part; without archives, the last has what is left."""
    filters: Mapping[str, Any]
    """Arguments of `Filters`, which hold in archives too."""
    column: str | None
    """Of the images in tables."""

    @property
    def store(self) -> Store:
        """Where its folder is."""
        return store_at(self.place)

    def finished(self) -> set[int]:
        """The parts that are done."""
        return {number for number in part_numbers(self.store.names(ROWS)) if number < self.parts}

    def rows_of(self, numbers: Iterable[int]) -> int | None:
        """Rows that some parts will have; None where archives hide it."""
        return None if self.archives else sum(min(self.rows, self.files - number * self.rows) for number in numbers)


def begin(place: str, inputs: Inputs, options: Options, count: Count | None = None) -> Run:
    """The run in a folder: the one that is there, if it is the same, else a new one whose manifest is made now.

    Args:
        place: The folder.
        inputs: What is read; with no paths, the run must be there.
        options: How it is read.
        count: Counts what is listed, if anything is.

    Raises:
        BatchError: It is another run's folder, or there is nothing to read.
    """
    store = store_at(place)
    file = read_run(store)
    if file is None:
        if not inputs.paths and inputs.more == ():
            raise BatchError(f"there is no run in {place}: name what is to be read")
        file = _listed(store, inputs, options, Count() if count is None else count)
    file.check_inputs(inputs)
    file.check_options(options)
    return _joined(place, store, file, options)


def resume(place: str, models: Completer | None = None) -> Run:
    """The run that is in a folder, with the options it was begun with. Raises `BatchError`."""
    store = store_at(place)
    file = read_run(store)
    if file is None:
        raise BatchError(f"there is no run in {place}")
    options = file.stored_options(models)
    file.check_options(options)
    return _joined(place, store, file, options)


def _joined(place: str, store: Store, file: RunFile, options: Options) -> Run:
    """The run, after seeing to it that the list is in its place, and nothing of others is left."""
    for number in sorted(set(range(file.parts)) - part_numbers(store.names(MANIFEST))):
        store.move(_listing(file.token, number), part_name(MANIFEST, number))
    store.remove(f"{_LISTING}/{name}" for name in store.names(_LISTING))
    filters, column = file.choice()
    return Run(place, options, file.parts, file.files, file.archives, file.rows, filters, column)


def _listed(store: Store, inputs: Inputs, options: Options, count: Count) -> RunFile:
    """List the inputs, unless another starter is first; what ``run.json`` says then."""
    token, rows = secrets.token_hex(TOKEN_BYTES), inputs.rows or USUAL_ROWS
    files = list_files(chain(inputs.paths, inputs.more), Filters(**inputs.filters), count)
    is_another = True
    try:
        for _ in write_parts(store, partial(_listing, token), files, rows, count):
            if (begun := read_run(store)) is not None:
                return begun
        is_another = False  # from here on it may be ours, whatever goes wrong and whatever answer is lost
        write_run(store, inputs, options, rows=rows, count=count, token=token)
        begun = read_run(store)
        if begun is None:
            raise BatchError("the run's folder is being removed")
        is_another = begun.token != token
        return begun
    finally:
        if is_another:
            store.remove(_listing(token, number) for number in range(count.parts))


def _listing(token: str, number: int) -> str:
    return f"{_LISTING}/{token}-{number:05}.parquet"
