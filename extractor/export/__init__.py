"""Writes the results of a scan to a file: JSON Lines, JSON, CSV, Parquet, or a SQLite catalog."""

from __future__ import annotations

from extractor.export.base import RowWriter
from extractor.export.writers import FORMATS, format_of, open_writer, write_whole, writer_class

__all__ = ["FORMATS", "RowWriter", "format_of", "open_writer", "write_whole", "writer_class"]
