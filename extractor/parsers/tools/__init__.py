"""Tools with a form of their own, a module each."""
