"""Runs over more images than one process, or one machine, should read at once: listed in parts, done part by part."""
