"""Queries of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from extractor.catalog.query import Query


def query_argument(text: str) -> Query:
    """The conditions of a query. Raises `click.UsageError` that points at what is wrong."""
    from rich.cells import cell_len

    from extractor.catalog.query import QueryError, parse_query
    from extractor.text.printable import one_line

    try:
        return parse_query(text)
    except QueryError as error:
        before, line = one_line(text[: error.position]), one_line(text)
        raise click.UsageError(f"{error.args[0]}\n  {line}\n  {' ' * cell_len(before)}^") from error
