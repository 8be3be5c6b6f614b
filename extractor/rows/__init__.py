"""One result as a row: its columns, whatever format they are written in."""
