"""Bytes in and out: sources that are read at any offset, and files that are written whole or not at all."""
