"""Parsers: the texts of a file to findings, one module per family of generators. No bytes here."""
