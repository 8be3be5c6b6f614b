"""Cuts a file into its pieces, for readers and writers alike; what the pieces say is not known here."""
