"""Sampler names: the A1111 display name for the words of other tools."""
