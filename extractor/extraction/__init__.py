"""The story of one file, from what a caller gives to its record."""
