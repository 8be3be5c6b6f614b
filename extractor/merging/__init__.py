"""Findings of all sources become the one meta object."""
