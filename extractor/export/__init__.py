"""Writes the results of a scan to a file: JSON Lines, JSON, CSV, Parquet, or a SQLite catalog."""

from __future__ import annotations

from extractor.export.writers import FORMATS, format_of, open_writer, write_whole, writer_class
from extractor.rows.base import RowWriter

__all__ = ["FORMATS", "RowWriter", "format_of", "open_writer", "write_whole", "writer_class"]
