"""``--models``: records are completed from a library of models.

A command that makes records takes `models_option` and hands on, as the argument ``models`` of `extract`, `scan` or
`write_sidecars`, what `opened_models` makes of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from extractor.library.library import ModelLibrary

_F = TypeVar("_F", bound=Callable[..., Any])


def models_option(command: _F) -> _F:
    """Which library completes the records."""
    option = click.option(
        "--models",
        metavar="DB|DIR",
        help="Fill in absent hashes, names and version ids from a library of models, or from a folder of them, which "
        "is scanned first (headers, and hashes of small files that are new). See: extractor models.",
    )
    return option(command)


@contextmanager
def opened_models(given: str | None, *, quiet: bool = False) -> Iterator[ModelLibrary | None]:
    """The library that ``--models`` means, open for the block; None when it was not given."""
    if given is None:
        yield None
        return
    from extractor.cli.arguments import resolve_argument
    from extractor.cli.models.common import library_at
    from extractor.library.place import library_of_folder

    path = resolve_argument(given)
    is_folder = os.path.isdir(path)
    if not is_folder and not os.path.exists(path):
        raise click.ClickException(f"{given}: there is no library and no folder; make one with: extractor models scan")
    with library_at(library_of_folder(path) if is_folder else path, is_new=is_folder) as library:
        if is_folder:
            from extractor.cli.models.watching import watched

            with watched(quiet=quiet) as report:
                library.scan(path, report=report)
        yield library
