"""Infotext, the lines of settings that A1111 and its many descendants write."""
