"""Which writer a file gets, and how the file comes into being."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from importlib import import_module
from typing import BinaryIO, Final

from extractor.errors import OutputError, access_error
from extractor.files.atomic import atomic_file, remove_leftovers
from extractor.rows.base import RowWriter

EXTENSIONS: Final = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
"""Extension of an output file -> format."""

_WRITERS: Final = {
    "jsonl": ("text", "JsonLinesWriter"),
    "json": ("text", "JsonWriter"),
    "csv": ("text", "CsvWriter"),
    "parquet": ("parquet", "ParquetWriter"),
}
"""Format -> module and class, imported when it is asked for."""

FORMATS: Final = tuple(dict.fromkeys(EXTENSIONS.values()))
SQLITE: Final = "sqlite"


def format_of(path: str | os.PathLike[str]) -> str | None:
    """The format that the extension of an output file asks for; None when it says nothing."""
    return EXTENSIONS.get(os.path.splitext(os.fspath(path))[1].lower())


@contextmanager
def open_writer(path: str | os.PathLike[str], format: str | None = None) -> Iterator[RowWriter]:
    """A writer for a file, as a context manager.

    The file appears, or takes the place of an older one, when the block ends without an error; until then the old
    one stays. Only a SQLite catalog is updated in place: see `extractor.catalog.writer.Catalog`.

    Args:
        path: The file; its folder must exist.
        format: One of `FORMATS`; None goes by the extension.

    Raises:
        OutputError: It cannot be written, a package is missing, or what stands there is not to be overwritten.
        ValueError: The format is not known.
    """
    chosen = format or format_of(path)
    if chosen == SQLITE:
        from extractor.catalog.writer import Catalog

        with closing(Catalog(path)) as catalog:
            yield catalog
        return
    with write_whole(path, writer_class(chosen)) as writer:
        yield writer


@contextmanager
def write_whole(path: str | os.PathLike[str], make: Callable[[BinaryIO], RowWriter]) -> Iterator[RowWriter]:
    """The writer that `make` gives for a file that is there only when the block ends without an error.

    What is no regular file (a device, a pipe) is written to as it stands. Raises `OutputError`.
    """
    with _output_file(os.fspath(path)) as stream:
        writer = make(stream)
        try:
            yield writer
            writer.close()
        except BaseException:
            writer.abandon()
            raise


def _output_file(path: str) -> AbstractContextManager[BinaryIO]:
    if os.path.exists(path) and not os.path.isfile(path):
        try:
            return open(path, "wb")
        except OSError as error:
            raise access_error(error, OutputError) from error
    remove_leftovers(os.path.dirname(path))
    return atomic_file(path)


def writer_class(format: str | None) -> Callable[[BinaryIO], RowWriter]:
    """What writes a format (not SQLite) to a binary stream. Raises `ValueError` for an unknown one."""
    home = _WRITERS.get(format or "")
    if home is None:
        raise ValueError(f"not a format to write: {format!r}; one of {', '.join(FORMATS)}")
    module, name = home
    writer: Callable[[BinaryIO], RowWriter] = getattr(import_module(f"extractor.export.{module}"), name)
    return writer
