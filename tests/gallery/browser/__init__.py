"""A package, so that what is made for one ends with its tests: the browser's event loop would stand in others' way."""
