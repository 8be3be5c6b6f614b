"""The SQLite catalog."""
