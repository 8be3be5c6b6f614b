"""Readers: bytes to `Embedded`, one module per container. No pixel is decoded here."""
